// From a row's columns to what an example says: which columns there are, and a mapping applied to each row.
import type { ChatMessage } from "../formats/chatTemplate";
import { shown } from "../formats/formatError";
import { chatMessages, isChat } from "./chat";
import type { DataMapping } from "./config";
import { RowError, type RowValue } from "./row";
import { fillTemplate, parseTemplate } from "./template";

/** What one row says, before it is tokens. */
export type ExampleText =
  | { readonly kind: "promptCompletion"; readonly prompt: string; readonly completion: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "messages"; readonly messages: readonly ChatMessage[] };

/** Names of the columns, those inside objects and of lists' first items as paths: "answers.text.0". */
export function columnsOf(rows: readonly RowValue[]): string[] {
  const found = new Set<string>();
  const visit = (value: unknown, path: string, depth: number) => {
    if (typeof value !== "object" || value === null || isChat(value) || depth > 3) found.add(path);
    else if (Array.isArray(value)) {
      if (value.length > 0) visit(value[0], `${path}.0`, depth + 1);
      else found.add(path);
    } else {
      for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`, depth + 1);
    }
  };
  for (const row of rows) for (const [key, value] of Object.entries(row)) visit(value, key, 0);
  return [...found];
}

/** Value of a column, by its own name or by a path into it. */
export function cellOf(row: RowValue, column: string): unknown {
  if (Object.hasOwn(row, column)) return row[column];
  return column.split(".").reduce<unknown>((value, key) => {
    const holds = typeof value === "object" && value !== null && Object.hasOwn(value, key);
    return holds ? (value as Record<string, unknown>)[key] : undefined;
  }, row);
}

/** A cell as text. @throws RowError naming the column */
function textOf(row: RowValue, column: string): string {
  const value = cellOf(row, column);
  if (typeof value === "string") {
    if (/\p{Surrogate}/u.test(value))
      throw new RowError(`${column}: expected text, got half of a surrogate pair.`);
    return value;
  }
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return String(value);
  throw new RowError(`${column}: expected text, got ${shown(value)}.`);
}

const alpaca = {
  intro: "Below is an instruction that describes a task",
  withInput: ", paired with an input that provides further context",
  request: ". Write a response that appropriately completes the request.",
};

/** The prompt that Stanford Alpaca trained with, and many sets after it. */
function instructionPrompt(instruction: string, input: string): string {
  const { intro, withInput, request } = alpaca;
  const hasInput = input.trim() !== "";
  const given = hasInput ? `\n\n### Input:\n${input}` : "";
  return `${intro}${hasInput ? withInput : ""}${request}\n\n### Instruction:\n${instruction}${given}\n\n### Response:\n`;
}

/** Turns rows into examples. Made once for a file, because a template is parsed. */
export type RowMapper = (row: RowValue) => ExampleText;

/** @throws RowError, from the mapper, naming the column of a row that cannot be used */
export function rowMapper(mapping: DataMapping): RowMapper {
  switch (mapping.kind) {
    case "promptCompletion":
      return (row) => ({
        kind: "promptCompletion",
        prompt: textOf(row, mapping.prompt),
        completion: textOf(row, mapping.completion),
      });
    case "instruction":
      return (row) => {
        const input = mapping.input === "" ? null : (cellOf(row, mapping.input) ?? null);
        const prompt = instructionPrompt(
          textOf(row, mapping.instruction),
          input === null ? "" : textOf(row, mapping.input),
        );
        return { kind: "promptCompletion", prompt, completion: textOf(row, mapping.output) };
      };
    case "messages":
      return (row) => ({
        kind: "messages",
        messages: chatMessages(cellOf(row, mapping.messages), mapping.messages),
      });
    case "text":
      return (row) => ({ kind: "text", text: textOf(row, mapping.text) });
    case "template": {
      const template = parseTemplate(mapping.template);
      return (row) => {
        const { prompt, completion } = fillTemplate(template, (column) => textOf(row, column));
        if (mapping.learn === "all") return { kind: "text", text: prompt + completion };
        return { kind: "promptCompletion", prompt, completion };
      };
    }
  }
}

/** Whether there is anything to learn in an example. */
export function isEmptyExample(example: ExampleText): boolean {
  switch (example.kind) {
    case "promptCompletion":
      return example.completion.trim() === "";
    case "text":
      return example.text.trim() === "";
    case "messages":
      return !example.messages.some(({ role, content }) => role === "assistant" && content.trim() !== "");
  }
}
