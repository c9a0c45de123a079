// Strict JSON from files: UTF-8, no duplicate keys (JSON.parse keeps the last one silently), and zod issues
// turned into messages that name file and field.
import type { z } from "zod";
import { FormatError, shown } from "./formatError";

/** Key that occurs twice in one object of `json` (which must be valid JSON), or undefined. */
export function findDuplicateKey(json: string): string | undefined {
  // One entry per open bracket: the keys seen so far in an object, null for an array.
  const open: (Set<string> | null)[] = [];
  let expectsKey = false;
  for (let i = 0; i < json.length; i++) {
    switch (json[i]) {
      case "{":
        open.push(new Set());
        expectsKey = true;
        break;
      case "[":
        open.push(null);
        expectsKey = false;
        break;
      case "}":
      case "]":
        open.pop();
        expectsKey = false;
        break;
      case ",":
        expectsKey = open.at(-1) !== null;
        break;
      case '"': {
        const start = i++;
        while (json[i] !== '"') i += json[i] === "\\" ? 2 : 1;
        if (!expectsKey) break;
        expectsKey = false;
        // Decoded, because "\u0061" and "a" are the same key.
        const key = JSON.parse(json.slice(start, i + 1)) as string;
        const keys = open.at(-1)!;
        if (keys?.has(key)) return key;
        keys?.add(key);
      }
    }
  }
  return undefined;
}

/** Decodes UTF-8 strictly; a byte-order mark at the start is dropped. @throws FormatError */
export function decodeUtf8(bytes: Uint8Array, fileName: string, field = ""): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FormatError(
      fileName,
      field,
      "expected UTF-8 text, got bytes that are not. Save the file as UTF-8.",
    );
  }
}

/** Parses JSON text, refusing duplicate keys. @throws FormatError naming `field` of `fileName` */
export function parseJson(text: string, fileName: string, field = ""): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FormatError(
      fileName,
      field,
      `expected JSON, got text that does not parse (${(error as Error).message}).`,
    );
  }
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) {
    throw new FormatError(
      fileName,
      field,
      `expected each key once, got key ${shown(duplicate)} twice in one object.`,
    );
  }
  return value;
}

/** Checks `value` against `schema`. @throws FormatError naming the first field that does not fit */
export function checkSchema<T extends z.ZodType>(
  schema: T,
  value: unknown,
  fileName: string,
  field = "",
): z.output<T> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = [field, ...issue.path.map(String)].filter((part) => part !== "").join(".");
  throw new FormatError(fileName, path, issueText(issue));
}

function issueText(issue: z.core.$ZodIssue): string {
  // Our own refinements already say what is expected and what to do.
  if (issue.code === "custom") return issue.message;
  return `expected ${expectedBy(issue)}, got ${shown(issue.input)}.`;
}

/** What zod's message says it expected: "string", "number to be >0", for a union "array or string". */
function expectedBy(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_union") {
    return [...new Set(issue.errors.map((branch) => expectedBy(branch[0]!)))].join(" or ");
  }
  return issue.message.replace(/^.*?: expected /, "").replace(/, received .*$/, "");
}
