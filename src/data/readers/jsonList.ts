// A JSON file that is one list of rows: cut into its elements while it is read, because a large one is longer than
// a JavaScript string may be.
import { FormatError, shown } from "../../formats/formatError";
import { parseJson } from "../../formats/jsonFile";
import type { ByteSource } from "../byteSource";
import { type FileRow, mostRowCharacters, type RowStream, rowOfJson } from "../row";
import { readText } from "./utf8";

const remedy = "Give a list of rows: [{…}, {…}].";

/** Rows of a JSON list, or of the list in an object such as {"data": […]}. @throws FormatError */
export async function* readJsonList(source: ByteSource): RowStream {
  const splitter = new ListSplitter(source.name);
  for await (const text of readText(source)) yield splitter.push(text);
  splitter.end();
}

/** Finds the ends of a list's elements by counting brackets outside strings. */
class ListSplitter {
  #state: "before" | "inside" | "after" = "before";
  /** The element begun, as far as it was read. */
  #rest = "";
  /** Characters of #rest that were looked at. */
  #seen = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #line = 1;
  #index = 0;
  readonly #fileName: string;

  constructor(fileName: string) {
    this.#fileName = fileName;
  }

  push(text: string): FileRow[] {
    this.#rest += text;
    if (this.#state === "before" && !this.#findList()) return [];
    const rows: FileRow[] = [];
    let start = 0;
    let at = this.#seen;
    for (; at < this.#rest.length && this.#state === "inside"; at++) {
      const character = this.#rest[at]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (character === "\\") this.#escaped = true;
        else if (character === '"') this.#inString = false;
        continue;
      }
      if (character === '"') this.#inString = true;
      else if (character === "{" || character === "[") this.#depth++;
      else if ((character === "}" || character === "]") && this.#depth > 0) this.#depth--;
      else if (this.#depth === 0 && (character === "," || character === "]")) {
        this.#add(rows, this.#rest.slice(start, at), character === "]");
        start = at + 1;
        if (character === "]") this.#state = "after";
      }
    }
    this.#rest = this.#rest.slice(start);
    this.#seen = at - start;
    if (this.#state === "after") this.#checkAfter();
    else if (this.#rest.length > mostRowCharacters) {
      const got = `one of over ${mostRowCharacters} characters`;
      throw this.#error(`expected row ${this.#index + 1} of the list to end, got ${got}. ${remedy}`);
    }
    return rows;
  }

  end(): void {
    if (this.#state === "after") return;
    const got =
      this.#state === "before" && this.#rest.trim() === "" ? "an empty file" : "the end of the file";
    throw this.#error(`expected a list that ends with "]", got ${got}. ${remedy}`);
  }

  /** Moves to the first element. @returns whether the list has begun */
  #findList(): boolean {
    const begun = /^\s*(?:\{\s*"[^"\\]*"\s*:\s*)?\[/.exec(this.#rest);
    if (begun) {
      this.#skip(begun[0].length);
      this.#state = "inside";
      return true;
    }
    if (this.#rest.trim().length > 1000) {
      throw this.#error(`expected a list, got ${shown(this.#rest.trim().slice(0, 40))}. ${remedy}`);
    }
    return false;
  }

  #skip(length: number): void {
    this.#line += this.#rest.slice(0, length).split("\n").length - 1;
    this.#rest = this.#rest.slice(length);
  }

  #add(rows: FileRow[], text: string, isLast: boolean): void {
    const lead = text.length - text.trimStart().length;
    const line = this.#line + text.slice(0, lead).split("\n").length - 1;
    this.#line += text.split("\n").length - 1;
    if (isLast && this.#index === 0 && text.trim() === "") return; // []
    const place = `row ${++this.#index} (line ${line})`;
    try {
      rows.push(rowOfJson(parseJson(text, this.#fileName, place), place));
    } catch (error) {
      const problem = (error as Error).message.slice(`${this.#fileName}: ${place}: `.length);
      rows.push({ place, problem });
    }
  }

  /** Another list behind the first one would be lost silently. */
  #checkAfter(): void {
    const more = /^\s*(\}\s*)?$/.test(this.#rest);
    if (!more) {
      throw this.#error(
        `expected the end of the file after the list, got ${shown(this.#rest.trim().slice(0, 40))}. ${remedy}`,
      );
    }
  }

  #error(problem: string): FormatError {
    return new FormatError(this.#fileName, `line ${this.#line}`, problem);
  }
}
