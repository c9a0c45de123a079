// What a file's columns most likely mean, from their names and the first rows; a person can change it.
import { isChat } from "./chat";
import type { DataMapping } from "./config";
import { cellOf, columnsOf } from "./mapping";
import type { RowValue } from "./row";

/** Names for what is asked and answered, the likeliest first. */
const names = {
  prompt: ["prompt", "source", "input_text"],
  completion: ["completion", "chosen", "target", "target_text"],
  instruction: ["instruction"],
  input: ["input", "context"],
  output: ["output", "response", "completion", "answer", "instances.0.output"],
  messages: ["messages", "conversations", "conversation", "chat", "dialog"],
  text: ["text", "content", "story", "document"],
} as const;

/** Columns that are answers where nothing says which one is. */
const answerNames =
  /^(answer|label|response|output|completion|target|ref|summary|translation|score|sentiment|sql|quality)s?$/i;
/** Columns that count rows or say where they are from. */
const bookkeepingNames =
  /^(|.*[ _-])(id|idx|index|uuid|filename|file|year|genre|old_index|source[0-9]?|url|split)$/i;

/** @returns undefined when no column holds text */
export function guessMapping(rows: readonly RowValue[]): DataMapping | undefined {
  const columns = columnsOf(rows);
  const has = (column: string, holds: (value: unknown) => boolean) =>
    columns.includes(column) && rows.some((row) => holds(cellOf(row, column)));
  const find = (wanted: readonly string[], holds: (value: unknown) => boolean = isText) =>
    columns.find((column) => wanted.includes(column.toLowerCase()) && has(column, holds));

  const messages = find(names.messages, isChat) ?? columns.find((column) => has(column, isChat));
  const [prompt, completion] = [find(names.prompt), find(names.completion)];
  if (prompt && completion) return { kind: "promptCompletion", prompt, completion };
  if (messages) return { kind: "messages", messages };
  const [instruction, output] = [find(names.instruction), find(names.output)];
  if (instruction && output) {
    const input = find(names.input) ?? columns.find((column) => column === "instances.0.input") ?? "";
    return { kind: "instruction", instruction, input, output };
  }
  const text = find(names.text);
  const textual = columns.filter((column) => {
    const holding = rows.filter((row) => isText(cellOf(row, column)));
    return holding.length > 0 && 2 * holding.length >= rows.length; // more than one odd row has it
  });
  if (text && !textual.some((column) => answerNames.test(column))) return { kind: "text", text };
  return guessTemplate(textual);
}

const isText = (value: unknown): boolean =>
  (typeof value === "string" && value !== "") || typeof value === "number" || typeof value === "boolean";

/** Every column that says something on a line of its own, the answer last. */
function guessTemplate(textual: readonly string[]): DataMapping | undefined {
  const telling = textual.filter((column) => !bookkeepingNames.test(column) && !/[{}]/.test(column));
  const columns = telling.length > 0 ? telling : textual;
  if (columns.length === 0) return undefined;
  if (columns.length === 1) return { kind: "text", text: columns[0]! };
  const answer = columns.findLast((column) => answerNames.test(column)) ?? columns.at(-1)!;
  const ordered = [...columns.filter((column) => column !== answer), answer];
  const template = ordered.map((column) => `${column}: {${column}}`).join("\n");
  return { kind: "template", template, learn: "lastColumn" };
}
