// Word lists: places, towns, time, and the parts of proper names ("The Golden Spoon").
export const places =
  "park,market,library,school,beach,forest,farm,garden,museum,zoo,station,harbor,bakery,castle,village,river,lake,hill,meadow,playground,theater,hospital,shop,mill,barn,tower,bridge,island,cave,square,church,temple,garage,kitchen,attic,cellar,workshop,studio,stadium,pool,cafe,hotel,inn,airport,bookshop,post office,toy shop,fire station,train station,bus stop,town hall,orchard,greenhouse,lighthouse,windmill,campsite,pier,circus,fair,palace,cinema,office,factory,gym,aquarium,observatory,pet shop,flower shop".split(
    ",",
  );
export const outdoors =
  "park,forest,beach,meadow,garden,river,lake,hill,orchard,field,valley,playground,harbor,farm,campsite,pier,island,vineyard,pond,trail".split(
    ",",
  );
export const rooms =
  "kitchen,bedroom,living room,bathroom,attic,cellar,hall,garage,dining room,pantry,study,nursery,balcony,porch,closet,laundry room,guest room".split(
    ",",
  );
export const hidingPlaces =
  "under the bed,behind the sofa,in the garden,under a bush,in a drawer,behind the door,on the roof,under a pile of leaves,in an old shoe,at the bottom of a bag,behind a tall tree,in the mud,under the stairs,inside a flower pot,beside the fence,on a high shelf,under the table,in the sandbox,between two rocks,next to the well,in a coat pocket,under the porch,behind the curtain,inside the piano".split(
    ",",
  );
export const townFirst =
  "Oak Green River Spring Stone Maple Silver Rose Ash Elm Clear Bright Fair Long Red White Black North South East West Winter Summer Mill Bell Fox Wolf Hawk Swan Crow Lake Sand Salt Snow Moss Fern Thorn Honey Gold Iron Copper".split(
    " ",
  );
export const townLast =
  "ton field ville dale ford bridge wood haven port hill brook mouth bury ham stead well gate view marsh mere shore cliff".split(
    " ",
  );
export const cities =
  "Paris London Rome Berlin Madrid Vienna Oslo Lisbon Dublin Athens Prague Warsaw Cairo Tokyo Delhi Lima Boston Chicago Toronto Sydney Nairobi Lagos Seoul Hanoi Havana Geneva Munich Milan Venice Naples Porto Seville Bergen Helsinki Stockholm Copenhagen Amsterdam Brussels Budapest Zagreb Sofia Istanbul Dakar Accra Tunis Quito Bogota Santiago Denver Dallas Austin Seattle Montreal".split(
    " ",
  );
export const countries =
  "France Spain Italy Germany Norway Sweden Finland Poland Greece Turkey Egypt Kenya Ghana Morocco India China Japan Korea Vietnam Thailand Brazil Chile Peru Mexico Canada Ireland Scotland Portugal Austria Iceland Denmark Hungary Nepal Cuba".split(
    " ",
  );
export const days = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(" ");
export const months =
  "January February March April May June July August September October November December".split(" ");
export const dayParts = "morning afternoon evening night".split(" ");
export const signAdjectives =
  "Golden Silver Red Blue Green White Black Happy Merry Lucky Sleepy Hungry Jolly Old Little Big Quiet Laughing Dancing Flying Running Singing Wandering Crooked Rusty Royal Secret Sunny Rainy Frosty Wild Brave Proud Lazy Dizzy Busy Humble Velvet Copper Crystal Purple Orange Pink Twisted Broken Shining Hidden Lonely Gentle Clever".split(
    " ",
  );
export const signNouns =
  "Spoon Fork Kettle Lion Bear Fox Swan Rose Oak Anchor Crown Bell Lantern Wheel Star Moon Sun Pear Apple Lemon Olive Pepper Barrel Bridge Castle Dragon Duck Goose Hen Rooster Owl Raven Sparrow Dolphin Whale Ship Compass Candle Feather Button Basket Plate Table Garden Harbor Mill River Turtle Tiger Pony Rabbit Badger Otter Heron Falcon Cactus Tulip Daisy Clover Mushroom Acorn".split(
    " ",
  );
export const shopKinds =
  "bakery,bookshop,toy shop,cafe,flower shop,shoe shop,pet shop,tea house,grocery,hat shop,music shop,candy shop,bike shop,clock shop,hotel,inn,art shop,tailor shop,fish shop,cheese shop,garden shop,print shop,coffee house,furniture shop,lamp shop".split(
    ",",
  );
export const streets =
  "Main Street,Mill Lane,Park Road,High Street,Garden Street,River Road,Church Lane,Station Road,Hill Street,Market Square,Bridge Street,King Street,Queen Street,Oak Avenue,Maple Avenue,Pine Street,Elm Street,Lake Road,Harbor Street,Castle Road,School Lane,Rose Street,North Street,South Street,West Lane,East Road,Old Town Square,Forest Road,Meadow Lane,Spring Street".split(
    ",",
  );
export const numberWords =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split(
    " ",
  );
export const placeAdjectives =
  "quiet busy old small large crowded sunny dark peaceful lovely green noisy empty famous hidden pretty dusty cozy wide narrow steep misty bright cool shady".split(
    " ",
  );
