// Attribute lists with the sentences that use them, and the other way round; and questions about a text.
import type { Draw } from "./draw";
import { capitalise, withArticle } from "./expand";
import { asList, asSentences, drawRecord, drawValue, type RecordValue, subjectOf } from "./records";
import { type Schema, schemas } from "./schemas";

const requests = [
  "Write a sentence about the KIND.",
  "Write about this KIND.",
  "Tell me about the KIND.",
  "Describe the KIND.",
  "In words:",
  "Text:",
  "Sentence:",
  "",
  "",
];
const listRequests = ["Make a list.", "List the facts.", "Facts:", "Notes:", "List:", "In short:"];

/** A list in some notation, then sentences with all its values; sometimes two records one after the other. */
export function attributeList(draw: Draw): string {
  const schema = draw.pick(schemas);
  const parts: string[] = [];
  const reversed = draw.chance(0.3);
  const request = draw.pick(reversed ? listRequests : requests).replace("KIND", schema.kind);
  for (let i = draw.between(1, 2); i > 0; i--) {
    const values = drawRecord(draw, schema, draw.between(2, 6));
    const list = asList(draw, schema, values);
    const sentences = asSentences(draw, schema, values);
    const [first, second] = reversed ? [sentences, list] : [list, sentences];
    const oneLine = !list.includes("\n") && draw.chance(0.5);
    parts.push(
      oneLine
        ? `${first} ${request} ${second}`.replace(/ {2,}/g, " ")
        : [first, request, second].filter(Boolean).join("\n"),
    );
  }
  return parts.join("\n\n");
}

function shortAnswer(draw: Draw, schema: Schema, values: readonly RecordValue[], item: RecordValue): string {
  const { subject } = subjectOf(schema, values);
  if (draw.chance(0.5)) return `${capitalise(item.value)}.`;
  const template = draw.pick(item.field.clauses.filter((text) => text.includes("{s}")).concat("{v}"));
  return `${capitalise(withValue(template, subject, item.value))}.`;
}

/** A text about one or two subjects, then questions with answers that the text gives. */
export function textWithQuestions(draw: Draw): string {
  const schema = draw.pick(schemas.filter(({ fields }) => fields.some(({ questions }) => questions?.length)));
  const records = [drawRecord(draw, schema, draw.between(3, 5))];
  if (draw.chance(0.4)) {
    const other = drawRecord(draw, schema, draw.between(2, 4));
    if (other[0]?.value !== records[0]?.[0]?.value) records.push(other);
  }
  const text = records.map((values) => asSentences(draw, schema, values)).join(" ");
  const asked = draw.shuffle(records.flatMap((values) => values.slice(1).map((item) => ({ values, item }))));
  const [q, a] = draw.pick([
    ["Q: ", "A: "],
    ["Question: ", "Answer: "],
    ["", ""],
    ["- ", "  "],
    ["? ", "! "],
  ] as const);
  const pairs = asked.slice(0, draw.between(2, 4)).map(({ values, item }) => {
    const name = (values[0] as RecordValue).value;
    const statement = item.field.clauses.find((text) => text.includes("{s}"));
    if (statement && draw.chance(0.15)) {
      const wrong = draw.chance(0.5) ? drawValue(draw, item.field.list) : item.value;
      const yes = wrong === item.value;
      const subject = subjectOf(schema, values).subject;
      const ask = `Is it true that ${withValue(statement, subject, wrong)}?`;
      return `${q}${ask}\n${a}${yes ? "Yes, it is." : `No. ${shortAnswer(draw, schema, values, item)}`}`;
    }
    const question = draw.pick(item.field.questions as readonly string[]).replace("{name}", () => name);
    return `${q}${question}\n${a}${shortAnswer(draw, schema, values, item)}`;
  });
  return `${text}\n\n${pairs.join("\n")}`;
}

/** A clause about `subject` with `value` in it. */
function withValue(clause: string, subject: string, value: string): string {
  return clause
    .replace("{s}", () => subject)
    .replace("{a v}", () => withArticle(value))
    .replace("{v}", () => value);
}
