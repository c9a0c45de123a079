// Word lists: animals, plants, weather, land.
export const pets =
  "dog cat rabbit hamster parrot turtle puppy kitten goldfish mouse pony duck goose hen goat lamb canary lizard ferret".split(
    " ",
  );
export const animals =
  "dog cat rabbit fox bear wolf deer squirrel hedgehog badger otter beaver mouse rat mole bat owl eagle hawk crow raven robin sparrow swallow pigeon dove duck goose swan heron stork crane pelican gull penguin ostrich peacock turkey hen rooster horse donkey mule cow bull sheep goat pig camel llama elephant lion tiger leopard cheetah panther jaguar zebra giraffe hippo rhino monkey gorilla chimpanzee kangaroo koala panda raccoon skunk weasel ferret lizard snake turtle tortoise crocodile alligator frog toad newt salamander fish trout salmon shark whale dolphin seal walrus octopus squid crab lobster shrimp snail slug worm spider ant bee wasp butterfly moth beetle ladybug dragonfly grasshopper cricket firefly moose elk bison antelope lynx hare porcupine chipmunk parrot canary finch woodpecker kingfisher falcon vulture hamster pony yak buffalo sloth armadillo meerkat lemur".split(
    " ",
  );
export const wildAnimals =
  "fox bear wolf deer squirrel hedgehog badger otter beaver mouse mole owl eagle crow raven robin sparrow swan heron stork penguin lion tiger leopard zebra giraffe monkey kangaroo koala panda raccoon turtle tortoise frog toad snail bee butterfly hare elephant donkey goat lynx moose parrot".split(
    " ",
  );
export const animalSounds =
  "barked growled squeaked hooted howled chirped hissed roared purred whined snorted".split(" ");
export const flowers =
  "rose tulip daisy lily violet poppy sunflower daffodil orchid iris marigold lavender jasmine carnation lilac peony crocus bluebell buttercup dandelion pansy geranium hyacinth primrose snowdrop thistle clover aster dahlia petunia".split(
    " ",
  );
export const trees =
  "oak pine birch maple willow elm ash beech cedar fir spruce palm chestnut walnut poplar cypress hazel alder linden sycamore olive fig hawthorn rowan redwood larch".split(
    " ",
  );
export const weather =
  "sunny rainy cloudy windy snowy foggy stormy warm cold cool hot misty frosty chilly icy mild humid dry gray bright".split(
    " ",
  );
export const storms =
  "storm,thunderstorm,snowstorm,blizzard,heavy rain,flood,strong wind,thick fog,hailstorm".split(",");
export const seasons = "spring summer autumn winter".split(" ");
export const landscapes =
  "forest,meadow,valley,mountain,hill,river,lake,beach,island,desert,swamp,cave,cliff,waterfall,field,orchard,garden,pond,canyon,glacier,jungle,plain,marsh,bay,stream,spring,volcano,dune,moor,grove".split(
    ",",
  );
export const habitats =
  "in the forest,by the river,under the ground,in a hollow tree,on a farm,near the sea,high in the mountains,in the tall grass,beside a pond,in a dark cave,on a rocky island,in the jungle,at the edge of the desert,in an old barn,under the bridge,in the snow,deep in the ocean,on the plain".split(
    ",",
  );
export const animalFoods =
  "grass leaves nuts seeds berries fish insects worms roots fruit honey hay carrots corn bread cheese acorns mushrooms apples flies clams clover bark".split(
    " ",
  );
export const stars =
  "moon,sun,stars,comet,clouds,rainbow,sunset,sunrise,lightning,northern lights,evening star".split(",");
