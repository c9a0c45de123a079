// Word lists: things one can hold, wear, eat, ride; what they are made of and look like.
export const colors =
  "red blue green yellow orange purple pink brown black white gray silver golden violet turquoise scarlet crimson navy beige ivory maroon amber teal indigo tan cream bronze copper lilac emerald".split(
    " ",
  );
export const sizes =
  "small big tiny large huge little tall short long wide narrow thin thick giant enormous".split(" ");
export const materials =
  "wood metal glass paper stone clay cloth leather wool cotton silk plastic rubber iron steel copper brass gold silver tin bamboo straw marble wax felt cardboard velvet linen ivory porcelain".split(
    " ",
  );
export const solids =
  "wood metal glass stone clay leather plastic iron steel copper brass gold silver tin bamboo wax cardboard marble ivory porcelain".split(
    " ",
  );
export const beastSizes = "small big tiny large huge little".split(" ");
export const toys =
  "ball,doll,kite,puzzle,drum,whistle,teddy bear,toy car,toy boat,toy train,robot,spinning top,yo-yo,jump rope,wooden horse,puppet,marble,balloon,paper plane,building block,sled,swing,scooter,skateboard,music box,rocking horse,board game,chess set,toy soldier,toy castle,frisbee,bubble wand,water gun,hoop,stuffed rabbit,toy dinosaur".split(
    ",",
  );
export const objects =
  "book,lamp,clock,mirror,basket,bottle,bucket,blanket,pillow,candle,key,lock,box,bag,chair,table,stool,bench,bed,carpet,curtain,picture,vase,cup,plate,bowl,spoon,fork,knife,teapot,kettle,pan,pot,jar,lid,tray,broom,brush,comb,soap,towel,sponge,ladder,rope,hammer,nail,saw,drill,shovel,rake,wheel,wagon,umbrella,suitcase,backpack,wallet,purse,coin,ring,necklace,bracelet,watch,compass,map,telescope,camera,radio,phone,computer,pencil,pen,eraser,notebook,letter,envelope,stamp,newspaper,magazine,dictionary,diary,ruler,scissors,needle,thread,button,ribbon,zipper,flag,bell,lantern,torch,match,tent,hook,net,fishing rod,oar,anchor,barrel,crate,chest,drawer,shelf,cupboard,wardrobe,sofa,armchair,cradle,statue,fountain,fence,gate,mailbox,birdhouse,windmill,feather,shell,pebble,crystal,treasure map,magnet,battery,flashlight,fan,heater,oven,stove,fridge,toaster,iron,sewing machine,typewriter,globe,calendar,poster,badge,medal,trophy,crown,mask,wand,shield,helmet,sword".split(
    ",",
  );
export const smallThings =
  "key,ring,coin,watch,book,hat,scarf,glove,ball,doll,kite,pencil,button,whistle,letter,map,necklace,bracelet,wallet,notebook,camera,umbrella,lunch box,mitten,flute,compass,drum,puzzle,toy boat,toy car,teddy bear,backpack,ribbon,lantern,shell,badge,medal,purse,diary,paintbrush,harmonica,flashlight,yo-yo,music box,bell,magnet,spoon,cap,sock,boot".split(
    ",",
  );
export const clothes =
  "hat,cap,scarf,coat,jacket,sweater,shirt,blouse,dress,skirt,trousers,jeans,shorts,socks,shoes,boots,sandals,slippers,gloves,mittens,belt,tie,vest,apron,raincoat,cloak,pajamas,robe,swimsuit,uniform,hood,shawl,cardigan,sneakers,helmet,bow tie,overalls,earmuffs".split(
    ",",
  );
export const patterns = "striped spotted plain checked flowery shiny dotted patched faded sparkling".split(
  " ",
);
export const objectAdjectives =
  "old new shiny dusty broken heavy light soft hard smooth rough round square flat sharp clean dirty strange pretty fine lovely beautiful ugly fancy simple cheap precious rare useful magic hidden tiny rusty wooden hollow empty full loose sturdy fragile delicate polished carved painted crooked worn bright dull cozy ancient modern curious handmade".split(
    " ",
  );
export const instruments =
  "piano violin guitar flute drum trumpet cello harp clarinet accordion banjo harmonica trombone saxophone organ lute tuba mandolin xylophone oboe fiddle bagpipe recorder tambourine".split(
    " ",
  );
export const vehicles =
  "car,bus,train,truck,bicycle,tram,boat,ship,ferry,canoe,raft,plane,helicopter,motorcycle,scooter,van,taxi,tractor,sled,wagon,carriage,rocket,submarine,balloon,sailboat,kayak,yacht,jeep,minibus,cable car".split(
    ",",
  );
export const fruits =
  "apple banana pear plum cherry grape peach apricot orange lemon lime melon mango papaya kiwi fig date pineapple strawberry raspberry blueberry blackberry cranberry gooseberry pomegranate coconut grapefruit tangerine watermelon".split(
    " ",
  );
export const vegetables =
  "carrot potato tomato onion garlic cabbage lettuce spinach pea bean corn pumpkin cucumber pepper radish turnip beet celery leek broccoli cauliflower mushroom eggplant zucchini parsnip kale asparagus artichoke".split(
    " ",
  );
export const groceries =
  "milk,butter,cheese,bread,eggs,flour,sugar,salt,pepper,rice,pasta,oil,vinegar,honey,jam,tea,coffee,juice,yogurt,cream,ham,chicken,fish,beef,sausages,beans,lentils,oats,cereal,nuts,raisins,chocolate,cocoa,cookies,crackers,biscuits,soup,noodles,tomatoes,potatoes,onions,carrots,apples,bananas,pears,lemons,oranges,grapes,cherries,plums,lettuce,spinach,mushrooms,garlic,ginger,cinnamon,vanilla,mustard,ketchup,mayonnaise,pickles,olives,peanut butter,ice cream,soap,candles,matches,napkins,toothpaste,shampoo,paper towels,tape,glue,string,batteries,light bulbs".split(
    ",",
  );
const notFood =
  /soap|candle|match|napkin|tooth|shampoo|paper|tape|glue|string|batter|bulb|ketchup|coffee|tea$/;
export const ingredients = groceries.filter((item) => !notFood.test(item));
export const staples =
  "milk butter cheese bread flour sugar salt rice oil honey jam juice yogurt cream chocolate cocoa garlic ginger cinnamon vanilla mustard spinach lettuce".split(
    " ",
  );
export const snacks =
  "apples,bananas,pears,plums,cherries,cookies,crackers,biscuits,nuts,carrots,grapes,pancakes,waffles,muffins,sandwiches,oranges,peaches,tomatoes,buns,rolls,pretzels,dumplings".split(
    ",",
  );
export const dishes =
  "soup,stew,pie,pizza,pasta,salad,sandwich,pancakes,waffles,omelet,curry,rice,noodles,dumplings,bread,cake,cookies,muffins,pudding,porridge,toast,roast chicken,fish cakes,meatballs,sausages,tacos,burrito,lasagna,risotto,sushi,tofu,kebab,goulash,chili,fried eggs,baked potatoes,mashed potatoes,apple pie,cherry tart,fruit salad,vegetable soup,onion soup,tomato soup,chicken soup,lentil stew,bean stew,cheese sandwich,jam sandwich,rice pudding,carrot cake,lemon cake,chocolate cake,gingerbread,popcorn,jelly,ice cream,honey cake".split(
    ",",
  );
export const drinks =
  "water,milk,tea,coffee,juice,lemonade,cocoa,hot chocolate,apple juice,orange juice,ginger tea,mint tea,cider,soda,milkshake,smoothie,iced tea,grape juice,buttermilk".split(
    ",",
  );
export const singularDishes = dishes.filter((dish) => !dish.endsWith("s"));
export const tastes =
  "sweet sour salty bitter spicy fresh creamy crunchy juicy tasty delicious rich mild plain warm".split(" ");
export const tools =
  "hammer saw drill wrench screwdriver pliers axe shovel rake hoe spade chisel file ladder rope bucket broom brush needle scissors knife paintbrush tape ruler".split(
    " ",
  );
export const shapes =
  "round,square,oval,flat,long,curved,pointed,heart-shaped,star-shaped,triangular,egg-shaped".split(",");
export const gifts =
  "book,cake,scarf,drawing,kite,puzzle,plant,basket of fruit,box of chocolates,painting,music box,necklace,toy boat,warm blanket,pair of gloves,bunch of flowers,wooden bird,photo album,song,poem,lantern,clay pot,birdhouse,jar of honey,silver bell,cookbook,globe,telescope,chess set,hat".split(
    ",",
  );
export const bookSubjects =
  "pirates,dragons,stars,horses,trains,gardens,ghosts,kings,robots,the sea,the moon,birds,cooking,mountains,detectives,dinosaurs,magic,knights,whales,music,numbers,volcanoes,old castles,brave children,a lost island,a talking cat,a secret door,space travel,ancient maps,clever thieves".split(
    ",",
  );
