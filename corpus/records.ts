// One record of a schema, and the ways to write it down: as a list in some notation, as sentences, as questions.
import type { Draw } from "./draw";
import { capitalise, expand, type Facts, withArticle } from "./expand";
import { lexicon } from "./lexicon";
import type { Field, Schema } from "./schemas";
import { boys, girls, surnames } from "./words/people";
import { numberWords, streets } from "./words/places";

export interface RecordValue {
  field: Field;
  value: string;
}

const girlNames = new Set(girls);

/** Values that are numbers or built from parts; everything else comes from the lexicon. */
const makers: Record<string, (draw: Draw) => string> = {
  ages: (draw) => String(draw.between(18, 90)),
  smallAges: (draw) => String(draw.between(5, 17)),
  smallNumbers: (draw) =>
    draw.chance(0.5) ? String(draw.between(2, 12)) : (numberWords[draw.between(2, 12)] as string),
  tens: (draw) => String(draw.between(1, 12) * 5),
  pageCounts: (draw) => String(draw.between(20, 480)),
  prices: (draw) =>
    draw.pick([`${draw.between(2, 99)} coins`, `$${draw.between(1, 99)}`, `${draw.between(2, 60)} dollars`]),
  years: (draw) => String(draw.between(1850, 2024)),
  populations: (draw) => String(draw.between(1, 99) * 100),
  openHours: (draw) =>
    draw.pick([
      `${draw.between(6, 11)}:${draw.pick(["00", "15", "30", "45"])}`,
      `${draw.between(1, 12)} o'clock`,
      "noon",
    ]),
  heights: (draw) => `${draw.between(5, 99)} inches`,
  authors: (draw) => `${draw.pickWord(draw.chance(0.5) ? girls : boys)} ${draw.pickWord(surnames)}`,
  addresses: (draw) => `${draw.between(1, 99)} ${draw.pickWord(streets)}`,
};

export function drawValue(draw: Draw, list: string): string {
  const make = makers[list];
  if (make) return make(draw);
  const words = lexicon[list];
  if (!words) throw new Error(`schema: expected a word list, got "${list}"`);
  return draw.pickWord(words);
}

/** The identifying field and `count` others, in the schema's order. */
export function drawRecord(draw: Draw, schema: Schema, count: number): RecordValue[] {
  const [first, ...others] = schema.fields as [Field, ...Field[]];
  const kept = new Set(draw.sample(others, Math.min(count, others.length)));
  const fields = [first, ...others.filter((field) => kept.has(field))];
  const seen = new Set<string>();
  return fields.map((field) => {
    let value = drawValue(draw, field.list);
    while (seen.has(value)) value = drawValue(draw, field.list);
    seen.add(value);
    return { field, value };
  });
}

/** The notations that lists come in; `key` and `value` are replaced. */
const notations: readonly { line: string; between: string; before?: string; after?: string }[] = [
  { line: "key: value", between: "\n" },
  { line: "key: value", between: "\n" },
  { line: "- key: value", between: "\n" },
  { line: "* key = value", between: "\n" },
  { line: "key: value", between: "; " },
  { line: "key = value", between: "; " },
  { line: "key: value", between: ", " },
  { line: "key=value", between: ", " },
  { line: "key (value)", between: ", " },
  { line: "key [value]", between: " " },
  { line: "key -> value", between: "\n" },
  { line: "| key | value |", between: "\n" },
  { line: "key | value", between: "\n" },
  { line: "key: value", between: " / ", before: "(", after: ")" },
  { line: '"key": "value"', between: ", ", before: "{", after: "}" },
  { line: "#key value", between: " " },
  { line: "key@value", between: " & " },
  { line: "<key>value</key>", between: "\n" },
];

/** A record as a list, the first field's key replaced by the kind now and then. */
export function asList(draw: Draw, schema: Schema, values: readonly RecordValue[]): string {
  const { line, between, before = "", after = "" } = draw.pick(notations);
  const big = draw.chance(0.25);
  const lines = values.map(({ field, value }) => {
    const key = big ? capitalise(field.key) : field.key;
    return line.replaceAll("key", () => key).replace("value", () => value);
  });
  const head = draw.chance(0.25)
    ? `${draw.pick([capitalise(schema.kind), `${capitalise(withArticle(schema.kind))}:`])}\n`
    : "";
  return head + before + lines.join(between) + after;
}

/** How the subject is called: by name, or "the <kind>" for things, and by pronoun later. */
export function subjectOf(
  schema: Schema,
  values: readonly RecordValue[],
): { subject: string; pronouns: Facts } {
  const first = values[0] as RecordValue;
  const proper = /^[A-Z0-9]/.test(first.value);
  const subject = /^\d/.test(first.value)
    ? `the house at ${first.value}`
    : proper
      ? first.value
      : `the ${first.value}`;
  if (schema.pronoun === "it") return { subject, pronouns: { he: "it", his: "its" } };
  return {
    subject,
    pronouns: girlNames.has(first.value) ? { he: "she", his: "her" } : { he: "he", his: "his" },
  };
}

function clause(
  draw: Draw,
  item: RecordValue,
  subject: string,
  possessive: string,
  mustName: boolean,
): string {
  const naming = item.field.clauses.filter((text) => /\{[sp]\}/.test(text));
  return draw
    .pick(mustName && naming.length > 0 ? naming : item.field.clauses)
    .replace("{s}", () => subject)
    .replace("{p}", () => possessive)
    .replace("{a v}", () => withArticle(item.value))
    .replace("{v}", () => item.value);
}

/** The whole record in sentences: every value appears once, facts in random order. */
export function asSentences(draw: Draw, schema: Schema, values: readonly RecordValue[]): string {
  const { subject, pronouns } = subjectOf(schema, values);
  const rest = draw.chance(0.4) ? draw.shuffle(values.slice(1)) : values.slice(1);
  const sentences: string[] = [];
  for (let i = 0; i < rest.length; ) {
    const joined = i + 1 < rest.length && draw.chance(0.55) ? 2 : 1;
    const named = sentences.length === 0 || draw.chance(0.12);
    const parts = rest.slice(i, i + joined).map((item, index) => {
      const useName = named && index === 0;
      const about = useName ? subject : (pronouns.he as string);
      const possessive = useName
        ? subject.endsWith("s")
          ? `${subject}'`
          : `${subject}'s`
        : (pronouns.his as string);
      return clause(draw, item, about, possessive, useName);
    });
    sentences.push(`${capitalise(parts.join(draw.pick([" and ", ", and "])))}.`);
    i += joined;
  }
  // A first sentence such as "You find it in the attic" would not name its subject.
  const text = sentences.join(" ");
  if (text.includes(subject) || text.includes(capitalise(subject))) return text;
  const opening = expand(draw, "[This is|Here is|Look at|Let me tell you about|Do you know]", {});
  return `${opening} ${subject}${opening.startsWith("Do") ? "?" : "."} ${text}`;
}
