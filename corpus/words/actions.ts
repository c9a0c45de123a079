// Word lists: what people do, how they do it, and small phrases that carry the stories.
export const pastMotions =
  "walked ran hurried skipped marched wandered strolled rushed hopped crept climbed jogged raced traveled tiptoed dashed trotted rode drifted".split(
    " ",
  );
export const adverbs =
  "quickly slowly carefully quietly loudly gently happily bravely eagerly politely kindly calmly proudly softly suddenly cheerfully patiently gladly firmly boldly lightly warmly shyly wisely neatly silently tightly smoothly swiftly gratefully honestly playfully".split(
    " ",
  );
export const saidVerbs =
  "said said said whispered shouted replied cried laughed called murmured exclaimed sighed mumbled".split(
    " ",
  );
export const askVerbs = "asked asked asked wondered inquired".split(" ");
export const lookVerbs = "looked searched hunted peeked".split(" ");
export const wantToDo =
  "learn to swim,build a tree house,fly a kite,bake a cake,plant a garden,paint a picture,win the race,find a friend,see the ocean,climb the hill,ride a horse,play the piano,make a boat,catch a fish,write a song,build a sandcastle,see the stars,grow a pumpkin,learn to whistle,learn to juggle,sing on the stage,fix the old bicycle,read every book in the library,make a snowman,cook dinner,visit the lighthouse,sail to the island,tame a bird,draw a map,learn to skate,knit a scarf,hear the owl,find a shooting star,cross the river,carve a wooden bird".split(
    ",",
  );
export const chores =
  "wash the dishes,sweep the floor,feed the chickens,water the plants,make the bed,fold the clothes,carry the wood,clean the windows,rake the leaves,paint the fence,milk the cow,pick the apples,set the table,mop the kitchen,dust the shelves,weed the garden,walk the dog,mend the net,chop the carrots,sort the buttons,polish the shoes,take out the trash,shovel the snow,collect the eggs,hang the laundry,fill the kettle,brush the horse,stack the bricks,empty the basket,sharpen the pencils".split(
    ",",
  );
export const skills =
  "swim ride skate whistle juggle sew knit cook bake sing dance paint read write climb ski sail row fish draw type carve dive paddle".split(
    " ",
  );
export const events =
  "party,picnic,concert,play,parade,race,wedding,festival,fair,dance,feast,contest,match,meeting,lesson,class trip,circus show,birthday,market day,quiz,bake sale,art show,puppet show,boat race,camping trip,talent show,spelling bee,science fair,harvest feast,bonfire".split(
    ",",
  );
export const noises =
  "crash,bang,squeak,splash,rustle,thump,creak,howl,whistle,rumble,knock,buzz,click,roar,hum,tap".split(",");
export const lessons =
  "it is good to share,it is better to ask for help,friends help each other,being kind is easy,practice makes things better,even small friends can do big things,telling the truth is best,it is wise to be patient,trying again is brave,a kind word costs nothing,being different is fine,work is lighter with two,it is good to listen,careful people lose fewer things,you should never give up,little by little makes a lot,promises must be kept,a good plan saves time".split(
    ",",
  );
export const idioms =
  "as fast as possible,with a big smile,without a word,for a long time,again and again,one more time,all day long,at once,step by step,with great care,as quietly as a mouse,with all might,for a moment,side by side".split(
    ",",
  );
export const contestKinds =
  "running race,boat race,pie contest,singing contest,drawing contest,kite contest,chess match,swimming race,spelling contest,dance contest,snowball contest,sandcastle contest,sack race,bicycle race,jumping contest,pumpkin contest,cooking contest,juggling contest,skating race,poetry contest".split(
    ",",
  );
export const problems =
  "the roof leaked,the clock stopped,the wheel was flat,the well was dry,the bridge was broken,the lamp went out,the door was stuck,the boat had a hole,the fence fell down,the oven was cold,the path was blocked,the bell would not ring,the radio was silent,the window was cracked,the gate would not close,the pump was frozen".split(
    ",",
  );
export const schoolSubjects =
  "math,reading,history,science,music,art,geography,spelling,French,Spanish,biology,chemistry,physics,drama,poetry,computing".split(
    ",",
  );
