// JSON Lines and plain lines: each line stands alone, so a bad one can be told and skipped.
import { FormatError } from "../../formats/formatError";
import { parseJson } from "../../formats/jsonFile";
import type { ByteSource } from "../byteSource";
import { type FileRow, mostRowCharacters, type RowStream, rowOfJson } from "../row";
import { readText } from "./utf8";

interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** Lines that hold more than white space, without their ends. @throws FormatError for other than UTF-8 */
async function* readLines(source: ByteSource): AsyncGenerator<readonly Line[]> {
  let number = 0;
  let rest: string[] = [];
  let restLength = 0;
  const lineOf = (text: string): Line => ({
    number: ++number,
    text: text.endsWith("\r") ? text.slice(0, -1) : text,
  });
  for await (const text of readText(source)) {
    const parts = text.split("\n");
    rest.push(parts[0]!);
    restLength += parts[0]!.length;
    if (restLength > mostRowCharacters) {
      const problem = `expected a line of at most ${mostRowCharacters} characters, got a longer one.`;
      throw new FormatError(source.name, `line ${number + 1}`, `${problem} Is this a file of lines?`);
    }
    if (parts.length === 1) continue;
    const complete = [rest.join(""), ...parts.slice(1, -1)];
    rest = [parts.at(-1)!];
    restLength = rest[0]!.length;
    yield complete.map(lineOf).filter((line) => line.text.trim() !== "");
  }
  yield [lineOf(rest.join(""))].filter((line) => line.text.trim() !== "");
}

/** A JSON value in each line. */
export async function* readJsonLines(source: ByteSource): RowStream {
  for await (const lines of readLines(source)) {
    yield lines.map(({ number, text }): FileRow => {
      const place = `line ${number}`;
      try {
        return rowOfJson(parseJson(text, source.name, place), place);
      } catch (error) {
        return { place, problem: (error as Error).message.slice(`${source.name}: ${place}: `.length) };
      }
    });
  }
}

/** Each line as an example's text. */
export async function* readTextLines(source: ByteSource): RowStream {
  for await (const lines of readLines(source)) {
    yield lines.map(({ number, text }) => ({ place: `line ${number}`, value: { text } }));
  }
}
