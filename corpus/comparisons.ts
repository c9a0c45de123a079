// Counting, comparing, sorting and riddles: small problems whose answers follow from the text.
import { drawCast } from "./cast";
import type { Draw } from "./draw";
import { capitalise, expand, withArticle } from "./expand";
import { enumeration } from "./lists";
import { animals } from "./words/nature";
import { boys, girls } from "./words/people";
import { days, months, numberWords } from "./words/places";
import { colors, fruits, objects, toys } from "./words/things";

const plural = (noun: string): string =>
  /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
const counted = (n: number, noun: string): string => `${numberWords[n]} ${n === 1 ? noun : plural(noun)}`;

function adding(draw: Draw): string {
  const facts = drawCast(draw);
  const first = draw.between(1, 10);
  const second = draw.between(1, 10);
  const noun = draw.pick([...fruits, ...toys.filter((toy) => !/[sxy]$/.test(toy))]);
  facts.a = counted(first, noun);
  facts.b = counted(second, noun);
  facts.sum = counted(first + second, noun);
  facts.nouns = plural(noun);
  facts.more = first > second ? (facts.hero as string) : second > first ? (facts.friend as string) : "";
  const more = facts.more
    ? "[Who has more? {more} has more.|{more} has more {nouns}.|]"
    : "[They have the same number.|]";
  return expand(
    draw,
    `{hero} has {a}. {friend} has {b}. ${more} [Together they have {sum}.|How many {nouns} do they have in all? They have {sum}.|They put the {nouns} in a box. Now there are {sum} in it.]`,
    facts,
  );
}

function takingAway(draw: Draw): string {
  const facts = drawCast(draw);
  const all = draw.between(3, 20);
  const gone = draw.between(1, all - 1);
  const noun = draw.pick(fruits);
  facts.all = counted(all, noun);
  facts.gone = numberWords[gone] as string;
  facts.left = counted(all - gone, noun);
  facts.nouns = plural(noun);
  const are = all - gone === 1 ? "is" : "are";
  return expand(
    draw,
    `[There were|{hero} had] {all} [in the basket|on the table|in the bag]. {hero} [gave {gone} to {friend}|ate {gone} of them|lost {gone} on the way to the {spot=places}]. [Now there ${are}|How many {nouns} are left? There ${are}] {left}.`,
    facts,
  );
}

function comparing(draw: Draw): string {
  const [more, most, question] = draw.pick([
    ["taller", "tallest", "tall"],
    ["faster", "fastest", "fast"],
    ["older", "oldest", "old"],
    ["stronger", "strongest", "strong"],
    ["heavier", "heaviest", "heavy"],
    ["smaller", "smallest", "small"],
    ["younger", "youngest", "young"],
    ["louder", "loudest", "loud"],
  ] as const);
  const named = draw.chance(0.5);
  const [a, b, c] = named
    ? draw.sample([...girls, ...boys], 3)
    : draw.sampleWords(animals, 3).map((animal) => `the ${animal}`);
  const least = draw.chance(0.5);
  const statement = `${a} is ${more} than ${b}. ${capitalise(b as string)} is ${more} than ${c}.`;
  const swapped = `${b} is ${more} than ${c}. ${capitalise(a as string)} is ${more} than ${b}.`;
  const answer = least
    ? `Is ${c} ${more} than ${a}? No, ${a} is ${more} than ${c}.`
    : `Who is the ${most}? ${capitalise(a as string)} is the ${most}.`;
  return capitalise(
    `${draw.chance(0.5) ? statement : swapped} ${answer}${draw.chance(0.3) ? ` ${capitalise(b as string)} is not so ${question} as ${a}.` : ""}`,
  );
}

function sorting(draw: Draw): string {
  const source = draw.pick([fruits, animals, colors, [...girls, ...boys], objects]);
  const items = draw.sampleWords(source, draw.between(3, 5));
  const [task, result] = draw.pick([
    ["from A to Z", [...items].sort()],
    ["backwards", [...items].reverse()],
    ["with the first at the end", [...items.slice(1), items[0] as string]],
    ["in capital letters", items.map((item) => item.toUpperCase())],
    ["with numbers", items.map((item, i) => `${i + 1} ${item}`)],
    ["without the last one", items.slice(0, -1)],
    ["again", items],
  ] as const);
  return `Words: ${items.join(", ")}\n${capitalise(task)}: ${result.join(", ")}`;
}

function counting(draw: Draw): string {
  const kind = draw.below(4);
  const start = draw.between(1, 12);
  const length = draw.between(5, 9);
  if (kind === 0)
    return `Count from ${numberWords[start]}: ${Array.from({ length }, (_, i) => numberWords[start + i] ?? String(start + i)).join(", ")}.`;
  const step = draw.pick([1, 2, 3, 5, 10]);
  if (kind === 1)
    return `Count by ${step}: ${Array.from({ length }, (_, i) => start + i * step).join(", ")}.`;
  const source = kind === 2 ? days : months;
  const at = draw.below(source.length);
  const next = source[(at + 1) % source.length];
  const before = source[(at + source.length - 1) % source.length];
  const opening = kind === 2 ? "Today is" : "The month is";
  return `${opening} ${source[at]}. Then comes ${next}. Before it was ${before}.`;
}

function inventory(draw: Draw): string {
  const facts = drawCast(draw);
  const items = draw.sample(
    objects.filter((object) => !/s$/.test(object)),
    3,
  );
  const shades = draw.sampleWords(colors, 3);
  const phrases = items.map((item, i) => withArticle(`${shades[i]} ${item}`));
  const chosen = draw.below(3);
  facts.all = enumeration(phrases);
  facts.item = items[chosen] as string;
  facts.shade = shades[chosen] as string;
  return expand(
    draw,
    "[In the {room=rooms} there is|{hero} has|On the table you see|{friend} bought] {all}. [What color is the {item}? It is {shade}.|Which thing is {shade}? The {item} is {shade}.|The {shade} one is the {item}.|{helper} liked the {shade} {item} best.]",
    facts,
  );
}

/** One to three small problems of one kind. */
export function comparison(draw: Draw): string {
  const make = draw.pick([adding, takingAway, comparing, sorting, counting, inventory, inventory]);
  return Array.from({ length: draw.between(1, 3) }, () => make(draw)).join("\n");
}
