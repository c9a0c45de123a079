// Lists: shopping, packing, steps, recipes, plans for a week; each with a sentence that fits it.
import { drawCast } from "./cast";
import type { Draw } from "./draw";
import { capitalise, expand } from "./expand";
import { chores, wantToDo } from "./words/actions";
import { days } from "./words/places";
import { clothes, dishes, drinks, groceries, ingredients, objects, smallThings, toys } from "./words/things";

function bullets(draw: Draw, items: readonly string[]): string {
  const style = draw.below(6);
  const marks = ["- ", "* ", "", "[ ] ", "+ "];
  return items
    .map((item, i) => (style === 5 ? `${i + 1}. ${capitalise(item)}` : `${marks[style]}${item}`))
    .join("\n");
}

/** "milk, eggs and rice" */
export function enumeration(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

function shopping(draw: Draw): string {
  const facts = drawCast(draw);
  const source = draw.pick([groceries, groceries, objects, clothes, toys, smallThings]);
  const items = draw.sampleWords(source, draw.between(3, 7));
  const counted = items.map((item) =>
    item.endsWith("s") && draw.chance(0.4) ? `${draw.between(2, 12)} ${item}` : item,
  );
  facts.first = counted[0] as string;
  facts.all = enumeration(counted);
  facts.count = String(items.length);
  const head = expand(
    draw,
    "[Shopping list|To buy|Shopping list for {day}|{hero}'s shopping list|Things to pack|Packing list for {city}|Please buy|We need]:",
    facts,
  );
  const tail = expand(
    draw,
    "[{hero} went to the shop and bought {all}.|{hero} wrote the list. There are {count} things on it, and the first is {first}.|{hero} packed {all}.|{friend} asked {hero} to bring {all}.|]",
    facts,
  );
  return [head, bullets(draw, counted), tail && `\n${tail}`].filter(Boolean).join("\n");
}

function recipe(draw: Draw): string {
  const [a, b, c] = draw.sample(ingredients, 3) as [string, string, string];
  const dish = draw.pick(dishes);
  const facts = {
    ...drawCast(draw),
    a,
    b,
    c,
    dish,
    minutes: String(draw.between(1, 12) * 5),
    n: String(draw.between(2, 8)),
  };
  const steps = [
    "[Put|Pour] the {a} into {a adjective} [bowl|pot|pan].",
    "[Add|Stir in] the {b} [{adverb}|and mix well|bit by bit].",
    "[Cut the {c} into small pieces.|Add some {c}.|Cook it with {c}.]",
    "[Wait|Bake it|Cook it|Let it rest] for {minutes} minutes.",
    "Serve the {dish} with {drink}. [Enjoy!|It tastes {taste=tastes}.|It is enough for {n} people.]",
  ].map((step) => expand(draw, step, facts));
  const numbered = draw.chance(0.6);
  const head = expand(draw, "[How to make {dish}|Recipe: {dish}|{^dish}|{hero}'s {dish}]", facts);
  const needs = expand(draw, "[You need {a}, {b} and {c}.|Ingredients: {a}, {b}, {c}]", facts);
  return `${head}\n\n${needs}\n${steps.map((step, i) => (numbered ? `${i + 1}. ${step}` : step)).join(numbered ? "\n" : " ")}`;
}

function plan(draw: Draw): string {
  const facts = drawCast(draw);
  const count = draw.between(3, 5);
  const start = draw.below(3);
  const tasks = draw.sample([...chores, ...wantToDo], count);
  const lines = tasks.map((task, i) => `${days[start + i]}: ${task}`);
  const asked = draw.below(count);
  facts.when = days[start + asked] as string;
  facts.task = tasks[asked] as string;
  const head = expand(draw, "[{hero}'s week|Plan for the week|My plan|To do|{hero}'s plan]:", facts);
  const tail = expand(
    draw,
    "[On {when} {hero} will {task}.|What will {hero} do on {when}? {^he} will {task}.|When will {hero} {task}? On {when}.|]",
    facts,
  );
  return [head, lines.join("\n"), tail].filter(Boolean).join("\n");
}

function steps(draw: Draw): string {
  const facts = { ...drawCast(draw), goal: draw.pick([...chores, ...wantToDo]) };
  const texts = [
    "[First|To begin], [take|find|buy] {a o1=objects} and some {m1=materials}.",
    "[Then|Next|After that], ask {helper} [for help|for {a o2=tools}|what to do].",
    "[Go|Walk|Ride] to the {spot=places} in the {time=dayParts}.",
    "[Use the {o1} {adverb}.|Work {adverb}, {idiom}.|Do not forget the {m1}.]",
    "[At last|In the end|Finally], {goal}. [You will be {goodFeeling}.|Well done!|]",
  ].map((text, i) => `${i + 1}. ${expand(draw, text, facts)}`);
  return `${capitalise(expand(draw, "[how to {goal}|{hero} wants to {goal}|five steps to {goal}]", facts))}\n${texts.join("\n")}`;
}

function menu(draw: Draw): string {
  const items = draw
    .sample([...dishes, ...drinks], draw.between(3, 5))
    .map((item) => ({ item, price: draw.between(1, 20) }));
  const facts = drawCast(draw);
  const chosen = draw.pick(items);
  const mark = draw.pick([" ... ", ": ", " - ", " = ", " | "]);
  const lines = items.map(({ item, price }) => `${capitalise(item)}${mark}$${price}`);
  facts.item = chosen.item;
  facts.price = `$${chosen.price}`;
  const tail = expand(
    draw,
    "[{hero} ordered the {item} and paid {price}.|How much is the {item}? It is {price}.|{hero} had {price} and bought the {item}.]",
    facts,
  );
  return `${expand(draw, "[Menu|Menu of {sign=signNames}|{sign=signNames}|Prices on {day}]", facts)}\n${lines.join("\n")}\n${tail}`;
}

/** A list of one of five kinds. */
export function list(draw: Draw): string {
  return draw.pick([shopping, shopping, recipe, recipe, plan, steps, menu])(draw);
}
