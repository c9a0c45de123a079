// A file of any format as a stream of rows.
import { FormatError } from "../formats/formatError";
import { type ByteSource, chunkBytes } from "./byteSource";
import type { DataSettings } from "./config";
import { readDelimited, readDelimitedForm } from "./readers/delimited";
import { readJsonLines, readTextLines } from "./readers/jsonLines";
import { readJsonList } from "./readers/jsonList";
import { readParquet } from "./readers/parquet";
import type { RowStream } from "./row";

export type DataFormat = "jsonLines" | "jsonList" | "csv" | "tsv" | "parquet" | "text";

const endings: Readonly<Record<string, DataFormat | "json">> = {
  ...{ jsonl: "jsonLines", ndjson: "jsonLines", json: "json", csv: "csv", tsv: "tsv", tab: "tsv" },
  ...{ parquet: "parquet", txt: "text", text: "text", md: "text" },
};

/** A file whose format is known. */
export interface DataFile {
  readonly source: ByteSource;
  readonly format: DataFormat;
  /** Of a CSV or TSV file: whether its first row names the columns. */
  readonly hasHeader?: boolean;
  /** All rows, from the first; a new stream each time. */
  readonly rows: () => RowStream;
}

/**
 * Finds out the format: of a source of several files that of the first; they may differ.
 * @throws FormatError for an empty file
 */
export async function openDataFile(source: ByteSource, settings: DataSettings): Promise<DataFile> {
  const [first, ...others] = source.parts ?? [source];
  const opened = await openOne(first!, settings);
  if (others.length === 0) return opened;
  const { hasHeader = null } = opened;
  async function* rows(): RowStream {
    for (const part of [first!, ...others]) {
      const file = part === first ? opened : await openOne(part, { ...settings, hasHeader });
      for await (const chunk of file.rows()) {
        yield chunk.map((row) => ({ ...row, place: `${part.name}: ${row.place}` }));
      }
    }
  }
  return { ...opened, source, rows };
}

/**
 * Finds out the format: by the name's ending, or by the first bytes where it says nothing. A .json file may be a
 * list of rows or JSON Lines.
 * @throws FormatError for an empty file
 */
async function openOne(source: ByteSource, settings: DataSettings): Promise<DataFile> {
  const start = await source.read(0, Math.min(source.sizeBytes, source.chunkBytes ?? chunkBytes));
  // Only a first look: the reader decodes strictly.
  const text = new TextDecoder().decode(start);
  if (text.trim() === "") throw new FormatError(source.name, "", "expected examples, got an empty file.");
  const format = formatOf(source.name, text);
  if (format === "csv" || format === "tsv") {
    const form = await readDelimitedForm(source, format, settings.hasHeader);
    return { source, format, hasHeader: form.hasHeader, rows: () => readDelimited(source, form) };
  }
  const readers = {
    jsonLines: readJsonLines,
    jsonList: readJsonList,
    parquet: readParquet,
    text: readTextLines,
  };
  return { source, format, rows: () => readers[format](source) };
}

function formatOf(name: string, start: string): DataFormat {
  const ending = /\.([^./\\]*)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  const known = endings[ending];
  if (known && known !== "json") return known;
  if (start.startsWith("PAR1")) return "parquet";
  const first = start.trimStart()[0];
  if (first === "[") return "jsonList";
  if (first === "{") return isJsonLines(start.trim()) ? "jsonLines" : "jsonList";
  return known === "json" ? "jsonLines" : "text";
}

/** Whether what begins with `{` is a value per line, and not one object around a list of rows. */
function isJsonLines(start: string): boolean {
  const lineEnd = start.indexOf("\n");
  const isList = /^\{\s*"[^"\\]*"\s*:\s*\[/.test(start);
  if (lineEnd < 0) return !/^\{\s*"(data|rows|examples|train|instances)"\s*:\s*\[/.test(start);
  try {
    JSON.parse(start.slice(0, lineEnd));
    return true;
  } catch {
    return !isList;
  }
}
