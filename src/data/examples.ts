// Training data as people bring it: bytes of a file → examples, with the line in every complaint.
import { z } from "zod";
import { FormatError, shown } from "../formats/formatError";
import { checkSchema, parseJson } from "../formats/jsonFile";

/** Loss counts on the completion only. */
export interface PromptCompletionExample {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly prompt: string;
  readonly completion: string;
}

/** Loss counts on every token. */
export interface TextExample {
  readonly line: number;
  readonly text: string;
}

export type ParsedExamples = { readonly fileName: string } & (
  | { readonly kind: "promptCompletion"; readonly examples: readonly PromptCompletionExample[] }
  | { readonly kind: "text"; readonly examples: readonly TextExample[] }
  | { readonly kind: "plainText"; readonly text: string }
);

const wellFormed = z.string().refine((text) => !/\p{Surrogate}/u.test(text), {
  error: "expected text, got half of a surrogate pair.",
});
const promptCompletionSchema = z.object({ prompt: wellFormed, completion: wellFormed });
const textSchema = z.object({ text: wellFormed });
const remedy = 'Each line needs "prompt" and "completion", or "text".';

/**
 * Reads JSON Lines with `prompt` and `completion`, JSON Lines with `text`, or plain text. The name's ending
 * decides (.jsonl, .ndjson, .json or .txt, .md); with any other, a file that begins with `{` is JSON Lines.
 * @throws FormatError naming the line and field
 */
export function parseExamples(bytes: Uint8Array, fileName: string): ParsedExamples {
  const text = decodeLines(bytes, fileName);
  if (text.trim() === "") throw new FormatError(fileName, "", "expected examples, got an empty file.");
  const ending = /\.([^./\\]*)$/.exec(fileName)?.[1]?.toLowerCase() ?? "";
  const isPlain = ["txt", "text", "md"].includes(ending);
  const isJson = ["jsonl", "ndjson", "json"].includes(ending);
  if (isPlain || (!isJson && !text.trimStart().startsWith("{"))) return { fileName, kind: "plainText", text };
  return parseJsonLines(text, fileName);
}

/** Strict UTF-8; says in which line and at which byte it ends being that. */
function decodeLines(bytes: Uint8Array, fileName: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const at = firstInvalidByte(bytes);
    const line = bytes.subarray(0, at).reduce((lines, byte) => lines + (byte === 0x0a ? 1 : 0), 1);
    const got =
      at < bytes.length ? `byte 0x${bytes[at]!.toString(16).padStart(2, "0")}` : "its end within a character";
    throw new FormatError(
      fileName,
      `line ${line}`,
      `expected UTF-8 text, got ${got} at offset ${at}. Save the file as UTF-8.`,
    );
  }
}

/** Offset of the byte at which strict decoding stops; the length when a character is cut off at the end. */
function firstInvalidByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let at = 0; at < bytes.length; at++) {
    try {
      decoder.decode(bytes.subarray(at, at + 1), { stream: true });
    } catch {
      return at;
    }
  }
  return bytes.length;
}

function parseJsonLines(text: string, fileName: string): ParsedExamples {
  const pairs: PromptCompletionExample[] = [];
  const texts: TextExample[] = [];
  text.split("\n").forEach((content, index) => {
    if (content.trim() === "") return;
    const line = index + 1;
    const place = `line ${line}`;
    const value = parseJson(content, fileName, place);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new FormatError(fileName, place, `expected a JSON object, got ${shown(value)}. ${remedy}`);
    }
    if ("prompt" in value || "completion" in value) {
      pairs.push({ line, ...checkSchema(promptCompletionSchema, value, fileName, place) });
    } else if ("text" in value) {
      texts.push({ line, ...checkSchema(textSchema, value, fileName, place) });
    } else {
      throw new FormatError(
        fileName,
        place,
        `expected known fields, got ${shown(Object.keys(value))}. ${remedy}`,
      );
    }
    if (pairs.length > 0 && texts.length > 0) {
      const [first, then] = pairs[0]!.line < line ? ["prompt", "text"] : ["text", "prompt"];
      throw new FormatError(
        fileName,
        place,
        `expected "${first}" as in the lines before, got "${then}". Use one kind.`,
      );
    }
  });
  return pairs.length > 0
    ? { fileName, kind: "promptCompletion", examples: pairs }
    : { fileName, kind: "text", examples: texts };
}
