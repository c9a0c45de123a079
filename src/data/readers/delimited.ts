// CSV and TSV: Papa Parse fed a chunk at a time, with what such files do not say about themselves read from their
// first megabyte: the delimiter, the line end, whether quotes quote, and whether the first row names the columns.
import Papa from "papaparse";
import { FormatError } from "../../formats/formatError";
import { type ByteSource, chunkBytes } from "../byteSource";
import { type FileRow, mostRowCharacters, type RowStream } from "../row";
import { readText } from "./utf8";

export interface DelimitedForm {
  readonly delimiter: string;
  readonly newline: "\n" | "\r\n" | "\r";
  /** Without, a quotation mark is a character like any other, as GLUE's TSV files have it. */
  readonly hasQuotes: boolean;
  readonly hasHeader: boolean;
  readonly columns: readonly string[];
}

interface Parsed {
  readonly data: readonly (readonly string[])[];
  readonly errors: readonly { readonly row?: number; readonly code: string }[];
  readonly meta: { readonly cursor: number };
}

type Syntax = Pick<DelimitedForm, "delimiter" | "newline" | "hasQuotes">;

function parse(text: string, { delimiter, newline, hasQuotes }: Syntax, leaveLastRow: boolean): Parsed {
  // Papa's fast mode is its way of not looking at quotes.
  const parser = new Papa.Parser({ delimiter, newline, fastMode: hasQuotes ? undefined : true });
  return parser.parse(text, 0, leaveLastRow);
}

const isBlank = (cells: readonly string[]): boolean => cells.every((cell) => cell.trim() === "");

/** @param isWhole whether `text` is the whole file, and so ends with a whole row */
function formOf(
  text: string,
  isWhole: boolean,
  fileName: string,
  kind: "csv" | "tsv",
  header: boolean | null,
): DelimitedForm {
  const newline = newlineOf(text);
  const candidates: Syntax[] =
    kind === "tsv"
      ? [
          { delimiter: "\t", newline, hasQuotes: true },
          { delimiter: "\t", newline, hasQuotes: false },
        ]
      : [",", ";", "\t", "|"].map((delimiter) => ({ delimiter, newline, hasQuotes: true }));
  const found = candidates.find((syntax) => isRegular(parse(text, syntax, !isWhole), text, kind));
  const syntax = found ?? (kind === "tsv" ? candidates[1]! : candidates[0]!);
  const rows = parse(text, syntax, !isWhole).data.filter((cells) => !isBlank(cells));
  const first = rows[0];
  if (!first) {
    const got = isWhole ? "an empty file" : `a first row of over ${text.length} characters`;
    throw new FormatError(fileName, "", `expected rows, got ${got}.`);
  }
  const hasHeader = header ?? looksLikeHeader(first);
  return {
    ...syntax,
    hasHeader,
    columns: hasHeader ? columnNames(first) : first.map((_, i) => String(i + 1)),
  };
}

/** The line end that comes first outside quotes. */
function newlineOf(text: string): DelimitedForm["newline"] {
  let inQuotes = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') inQuotes = !inQuotes;
    else if (inQuotes) continue;
    else if (character === "\n") return "\n";
    else if (character === "\r") return text[at + 1] === "\n" ? "\r\n" : "\r";
  }
  return "\n";
}

/** Whether a reading of the file makes sense: quotes as they should be, the same number of cells in every row. */
function isRegular({ data, errors, meta }: Parsed, text: string, kind: "csv" | "tsv"): boolean {
  const rows = data.filter((cells) => !isBlank(cells));
  const width = rows[0]?.length ?? 0;
  const readsOn = meta.cursor > text.length - chunkBytes / 16; // no quote swallows the rest
  const isTable = kind === "tsv" || width > 1;
  return errors.length === 0 && readsOn && isTable && rows.every((cells) => cells.length === width);
}

/** Names are neither numbers nor repeated. */
function looksLikeHeader(cells: readonly string[]): boolean {
  const named = cells.filter((cell) => cell.trim() !== "");
  const hasNumber = named.some((cell) => Number.isFinite(Number(cell)));
  return !hasNumber && new Set(named).size === named.length;
}

/** Names in the order of the columns: a number where there is none, and one behind a name that came before. */
function columnNames(cells: readonly string[]): string[] {
  const names: string[] = [];
  for (const [index, cell] of cells.entries()) {
    const name = cell.trim() === "" ? String(index + 1) : cell.trim();
    names.push(names.includes(name) ? `${name}_${index + 1}` : name);
  }
  return names;
}

/** Reads the first megabyte. @param header whether there is one; null: guessed @throws FormatError */
export async function readDelimitedForm(
  source: ByteSource,
  kind: "csv" | "tsv",
  header: boolean | null,
): Promise<DelimitedForm> {
  for await (const text of readText(source)) {
    return formOf(text, source.sizeBytes <= chunkBytes, source.name, kind, header);
  }
  throw new FormatError(source.name, "", "expected rows, got an empty file.");
}

/** Rows with a cell for each column; others are bad, except blank ones, which are left out. */
export async function* readDelimited(source: ByteSource, form: DelimitedForm): RowStream {
  let rest = "";
  let number = 0;
  const rowsOf = ({ data, errors }: Parsed): FileRow[] => {
    const badQuotes = new Set(errors.map(({ row }) => row));
    const rows: FileRow[] = [];
    for (const [index, cells] of data.entries()) {
      number++;
      if (isBlank(cells) || (form.hasHeader && number === 1)) continue;
      rows.push(rowOf(cells, form.columns, `row ${number}`, badQuotes.has(index)));
    }
    return rows;
  };
  for await (const text of readText(source)) {
    const parsed = parse(rest + text, form, true);
    rest = (rest + text).slice(parsed.meta.cursor);
    if (rest.length > mostRowCharacters) {
      const problem = `expected a row of at most ${mostRowCharacters} characters, got a longer one.`;
      throw new FormatError(source.name, `row ${number + 1}`, `${problem} Is a quotation mark never closed?`);
    }
    yield rowsOf(parsed);
  }
  if (rest !== "") yield rowsOf(parse(rest, form, false));
}

function rowOf(
  cells: readonly string[],
  columns: readonly string[],
  place: string,
  hasBadQuotes: boolean,
): FileRow {
  if (hasBadQuotes) {
    const problem =
      "expected a quoted cell to end with a quotation mark before the next one begins, got text.";
    return { place, problem: `${problem} Double the quotation marks inside it.` };
  }
  if (cells.length !== columns.length) {
    const problem = `expected ${columns.length} cells as in the first row, got ${cells.length}.`;
    return { place, problem: `${problem} Put cells with the delimiter in them between quotation marks.` };
  }
  return { place, value: Object.fromEntries(cells.map((cell, index) => [columns[index]!, cell])) };
}
