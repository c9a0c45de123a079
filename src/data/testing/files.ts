// Files in memory for tests of the data path, read in small chunks where borders matter.
import { expect } from "vitest";
import { FormatError } from "../../formats/formatError";
import { tinyTokenizerFiles } from "../../formats/testing/tinyTokenizer";
import { loadTokenizer, type Tokenizer } from "../../formats/tokenizer";
import type { ByteSource } from "../byteSource";
import { type DataSettings, defaultDataSettings } from "../config";
import { type PreparedData, prepareData } from "../prepare";
import type { FileRow, RowStream } from "../row";

export function fileOf(
  content: string | ArrayBuffer | Uint8Array,
  name: string,
  chunkBytes?: number,
): ByteSource {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
  const read = async (begin: number, end: number) => bytes.slice(begin, end);
  return { name, sizeBytes: bytes.length, read, ...(chunkBytes !== undefined && { chunkBytes }) };
}

export async function allRows(stream: RowStream): Promise<FileRow[]> {
  const rows: FileRow[] = [];
  for await (const chunk of stream) rows.push(...chunk);
  return rows;
}

export function tinyTokenizer(): Tokenizer {
  const { tokenizerJson, tokenizerConfig } = tinyTokenizerFiles();
  return loadTokenizer(tokenizerJson, tokenizerConfig);
}

/** Prepares a file's content for the tiny tokenizer, or another one. */
export function prepare(
  content: string | Uint8Array,
  name = "a.jsonl",
  settings: Partial<DataSettings> = {},
  tokenizer = tinyTokenizer(),
): Promise<PreparedData> {
  return prepareData(fileOf(content, name), tokenizer, { settings: { ...defaultDataSettings, ...settings } });
}

/** Message of the FormatError that a reading ends in; fails when it ends in something else, or in nothing. */
export async function complaintOf(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => expect.fail("expected a FormatError, got none"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(FormatError);
  return (error as Error).message;
}
