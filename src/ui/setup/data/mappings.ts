// The kinds of mapping as the form names them, and where each one starts.
import type { DataMapping } from "../../../studio/messages";

export const mappingNames: Readonly<Record<DataMapping["kind"], string>> = {
  promptCompletion: "A text to read and one to learn",
  instruction: "Instruction, input and answer",
  messages: "A conversation",
  text: "A text",
  template: "Parts of a template",
};

/** What a conversation is written with. */
export const templateHint = {
  model: "Written with the model's own chat template; learned is what the assistant says.",
  chatml:
    "The model has no chat template but knows ChatML's tokens: written with ChatML. Learned is what the assistant says.",
  plain: "The model has no chat template: written as “role: text”. Learned is what the assistant says.",
} as const;

/** A mapping of this kind over columns that may fit; the person corrects it. */
export function freshMapping(kind: DataMapping["kind"], columns: readonly string[]): DataMapping {
  const first = columns[0] ?? "text";
  const last = columns.at(-1) ?? "text";
  const named = (name: string, otherwise: string) =>
    columns.find((column) => column.toLowerCase() === name) ?? otherwise;
  switch (kind) {
    case "promptCompletion":
      return { kind, prompt: named("prompt", first), completion: named("completion", last) };
    case "instruction":
      return {
        kind,
        instruction: named("instruction", first),
        input: named("input", ""),
        output: named("output", last),
      };
    case "messages":
      return { kind, messages: named("messages", named("conversations", first)) };
    case "text":
      return { kind, text: named("text", first) };
    case "template":
      return {
        kind,
        template: columns.map((column) => `${column}: {${column}}`).join("\n"),
        learn: "lastColumn",
      };
  }
}
