// Word lists: people, their jobs, feelings and kin.
export const girls =
  "Mia Anna Lily Emma Sara Nora Ella Zoe Ruby Lucy Grace Chloe Rosa Maya Leah Alice Clara Ivy Hazel Julia Nina Eva Molly Daisy Amy Kate Jane Helen Laura Olivia Sophie Hannah Emily Sally Penny Betty Wendy Tina Gina Carla Diana Paula Vera Wanda Yuki Aiko Mei Ling Priya Anita Fatima Layla Amina Zara Noor Ines Elena Marta Sofia Lucia Carmen Bianca Greta Heidi Ingrid Freya Astrid Linnea Maren Tove Signe Olga Irina Tanya Katya Mila Petra Hana Eliska Zuzana Agnes Edith Esther Judith Miriam Naomi Rachel Rebecca Ruth Sarah Tamar Abigail Beth Cora Dora Fiona Gwen Holly Iris Joan Kira Lena Mabel Nell Opal Pearl Quinn Rita Stella Tessa Una Viola Willa Yara Adele Bella Celia Delia Elsie Flora Gloria Hilda Imani Joy Kiki Lola Mona Nadia Odette Polly Rhea Selma Thea Ursula Violet Winnie Xenia Yvonne Zelda Camille Colette Elise Margot Simone Juliette Akira Keiko Sakura Lan Thuy Jamila Kezia Makena Nia Wanjiru Ayana Chika Ada".split(
    " ",
  );
export const boys =
  "Tom Ben Sam Max Leo Jack Finn Noah Oscar Luke Adam Paul Mark Peter John David Eric Frank George Henry Ivan James Karl Liam Martin Nick Oliver Patrick Ralph Simon Theo Victor Will Zach Alex Andy Billy Bobby Charlie Danny Eddie Freddie Gary Harry Jimmy Kevin Larry Mike Ned Otto Percy Rick Steve Teddy Tim Toby Walter Yusuf Omar Ali Hassan Karim Tariq Rashid Samir Amir Ravi Arjun Anil Vijay Kumar Sanjay Dev Kenji Hiro Taro Jun Wei Chen Feng Bao Minh Duc Lars Sven Erik Nils Bjorn Magnus Anders Jonas Emil Hugo Felix Klaus Dieter Hans Fritz Jakob Lukas Matteo Marco Luca Paolo Enzo Dante Bruno Diego Carlos Pablo Pedro Miguel Javier Luis Jorge Rafael Mateo Andres Boris Igor Dmitri Pavel Milan Marek Tomas Jan Piet Aaron Caleb Daniel Elijah Gideon Isaac Jacob Joel Jonah Joshua Levi Micah Nathan Reuben Saul Abel Basil Cedric Dennis Edgar Floyd Gilbert Homer Irving Jasper Kurt Lionel Milo Norman Orson Philip Quentin Roger Stanley Tristan Ulrich Vernon Wesley Xavier Zane Kofi Kwame Jabari Sefu Tendai Chidi Emeka Femi Tunde Amari".split(
    " ",
  );
export const surnames =
  "Brown Green White Black Gray Hill Lake Wood Stone Field Brook Rivers Marsh Ford Bridge Church Castle Baker Miller Smith Cook Fisher Hunter Carter Potter Taylor Turner Walker Mason Weaver Archer Shepherd Gardner Carpenter Parker Porter Butler Clark Cooper Dyer Falk Grant Hart Irwin Jensen Keller Lopez Moreno Nilsen Olsen Perez Rossi Silva Torres Vance Weber Young Ziegler Adams Bennett Collins Dawson Ellis Foster Gibson Harris Hughes Jenkins Kelly Lewis Morgan Nelson Owens Powell Quigley Reed Shaw Tucker Underwood Vaughn Watson Yates Okoro Mensah Diallo Haddad Nasser Rahman Singh Patel Sharma Gupta Tanaka Suzuki Mori Kim Park Lee Wong Tran Nguyen Petrov Novak Kovac Horvat Lindgren Berg Holm Dahl Strand".split(
    " ",
  );
export const jobs =
  "baker teacher doctor nurse farmer gardener painter sailor builder carpenter plumber pilot driver singer dancer writer poet actor cook chef waiter tailor shoemaker blacksmith potter weaver fisherman hunter shepherd miller butcher grocer florist librarian postman firefighter dentist vet scientist engineer mechanic electrician clockmaker jeweler photographer musician drummer violinist pianist conductor juggler clown magician acrobat astronaut diver explorer guide ranger lifeguard coach referee judge lawyer clerk banker cashier barber hairdresser cleaner janitor guard soldier knight captain cobbler beekeeper astronomer chemist biologist geologist historian architect designer programmer printer bookseller translator reporter editor messenger porter captain mayor minister monk scholar student tutor nanny midwife pharmacist surgeon optician glazier mason roofer welder sculptor potter illustrator inventor".split(
    " ",
  );
export const kin =
  "mother father sister brother aunt uncle cousin grandmother grandfather neighbor friend grandma grandpa".split(
    " ",
  );
export const goodFeelings =
  "happy glad proud cheerful joyful delighted excited pleased thankful hopeful calm relieved content peaceful grateful".split(
    " ",
  );
export const badFeelings =
  "sad worried afraid angry upset lonely tired nervous scared sorry confused bored gloomy anxious jealous ashamed unhappy puzzled restless embarrassed grumpy disappointed frightened homesick".split(
    " ",
  );
export const traits =
  "kind clever brave shy funny quiet gentle honest patient curious careful lazy proud polite stubborn cheerful generous friendly wise strong bold silly playful helpful thoughtful loyal dreamy busy tidy messy noisy calm serious modest nimble graceful witty sensible eager humble creative reliable forgetful talkative stern lively merry daring cautious".split(
    " ",
  );
export const hobbies =
  "reading,painting,swimming,singing,dancing,cooking,baking,fishing,hiking,running,cycling,skating,sailing,climbing,gardening,knitting,sewing,drawing,writing,chess,juggling,photography,surfing,skiing,camping,riding,rowing,archery,pottery,carving,weaving,origami,stargazing,birdwatching,gymnastics,fencing,judo,tennis,football,basketball,volleyball,hockey,baseball,golf,cricket,badminton,puzzles,magic tricks,card games,board games,model trains,stamp collecting,coin collecting,rock climbing,bowling,boxing,wrestling,yoga,diving,kite flying".split(
    ",",
  );
export const hair =
  "black,brown,blond,red,gray,white,curly,straight,long,short,dark,light brown,wavy,thick,messy,silver".split(
    ",",
  );
export const voices =
  "soft loud deep high gentle rough clear warm quiet cheerful hoarse sweet squeaky booming".split(" ");
