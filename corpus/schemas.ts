// Kinds of things that have attributes. One record of such a kind is told as a list, as sentences, or asked
// about; the model learns there to copy a value from further up in the text.

/** A field's name, the word list its values come from, clauses about it ({v} the value), and questions. */
export interface Field {
  key: string;
  list: string;
  clauses: readonly string[];
  questions?: readonly string[];
}

export interface Schema {
  kind: string;
  /** The subject as it is called after its first mention ("it", or "he" for a person). */
  pronoun: "it" | "person";
  fields: readonly Field[];
}

const field = (key: string, list: string, clauses: string, ...questions: string[]): Field => ({
  key,
  list,
  clauses: clauses.split("; "),
  questions,
});

const name = (list: string): Field => field("name", list, "");

export const schemas: readonly Schema[] = [
  {
    kind: "person",
    pronoun: "person",
    fields: [
      name("persons"),
      field("age", "ages", "{s} is {v} years old", "How old is {name}?"),
      field(
        "job",
        "jobs",
        "{s} works as {a v}; {s} is {a v}; {p} job is {v}",
        "What is the job of {name}?",
        "What does {name} do?",
      ),
      field(
        "city",
        "cities",
        "{s} lives in {v}; {p} home is in {v}; {s} comes from {v}",
        "Where does {name} live?",
      ),
      field("hobby", "hobbies", "{s} likes {v}; {s} enjoys {v}; {p} hobby is {v}", "What does {name} like?"),
      field("hair", "hair", "{s} has {v} hair; {p} hair is {v}", "What is the hair of {name} like?"),
      field("pet", "pets", "{s} has {a v}; {s} keeps {a v}", "What pet does {name} have?"),
      field(
        "food",
        "dishes",
        "{s} loves {v}; {p} favorite food is {v}",
        "What is the favorite food of {name}?",
      ),
    ],
  },
  {
    kind: "pupil",
    pronoun: "person",
    fields: [
      name("persons"),
      field("age", "smallAges", "{s} is {v} years old; {s} is {v}", "How old is {name}?"),
      field("town", "towns", "{s} goes to school in {v}; {s} lives in {v}", "Where is the school of {name}?"),
      field(
        "subject",
        "schoolSubjects",
        "{p} best subject is {v}; {s} is good at {v}",
        "What is {name} good at?",
      ),
      field(
        "sport",
        "hobbies",
        "after school {s} does {v}; {s} likes {v} after school",
        "What does {name} do after school?",
      ),
      field(
        "color",
        "colors",
        "{p} favorite color is {v}; {s} likes the color {v}",
        "What color does {name} like?",
      ),
      field("bag", "colors", "{p} bag is {v}; {s} carries {a v} bag", "What color is the bag of {name}?"),
    ],
  },
  {
    kind: "animal",
    pronoun: "it",
    fields: [
      name("persons"),
      field("animal", "animals", "{s} is {a v}", "What kind of animal is {name}?"),
      field("color", "colors", "{s} is {v}; {p} color is {v}", "What color is {name}?"),
      field("home", "habitats", "{s} lives {v}; {p} home is {v}", "Where does {name} live?"),
      field("food", "animalFoods", "{s} eats {v}; {s} likes {v} most", "What does {name} eat?"),
      field("size", "sizes", "{s} is {v}", "How big is {name}?"),
      field("character", "traits", "{s} is {v}; {s} is very {v}", "What is {name} like?"),
    ],
  },
  {
    kind: "shop",
    pronoun: "it",
    fields: [
      name("signNames"),
      field("type", "shopKinds", "{s} is {a v}", "What is {name}?", "What kind of shop is {name}?"),
      field("street", "streets", "{s} is in {v}; you find it in {v}", "Where is {name}?"),
      field("town", "towns", "{s} is in {v}", "In which town is {name}?"),
      field("owner", "persons", "{p} owner is {v}; {s} belongs to {v}", "Who owns {name}?"),
      field("opens", "openHours", "{s} opens at {v}", "When does {name} open?"),
      field("closed", "days", "{s} is closed on {v}", "When is {name} closed?"),
      field("color", "colors", "{p} door is {v}; {s} has {a v} door", "What color is the door of {name}?"),
    ],
  },
  {
    kind: "book",
    pronoun: "it",
    fields: [
      name("signNames"),
      field("author", "authors", "{s} was written by {v}; {p} author is {v}", "Who wrote {name}?"),
      field("subject", "bookSubjects", "{s} is about {v}; {s} tells of {v}", "What is {name} about?"),
      field("pages", "pageCounts", "{s} has {v} pages", "How many pages does {name} have?"),
      field("price", "prices", "{s} costs {v}; {p} price is {v}", "What does {name} cost?"),
      field("cover", "colors", "{p} cover is {v}; {s} has {a v} cover", "What color is the cover of {name}?"),
      field("year", "years", "{s} came out in {v}; {s} was printed in {v}", "When did {name} come out?"),
    ],
  },
  {
    kind: "toy",
    pronoun: "it",
    fields: [
      field("name", "toys", ""),
      field("color", "colors", "{s} is {v}", "What color is the {name}?"),
      field("material", "solids", "{s} is made of {v}", "What is the {name} made of?"),
      field("price", "prices", "{s} costs {v}; {p} price is {v}", "How much is the {name}?"),
      field("size", "sizes", "{s} is {v}", "What size is the {name}?"),
      field("owner", "persons", "{s} belongs to {v}; {p} owner is {v}", "Who has the {name}?"),
      field("place", "rooms", "{s} is in the {v}; you find it in the {v}", "Where is the {name}?"),
    ],
  },
  {
    kind: "house",
    pronoun: "it",
    fields: [
      field("address", "addresses", ""),
      field("color", "colors", "{s} is {v}; {p} walls are {v}"),
      field("rooms", "smallNumbers", "{s} has {v} rooms"),
      field("roof", "colors", "{s} has {a v} roof; {p} roof is {v}"),
      field("garden", "sizes", "{p} garden is {v}; {s} has {a v} garden"),
      field("family", "surnames", "the {v} family lives there; {s} belongs to the {v} family"),
      field("tree", "trees", "{a v} grows in front of it; {s} stands beside {a v}"),
    ],
  },
  {
    kind: "town",
    pronoun: "it",
    fields: [
      name("towns"),
      field("country", "countries", "{s} is in {v}; {s} is a town in {v}", "In which country is {name}?"),
      field(
        "people",
        "populations",
        "{s} has {v} people; {v} people live there",
        "How many people live in {name}?",
      ),
      field("near", "landscapes", "{s} is near {a v}; there is {a v} close by", "What is {name} near?"),
      field("sight", "places", "{s} has {a v}; {s} has a famous {v}", "What is {name} famous for?"),
      field(
        "weather",
        "weather",
        "the weather is {v} there; {s} is often {v}",
        "How is the weather in {name}?",
      ),
      field("mayor", "authors", "{p} mayor is {v}; the mayor is {v}", "Who is the mayor of {name}?"),
    ],
  },
  {
    kind: "event",
    pronoun: "it",
    fields: [
      field("name", "events", ""),
      field("day", "days", "{s} is on {v}; {s} takes place on {v}", "On which day is the {name}?"),
      field("time", "openHours", "{s} starts at {v}; {s} begins at {v}", "When does the {name} start?"),
      field("place", "places", "{s} is at the {v}; {s} takes place at the {v}", "Where is the {name}?"),
      field("host", "authors", "{p} host is {v}; {v} leads it", "Who is the host of the {name}?"),
      field(
        "bring",
        "groceries",
        "people should bring {v}; please bring {v}",
        "What should people bring to the {name}?",
      ),
      field("price", "prices", "a ticket costs {v}; {s} costs {v}", "How much is a ticket for the {name}?"),
    ],
  },
  {
    kind: "vehicle",
    pronoun: "it",
    fields: [
      field("name", "vehicles", ""),
      field("color", "colors", "{s} is {v}", "What color is the {name}?"),
      field("driver", "persons", "{v} drives it; {p} driver is {v}", "Who drives the {name}?"),
      field("from", "towns", "{s} starts in {v}; {s} comes from {v}", "Where does the {name} start?"),
      field("to", "towns", "{s} goes to {v}; {s} is on the way to {v}", "Where does the {name} go?"),
      field("load", "groceries", "{s} carries {v}; it is full of {v}", "What does the {name} carry?"),
      field("leaves", "openHours", "{s} leaves at {v}", "When does the {name} leave?"),
    ],
  },
  {
    kind: "plant",
    pronoun: "it",
    fields: [
      field("name", "flowers", ""),
      field("color", "colors", "{s} is {v}; {p} petals are {v}", "What color is the {name}?"),
      field("place", "outdoors", "{s} grows in the {v}; it stands in the {v}", "Where does the {name} grow?"),
      field("height", "heights", "{s} is {v} tall", "How tall is the {name}?"),
      field("blooms", "months", "{s} blooms in {v}", "When does the {name} bloom?"),
      field("owner", "persons", "{v} planted it; {v} waters it", "Who takes care of the {name}?"),
    ],
  },
  {
    kind: "meal",
    pronoun: "it",
    fields: [
      field("name", "singularDishes", ""),
      field("cook", "persons", "{v} cooked it; {v} made it", "Who made the {name}?"),
      field("main", "ingredients", "{s} is made with {v}; {s} has {v} in it", "What is in the {name}?"),
      field("taste", "tastes", "{s} tastes {v}; {s} is {v}", "How does the {name} taste?"),
      field("drink", "drinks", "it goes with {v}; people drink {v} with it", "What goes with the {name}?"),
      field("price", "prices", "{s} costs {v}", "What does the {name} cost?"),
      field("day", "days", "you can have it on {v}; it is served on {v}", "When is the {name} served?"),
    ],
  },
  {
    kind: "instrument",
    pronoun: "it",
    fields: [
      field("name", "instruments", ""),
      field("player", "authors", "{v} plays it; {p} player is {v}", "Who plays the {name}?"),
      field("material", "solids", "{s} is made of {v}", "What is the {name} made of?"),
      field("age", "ages", "{s} is {v} years old", "How old is the {name}?"),
      field("sound", "voices", "{p} sound is {v}; {s} sounds {v}", "How does the {name} sound?"),
      field("price", "prices", "{s} costs {v}", "How much is the {name}?"),
      field("place", "cities", "{s} was made in {v}; {s} comes from {v}", "Where was the {name} made?"),
    ],
  },
  {
    kind: "lost thing",
    pronoun: "it",
    fields: [
      field("name", "smallThings", ""),
      field("color", "colors", "{s} is {v}", "What color is the {name}?"),
      field("look", "objectAdjectives", "{s} looks {v}; {s} is {v}", "How does the {name} look?"),
      field(
        "place",
        "places",
        "it was lost at the {v}; somebody lost it at the {v}",
        "Where was the {name} lost?",
      ),
      field("day", "days", "it was lost on {v}; that was on {v}", "When was the {name} lost?"),
      field("owner", "authors", "{s} belongs to {v}; {v} wants it back", "Whose {name} is it?"),
      field(
        "reward",
        "prices",
        "the reward is {v}; whoever finds it gets {v}",
        "What is the reward for the {name}?",
      ),
    ],
  },
  {
    kind: "game",
    pronoun: "it",
    fields: [
      name("signNames"),
      field(
        "players",
        "smallNumbers",
        "{v} people can play it; {s} is for {v} players",
        "How many people play {name}?",
      ),
      field("pieces", "toys", "you need {a v}; {s} is played with {a v}", "What do you need for {name}?"),
      field(
        "minutes",
        "tens",
        "{s} takes {v} minutes; one round lasts {v} minutes",
        "How long does {name} take?",
      ),
      field(
        "place",
        "rooms",
        "people play it in the {v}; {s} is played in the {v}",
        "Where do people play {name}?",
      ),
      field("maker", "authors", "{v} invented it; {s} was made by {v}", "Who made {name}?"),
      field("age", "smallAges", "{s} is for children over {v}", "For what age is {name}?"),
    ],
  },
  {
    kind: "ship",
    pronoun: "it",
    fields: [
      name("signNames"),
      field("captain", "authors", "{p} captain is {v}; {v} is the captain", "Who is the captain of {name}?"),
      field("sails", "colors", "{p} sails are {v}; {s} has {v} sails", "What color are the sails of {name}?"),
      field(
        "crew",
        "tens",
        "{s} has a crew of {v}; {v} sailors work on it",
        "How many sailors work on {name}?",
      ),
      field("cargo", "groceries", "{s} carries {v}; {p} cargo is {v}", "What does {name} carry?"),
      field("port", "cities", "{s} sails to {v}; {p} next port is {v}", "Where does {name} sail?"),
      field("speed", "smallNumbers", "{s} makes {v} knots", "How fast is {name}?"),
    ],
  },
];
