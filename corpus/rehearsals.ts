// Texts that repeat themselves with a purpose: memory games, refrains, echoes. Saying again what stands further
// up is what the other kinds of text build on, and here it is most of the text.
import { drawCast } from "./cast";
import type { Draw } from "./draw";
import { capitalise, expand, withArticle } from "./expand";
import { towns } from "./lexicon";
import { enumeration } from "./lists";
import { animals, flowers, trees } from "./words/nature";
import { boys, girls } from "./words/people";
import { clothes, colors, dishes, objects, smallThings } from "./words/things";

function someWords(draw: Draw, count: number): string[] {
  const source = draw.pick([
    animals,
    objects,
    dishes,
    colors,
    flowers,
    trees,
    smallThings,
    girls,
    boys,
    towns,
  ]);
  const words = new Set<string>();
  while (words.size < count) words.add(draw.pickWord(source));
  return [...words];
}

/** "I packed my bag": each player says all things again and adds one. */
function memoryGame(draw: Draw): string {
  const facts = drawCast(draw);
  const things = draw
    .sampleWords(draw.pick([objects, smallThings, clothes]), draw.between(3, 5))
    .map(withArticle);
  const start = expand(
    draw,
    "[I packed my bag and put in|In my basket there is|I went to {city=cities} and bought|On the table I see|For {friend} I bring]",
    facts,
  );
  return things
    .map((_, i) => `${start} ${enumeration(things.slice(0, i + 1))}.`)
    .join(draw.pick([" ", "\n"]));
}

/** Lines that come back after every verse. */
function song(draw: Draw): string {
  const facts = drawCast(draw);
  const refrain = expand(
    draw,
    "[{^color}, {color}, {animal} and {animal}|Sing, {hero}, sing of the {place}|The {animal} and the {animal} [dance|sleep|run] by the {place}|Oh {hero}, where is your {object}?|{^a color} {object}, {a color} {object}],",
    facts,
  );
  const second = expand(
    draw,
    "[come to {town=towns} with me!|the {tree} is {color=colors} today!|we are {goodFeeling} all {time=dayParts}!]",
    facts,
  );
  const verses = Array.from({ length: draw.between(2, 3) }, () =>
    expand(
      draw,
      "[The {animal} has {a color} {object},\nand the {animal} has a [friend|song|home].|{hero} {moved} to the {place}\nand {looked} for {a object}.|On {day} it is {weatherWord}\nand the {flower} is {color}.]",
      facts,
    ),
  );
  return verses.map((verse) => `${verse}\n${refrain}\n${second}`).join("\n\n");
}

/** The same words once more, forwards. */
function echo(draw: Draw): string {
  const words = someWords(draw, draw.between(3, 8));
  const line = draw.chance(0.5) ? words.join(" ") : words.join(", ");
  const times = draw.between(2, 4);
  const [first, again] = draw.pick([
    ["Say: ", "Again: "],
    ["Teacher: ", "Class: "],
    ["", ""],
    ["Read this: ", "Write it: "],
    ["> ", "> "],
    ["1: ", "2: "],
  ] as const);
  return [`${first}${line}`, ...Array.from({ length: times - 1 }, () => `${again}${line}`)].join("\n");
}

/** Pairs that are told first and asked for afterwards, in another order. */
function pairs(draw: Draw): string {
  const count = draw.between(2, 5);
  const left = someWords(draw, count);
  let right = someWords(draw, count);
  while (right.some((word) => left.includes(word))) right = someWords(draw, count);
  const mark = draw.pick([": ", " = ", " has ", " is with ", " -> ", " likes "]);
  const lines = left.map((word, i) => `${capitalise(word)}${mark}${right[i]}`);
  const between = draw.pick(["\n", ". ", "; "]);
  const told = lines.join(between);
  return `${told}${between === ". " ? "." : ""}\n${draw.shuffle(lines).join(between)}${between === ". " ? "." : ""}`;
}

/** One memory game, song, echo or set of pairs. */
export function rehearsal(draw: Draw): string {
  return draw.pick([memoryGame, song, echo, echo, pairs, pairs])(draw);
}
