// Data to text: a restaurant's attributes become an inviting sentence that leaves none of them out.
import type { Draw } from "../draw";
import { expand, type Facts } from "../expand";
import { signAdjectives, signNouns } from "../words/places";
import type { Example, Task } from "./task";

const cuisines =
  "Italian French Indian Chinese Japanese Thai Greek Spanish Turkish Mexican Korean Vietnamese Polish Danish German English".split(
    " ",
  );
const values: Record<string, readonly string[]> = {
  food: cuisines,
  price: ["low", "fair", "high", "good", "small", "special"],
  area: ["city center", "old town", "harbor", "park", "market hall", "village", "castle", "forest", "museum"],
  mood: ["quiet", "cozy", "lively", "friendly", "sunny", "noisy", "romantic", "modern"],
};

/** Sentences by the attributes they use besides the name, in the order food, price, area, mood. */
const sentences: Record<string, readonly string[]> = {
  "food price": [
    "Come to {name} for {food} food at {a price} price!",
    "{name} has {food} food, and the price is {price}.",
  ],
  "food area": [
    "Come to {name} in the {area} for {food} food!",
    "{name} is {a food} restaurant in the {area}.",
  ],
  "food mood": ["Come to {name}, {a mood} place for {food} food!", "{name} is {a mood} {food} restaurant."],
  "price area": [
    "Come to {name} in the {area}, where the price is {price}!",
    "{name} in the {area} has {a price} price.",
  ],
  "food price area": [
    "Come to {name} in the {area} for {food} food at {a price} price!",
    "{name} in the {area} has {food} food at {a price} price.",
  ],
  "food area mood": [
    "Come to {name}, {a mood} place for {food} food in the {area}!",
    "{name} is {a mood} {food} restaurant in the {area}.",
  ],
  "food price mood": [
    "Come to {name}, {a mood} place for {food} food at {a price} price!",
    "{name} is {a mood} {food} restaurant with {a price} price.",
  ],
};

function drawExample(draw: Draw): Example {
  const keys = draw.pick(Object.keys(sentences));
  const facts: Facts = { name: `The ${draw.pick(signAdjectives)} ${draw.pick(signNouns)}` };
  for (const key of keys.split(" ")) facts[key] = draw.pick(values[key] as readonly string[]);
  const list = Object.entries(facts).map(([key, value]) => `${key}: ${value}`);
  return {
    prompt: `${list.join("; ")}\nAd:`,
    completion: ` ${expand(draw, draw.pick(sentences[keys] as readonly string[]), facts)}`,
  };
}

export const restaurants: Task = {
  name: "restaurants",
  title: "Restaurant facts to a sentence",
  description: "Attributes of made-up restaurants, each list with a sentence that invites people there.",
  goal: "Write one sentence that contains every attribute value of the list.",
  success: "Share of validation lists whose sentence contains all values (slot coverage).",
  metric: { kind: "slots", valuePattern: "\\w+: ([^;\\n]+)" },
  draw: drawExample,
};
