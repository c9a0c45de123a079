// A file on its way to examples: read, mapped and tokenized in one pass, in slices short enough that whoever shares
// the thread stays quick, with progress, and to be given up at any moment.
import { FormatError } from "../formats/formatError";
import type { Tokenizer } from "../formats/tokenizer";
import type { ByteSource } from "./byteSource";
import type { DataMapping, DataSettings } from "./config";
import { exampleEncoder, framingOf } from "./encode";
import { ExampleTableBuilder, textTable } from "./exampleTable";
import { guessMapping } from "./guessMapping";
import { PieceEncoder } from "./longText";
import { columnsOf, type ExampleText, isEmptyExample, rowMapper } from "./mapping";
import { readText } from "./readers/utf8";
import {
  type BadRow,
  type FileRow,
  type GoodRow,
  isBadRow,
  RowError,
  type RowStream,
  type RowValue,
} from "./row";
import { type DataFile, type DataFormat, openDataFile } from "./rows";
import { parseTemplate, TemplateError } from "./template";
import type { EncodedData } from "./tokenize";
import { TokenPages } from "./tokenPages";

/** What a look at the first rows tells. */
export interface DataSketch {
  readonly format: DataFormat;
  /** Empty for one long text. */
  readonly columns: readonly string[];
  /** The given mapping or the guessed one; null for one long text. */
  readonly mapping: DataMapping | null;
  readonly hasHeader?: boolean | undefined;
  /** The first examples, as text. */
  readonly samples: readonly ExampleText[];
}

export interface PreparedData extends EncodedData {
  readonly sketch: DataSketch;
  /** Rows that hold more than white space. */
  readonly rowCount: number;
  /** Rows with nothing to learn, left out. */
  readonly emptyCount: number;
  /** Examples that say the same as one before; kept. */
  readonly duplicateCount: number;
  /** Rows left out because they cannot be used. */
  readonly badRowCount: number;
  /** The first of them. */
  readonly badRows: readonly BadRow[];
}

export interface PrepareOptions {
  readonly settings: DataSettings;
  /** Read part of the file, 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
  /** Gives up with its reason. */
  readonly signal?: AbortSignal;
}

/** Rows that cannot be used, in a file whose bad rows are not to be skipped. */
export class BadRowsError extends FormatError {
  constructor(
    fileName: string,
    readonly badRows: readonly BadRow[],
    readonly badRowCount: number,
  ) {
    const [first] = badRows;
    const rest = badRowCount - 1;
    const more = rest > 0 ? ` ${rest} more ${rest === 1 ? "row" : "rows"} cannot be used.` : "";
    super(fileName, first!.place, `${first!.problem}${more}`);
  }
}

/** A mapping that does not fit the file; `field` is the setting at fault. */
export class MappingError extends FormatError {
  constructor(fileName: string, field: string, problem: string) {
    super(fileName, field, problem);
  }
}

const sketchRows = 100;
const samplesShown = 4;
const badRowsShown = 20;
/** Work between two moments for others on this thread. */
const sliceMs = 24;

/** Looks at the first rows: quick for a file of any size. @throws FormatError, MappingError */
export async function sketchData(source: ByteSource, settings: DataSettings): Promise<DataSketch> {
  return sketchOf(await openDataFile(source, settings), settings);
}

async function sketchOf(file: DataFile, settings: DataSettings): Promise<DataSketch> {
  const { format, hasHeader, source } = file;
  if (format === "text" && settings.textAs === "blocks") {
    return { format, columns: [], mapping: null, samples: [] };
  }
  const rows = await firstRows(file.rows());
  const values = rows.filter((row): row is GoodRow => !isBadRow(row)).map(({ value }) => value);
  if (rows.length === 0) throw new FormatError(source.name, "", "expected rows, got none.");
  if (values.length === 0)
    throw new BadRowsError(source.name, rows.filter(isBadRow).slice(0, badRowsShown), rows.length);
  const columns = columnsOf(values);
  const mapping = settings.mapping ?? guessMapping(values);
  if (!mapping) {
    const problem = `expected a column with text, got ${columns.join(", ") || "none"}.`;
    throw new FormatError(source.name, "", problem);
  }
  checkMapping(mapping, columns, source.name);
  const map = rowMapper(mapping);
  const samples = values.flatMap((value) => mapped(map, value)).slice(0, samplesShown);
  return { format, columns, mapping, hasHeader, samples };
}

async function firstRows(stream: RowStream): Promise<FileRow[]> {
  const rows: FileRow[] = [];
  for await (const chunk of stream) {
    rows.push(...chunk.slice(0, sketchRows - rows.length));
    if (rows.length >= sketchRows) break;
  }
  return rows;
}

function mapped(map: (value: RowValue) => ExampleText, value: RowValue): ExampleText[] {
  try {
    return [map(value)];
  } catch (error) {
    if (error instanceof RowError) return [];
    throw error;
  }
}

/** @throws MappingError naming the setting and the columns there are */
function checkMapping(mapping: DataMapping, columns: readonly string[], fileName: string): void {
  const wanted = wantedColumns(mapping, fileName);
  for (const [field, column] of wanted) {
    if (column === "" || columns.includes(column) || columns.some((each) => each.startsWith(`${column}.`)))
      continue;
    throw new MappingError(
      fileName,
      field,
      `expected one of the columns ${columns.join(", ")}, got ${column}.`,
    );
  }
}

/** Column by the setting that asks for it. */
function wantedColumns(mapping: DataMapping, fileName: string): [field: string, column: string][] {
  if (mapping.kind !== "template") {
    const { kind: _, ...byField } = mapping;
    return Object.entries(byField);
  }
  try {
    return parseTemplate(mapping.template).parts.map(({ column }) => ["template", column]);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new MappingError(fileName, "template", error.message.slice("template: ".length));
  }
}

/**
 * Reads, maps and tokenizes a whole file.
 * @throws FormatError for a file that cannot be read; BadRowsError, once all rows were looked at, for rows that
 *   cannot be used unless they are to be skipped; MappingError; the signal's reason when given up
 */
export async function prepareData(
  source: ByteSource,
  tokenizer: Tokenizer,
  options: PrepareOptions,
): Promise<PreparedData> {
  const slices = new Slices(options.signal);
  let read = 0;
  const counted = counting(source, (end) => {
    read = Math.max(read, end);
  });
  const file = await openDataFile(counted, options.settings);
  const sketch = await sketchOf(file, options.settings);
  read = 0;
  const rest = async () => {
    if (await slices.rest()) options.onProgress?.(read / source.sizeBytes);
  };
  return sketch.mapping === null
    ? prepareText(counted, tokenizer, sketch, rest)
    : prepareRows(file, sketch, tokenizer, options.settings, rest);
}

async function prepareRows(
  { source, rows }: DataFile,
  sketch: DataSketch,
  tokenizer: Tokenizer,
  { skipBadRows }: DataSettings,
  rest: () => Promise<void>,
): Promise<PreparedData> {
  const map = rowMapper(sketch.mapping!);
  const encode = exampleEncoder(tokenizer);
  const built = new ExampleTableBuilder(tokenizer.vocabSize);
  const badRows: BadRow[] = [];
  let [rowCount, badRowCount, emptyCount] = [0, 0, 0];
  const addBad = (row: BadRow) => {
    badRowCount++;
    if (badRows.length < badRowsShown) badRows.push(row);
  };
  for await (const chunk of rows()) {
    for (const row of chunk) {
      await rest();
      rowCount++;
      if (isBadRow(row)) {
        addBad(row);
        continue;
      }
      try {
        const example = map(row.value);
        if (isEmptyExample(example)) emptyCount++;
        // Once the file is refused, only the count of its bad rows is of interest.
        else if (skipBadRows || badRowCount === 0) built.add(encode(example));
      } catch (error) {
        if (!(error instanceof RowError)) throw error;
        addBad({ place: row.place, problem: error.message });
      }
    }
  }
  if (badRowCount > 0 && (!skipBadRows || built.length === 0)) {
    throw new BadRowsError(source.name, badRows, badRowCount);
  }
  if (built.length === 0) {
    throw new FormatError(
      source.name,
      "",
      `expected examples with something to learn, got ${rowCount} empty rows.`,
    );
  }
  const counts = { rowCount, emptyCount, duplicateCount: built.countDuplicates(), badRowCount };
  return { fileName: source.name, kind: "examples", examples: built.table(), sketch, badRows, ...counts };
}

async function prepareText(
  source: ByteSource,
  tokenizer: Tokenizer,
  sketch: DataSketch,
  rest: () => Promise<void>,
): Promise<PreparedData> {
  const { before, after } = framingOf(tokenizer);
  const tokens = new TokenPages(tokenizer.vocabSize);
  const pieces = new PieceEncoder(tokenizer);
  tokens.push(before);
  for (const part of source.parts ?? [source]) {
    for await (const text of readText(part)) {
      for (const ids of pieces.push(text)) {
        tokens.push(ids);
        await rest();
      }
    }
  }
  for (const ids of pieces.end()) tokens.push(ids);
  tokens.push(after);
  return {
    fileName: source.name,
    kind: "blocks",
    examples: textTable(tokens),
    sketch,
    badRows: [],
    ...{ rowCount: 1, emptyCount: 0, duplicateCount: 0, badRowCount: 0 },
  };
}

/** Tells of each reading where in the whole it ends. */
function counting(source: ByteSource, onRead: (end: number) => void, start = 0): ByteSource {
  let at = start;
  const parts = source.parts?.map((part) => {
    at += part.sizeBytes;
    return counting(part, onRead, at - part.sizeBytes);
  });
  const read = (begin: number, end: number) => {
    onRead(start + end);
    return source.read(begin, end);
  };
  return { ...source, read, ...(parts && { parts }) };
}

/** Lets others on the thread have their turn now and then. */
class Slices {
  #sinceMs = performance.now();
  readonly #signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** @returns whether it was time for a rest @throws the signal's reason */
  async rest(): Promise<boolean> {
    if (performance.now() - this.#sinceMs < sliceMs) return false;
    await othersTurn();
    this.#signal?.throwIfAborted();
    this.#sinceMs = performance.now();
    return true;
  }
}

/** Waits until messages and timers that are due have had their turn; a timer of its own would take 4 ms each time. */
function othersTurn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
