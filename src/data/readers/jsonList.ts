// A JSON file that is a list of rows, or an object with one, or with one for each split: cut into its elements while it
// is read, because a large one is longer than a JavaScript string may be.
import { FormatError, shown } from "../../formats/formatError";
import { parseJson } from "../../formats/jsonFile";
import type { ByteSource } from "../byteSource";
import { type FileRow, mostRowCharacters, type RowStream, rowOfJson } from "../row";
import { readText } from "./utf8";

const remedy = "Give a list of rows: [{…}, {…}].";

/** Lists that are not trained on, where an object has one for each split. */
const heldOutName = /(^|[_-])(val|valid|validation|dev|test|eval|evaluation)([_-]|$)/i;
const trainingName = /^train(ing)?$/i;

/**
 * Rows of a JSON list, or of the list in an object such as {"data": […]}. Of an object with a list for each split, as
 * {"val": […], "train": […], "test": […]}, those of "train".
 * @throws FormatError
 */
export async function* readJsonList(source: ByteSource): RowStream {
  const splitter = new ListSplitter(source.name);
  for await (const text of readText(source)) yield splitter.push(text);
  splitter.end();
}

/** Finds the ends of a list's elements by counting brackets outside strings. */
class ListSplitter {
  #state: "before" | "inside" | "between" | "after" = "before";
  /** Whether the lists are in an object. */
  #isObject = false;
  /** Of the lists passed over. */
  readonly #skippedNames: string[] = [];
  /** Whether the list being read is passed over. */
  #isSkipping = false;
  /** Name of the list whose rows are taken, once it has begun; empty without an object. */
  #taken: string | undefined;
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
    const rows: FileRow[] = [];
    for (let goesOn = true; goesOn && this.#state !== "after"; ) {
      goesOn = this.#state === "inside" ? this.#readList(rows) : this.#findList();
    }
    if (this.#state === "after" && this.#rest.trim() !== "") throw this.#moreAfter();
    return rows;
  }

  /** @returns whether the list has ended */
  #readList(rows: FileRow[]): boolean {
    let start = 0;
    let at = this.#seen;
    let isOver = false;
    for (; at < this.#rest.length && !isOver; at++) {
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
        isOver = character === "]";
        this.#add(rows, this.#rest.slice(start, at), isOver);
        start = at + 1;
      }
    }
    this.#rest = this.#rest.slice(start);
    this.#seen = at - start;
    if (isOver) {
      this.#seen = 0;
      this.#state = this.#isObject ? "between" : "after";
    } else if (this.#rest.length > mostRowCharacters) {
      const got = `one of over ${mostRowCharacters} characters`;
      throw this.#error(`expected row ${this.#index + 1} of the list to end, got ${got}. ${remedy}`);
    }
    return isOver;
  }

  end(): void {
    if (this.#state === "after") {
      if (this.#taken !== undefined) return;
      const names = this.#skippedNames.map((name) => shown(name)).join(", ");
      throw this.#error(`expected a list of examples to train on, got ${names}. Name the list "train".`);
    }
    if (this.#state === "between" && this.#rest.trim() !== "") throw this.#moreAfter();
    const got =
      this.#state === "before" && this.#rest.trim() === "" ? "an empty file" : "the end of the file";
    throw this.#error(`expected a list that ends with "]", got ${got}. ${remedy}`);
  }

  /** Moves to the first element of the next list, or behind the end of the object. @returns whether it was there */
  #findList(): boolean {
    const isFirst = this.#state === "before";
    const end = isFirst ? null : /^\s*\}/.exec(this.#rest);
    if (end) {
      this.#skip(end[0].length);
      this.#state = "after";
      return true;
    }
    const pattern = isFirst ? /^\s*(?:\{\s*"([^"\\]*)"\s*:\s*)?\[/ : /^\s*,\s*"([^"\\]*)"\s*:\s*\[/;
    const begun = pattern.exec(this.#rest);
    if (begun) {
      if (isFirst) this.#isObject = begun[1] !== undefined;
      this.#beginList(begun[1] ?? "");
      this.#skip(begun[0].length);
      this.#state = "inside";
      return true;
    }
    if (!isFirst) {
      const mayBegin = /^\s*(,\s*("[^"\\]*("\s*(:\s*)?)?)?)?$/.test(this.#rest);
      if (!mayBegin) throw this.#moreAfter();
    } else if (this.#rest.trim().length > 1000) {
      throw this.#error(`expected a list, got ${shown(this.#rest.trim().slice(0, 40))}. ${remedy}`);
    }
    return false;
  }

  /** Only lists of other splits may be passed over: another one would be lost silently. */
  #beginList(name: string): void {
    if (this.#taken !== undefined && !trainingName.test(this.#taken)) throw this.#moreAfter();
    this.#isSkipping = this.#taken !== undefined || (this.#isObject && heldOutName.test(name));
    if (this.#isSkipping) this.#skippedNames.push(name);
    else this.#taken = name;
  }

  #skip(length: number): void {
    this.#line += this.#rest.slice(0, length).split("\n").length - 1;
    this.#rest = this.#rest.slice(length);
  }

  #add(rows: FileRow[], text: string, isLast: boolean): void {
    const lead = text.length - text.trimStart().length;
    const line = this.#line + text.slice(0, lead).split("\n").length - 1;
    this.#line += text.split("\n").length - 1;
    if (this.#isSkipping || (isLast && this.#index === 0 && text.trim() === "")) return; // or []
    const place = `row ${++this.#index} (line ${line})`;
    try {
      rows.push(rowOfJson(parseJson(text, this.#fileName, place), place));
    } catch (error) {
      const problem = (error as Error).message.slice(`${this.#fileName}: ${place}: `.length);
      rows.push({ place, problem });
    }
  }

  #moreAfter(): FormatError {
    const got = shown(this.#rest.trim().slice(0, 40));
    return this.#error(`expected the end of the file after the list, got ${got}. ${remedy}`);
  }

  #error(problem: string): FormatError {
    return new FormatError(this.#fileName, `line ${this.#line}`, problem);
  }
}
