// What the readers of all formats hand on: a row with its columns, or why there is none, each with its place.
import { shown } from "../formats/formatError";

/** Columns by name. */
export type RowValue = Readonly<Record<string, unknown>>;

export interface GoodRow {
  /** Where it stands, as a person looks for it: "line 3", "row 3". */
  readonly place: string;
  readonly value: RowValue;
}

export interface BadRow {
  readonly place: string;
  /** `expected …, got …` */
  readonly problem: string;
}

export type FileRow = GoodRow | BadRow;

/** Rows as they are read, a chunk of the file at a time. */
export type RowStream = AsyncGenerator<readonly FileRow[]>;

export const isBadRow = (row: FileRow): row is BadRow => "problem" in row;

/** A row longer than this is a mistake (a quote that never closes), not an example. */
export const mostRowCharacters = 32 * 2 ** 20;

/** A JSON value as a row: an object's keys are its columns, a string is its text, a list counts its columns. */
export function rowOfJson(value: unknown, place: string): FileRow {
  if (typeof value === "string") return { place, value: { text: value } };
  if (Array.isArray(value)) {
    return { place, value: Object.fromEntries(value.map((cell, index) => [String(index + 1), cell])) };
  }
  if (typeof value === "object" && value !== null) return { place, value: value as RowValue };
  return { place, problem: `expected an object with columns, got ${shown(value)}.` };
}

/** A row that the mapping cannot use; the message is `column: expected …, got …`. */
export class RowError extends Error {
  override name = "RowError";
}
