// The training data in use: its files (kept with a run, so that it can be resumed) and the examples in them.

import { type ByteSource, blobSource, filesSource } from "../data/byteSource";
import { type DataSettings, defaultDataSettings } from "../data/config";
import { datasetOf, type LoadedData } from "../data/dataset";
import { exampleEncoder } from "../data/encode";
import type { Examples, TokenizedExample } from "../data/examples";
import { lengthHistogram } from "../data/lengths";
import { type DataSketch, type PreparedData, prepareData, sketchData } from "../data/prepare";
import type { TaskMetric } from "../data/taskMetric";
import type { Tokenizer } from "../formats/tokenizer";
import { openDatasetFile, parseDatasetFile } from "../hub/datasets";
import { checkEndpoint } from "../hub/hubClient";
import { fetchSample } from "./embedded";
import { sha256 } from "./loadedModel";
import type { DataInfo, DataOptions, DataSource, DataUpdate, PreviewToken } from "./messages";
import { StudioError } from "./problems";

const previewExamples = 4;
const previewTokens = 200;
/** What is fetched of a file of the Hub at once. */
const downloadBytes = 4 * 2 ** 20;
/** Larger files are not copied into the browser's storage: a run on them asks for the file again to be resumed. */
const mostKeptBytes = 64 * 2 ** 20;

/** The files of a dataset and how they are read, as a run keeps them. */
export interface DataFiles {
  readonly name: string;
  readonly fileName: string;
  /** A file from disk stays there; bytes of runs kept by the first versions. */
  readonly train: Blob | Uint8Array<ArrayBuffer>;
  /** Files that `train` consists of, where it is several. */
  readonly parts?: readonly { readonly name: string; readonly sizeBytes: number }[] | undefined;
  readonly validation?: Blob | Uint8Array<ArrayBuffer> | undefined;
  readonly validationName?: string | undefined;
  /** Absent in runs kept by the first versions. */
  readonly settings?: DataSettings | undefined;
  /** What counts as success, where the data says so. */
  readonly metric?: TaskMetric | undefined;
}

/** Files that were read and tokenized for a model. */
export interface LoadedFiles {
  readonly files: DataFiles & { readonly settings: DataSettings };
  /** Of the model whose tokenizer it was. */
  readonly fingerprint: string;
  readonly data: LoadedData;
}

export interface TokenizedData {
  readonly examples: Examples;
  readonly evalExamples: Examples;
  readonly info: DataInfo;
}

/**
 * Fetches the files of a sample or of the Hub, or takes the person's.
 * @throws HubError saying what to do; the signal's reason when given up
 */
export async function openFiles(
  source: DataSource,
  settings = defaultDataSettings,
  onUpdate: (update: DataUpdate) => void = () => {},
  signal?: AbortSignal,
): Promise<DataFiles> {
  if (source.kind === "hub") return { ...(await fetchDataset(source, onUpdate, signal)), settings };
  if (source.kind === "sample") {
    const { train, validation, metric } = await fetchSample(source.name);
    const names = { fileName: "train.jsonl", validationName: "validation.jsonl" };
    return {
      name: source.name,
      ...names,
      train: new Blob([train]),
      validation: new Blob([validation]),
      settings,
      metric,
    };
  }
  const { file, validationFile, name } = source;
  if (!file) throw new StudioError("training data: expected a file, got none.");
  return {
    name,
    fileName: file.name,
    train: file,
    validation: validationFile,
    validationName: validationFile?.name,
    settings,
  };
}

/** A split of a data set, a piece at a time: the browser puts large Blobs on disk. */
async function fetchDataset(
  { name, split, access, validationFile }: DataSource,
  onUpdate: (update: DataUpdate) => void,
  signal: AbortSignal | undefined,
): Promise<DataFiles> {
  if (!access) throw new StudioError("training data: expected a Hub to ask, got none.");
  const checked = { ...access, endpoint: checkEndpoint(access.endpoint) };
  const file = parseDatasetFile(name);
  const wanted = { ...file, path: split ?? file.path };
  const { source, asked } = await openDatasetFile(checked, wanted, signal).catch((error) => {
    signal?.throwIfAborted();
    throw error;
  });
  const pieces: Blob[] = [];
  for (let at = 0; at < source.sizeBytes; at += downloadBytes) {
    signal?.throwIfAborted();
    onUpdate({ type: "progress", fraction: at / source.sizeBytes });
    pieces.push(new Blob([await source.read(at, at + downloadBytes)]));
  }
  return {
    name: asked.id,
    fileName: source.name,
    train: new Blob(pieces),
    parts: source.parts?.map(({ name, sizeBytes }) => ({ name, sizeBytes })),
    validation: validationFile,
    validationName: validationFile?.name,
  };
}

/** The model's part in reading data. */
interface DataReader {
  readonly tokenizer: Tokenizer;
  readonly fingerprint: string;
}

/**
 * Reads and tokenizes everything, in slices.
 * @param onUpdate is told the first examples at once, then how far it is
 * @throws FormatError, BadRowsError, MappingError; the signal's reason when given up
 */
export async function loadFiles(
  given: DataFiles,
  { tokenizer, fingerprint }: DataReader,
  onUpdate: (update: DataUpdate) => void = () => {},
  signal?: AbortSignal,
): Promise<LoadedFiles> {
  const settings = given.settings ?? defaultDataSettings;
  const { fileName, validationName = "validation", train, parts, validation } = given;
  const source = sourceOf(fileName, blobOf(train), parts);
  const heldOut = validation && blobSource(validationName, blobOf(validation));
  const sketch = await sketchData(source, settings);
  onUpdate({ type: "sketch", sketch: sketchInfo(sketch, tokenizer) });
  const total = source.sizeBytes + (heldOut?.sizeBytes ?? 0);
  let [done, shownPercent] = [0, 0];
  // Whole percents: slices are many a second, and each one told is work for the page.
  const tell = (fraction: number) => {
    const percent = Math.floor(100 * fraction);
    if (percent > shownPercent) onUpdate({ type: "progress", fraction: percent / 100 });
    shownPercent = percent;
  };
  const prepare = async (file: ByteSource, how: DataSettings): Promise<PreparedData> => {
    const onProgress = (fraction: number) => tell((done + fraction * file.sizeBytes) / total);
    const prepared = await prepareData(file, tokenizer, { settings: how, onProgress, signal });
    done += file.sizeBytes;
    return prepared;
  };
  const data: LoadedData = {
    train: await prepare(source, settings),
    // The held-out file has the same columns; a guess from its own rows could differ.
    validation: heldOut && (await prepare(heldOut, { ...settings, mapping: sketch.mapping })),
  };
  return { files: { ...given, settings }, fingerprint, data };
}

function sourceOf(name: string, blob: Blob, parts: DataFiles["parts"]): ByteSource {
  if (!parts) return blobSource(name, blob);
  let at = 0;
  const sources = parts.map((part) => {
    at += part.sizeBytes;
    return blobSource(part.name, blob.slice(at - part.sizeBytes, at));
  });
  return filesSource(name, sources);
}

const blobOf = (bytes: Blob | Uint8Array<ArrayBuffer>): Blob => new Blob([bytes]);

/** Cuts to the sequence length. @throws FormatError when no example keeps a counted token */
export function tokenizeData(
  { files, data }: LoadedFiles,
  tokenizer: Tokenizer,
  options: Pick<DataOptions, "sequenceLength" | "seed">,
): TokenizedData {
  const { examples, evalExamples, report } = datasetOf(data, options, files.settings);
  const { train, validation } = data;
  const { rowCount, emptyCount, duplicateCount, badRowCount, badRows, sketch } = train;
  const info: DataInfo = {
    ...sketchInfo(sketch, tokenizer),
    ...{ rowCount, emptyCount, duplicateCount, badRowCount, badRows },
    name: files.name,
    validationName: validation && files.validationName,
    exampleCount: examples.length,
    validationCount: evalExamples.length,
    truncatedCount: report.truncatedCount,
    droppedCount: report.droppedCount,
    longestTokens: report.longestTokens,
    targetTokensPerExample: report.targetCount / report.keptCount,
    learnedShare: report.targetCount / report.tokenCount,
    lengths: train.kind === "examples" ? lengthHistogram(train.examples.sizes.lengths) : null,
    preview: [...examples.slice(0, previewExamples)].map((example) => previewOf(example, tokenizer)),
    samplePrompt:
      sketch.samples[0]?.kind === "promptCompletion"
        ? promptOf(evalExamples.at(0) ?? examples.at(0)!, tokenizer)
        : "",
  };
  return { examples, evalExamples, info };
}

/** What identifies the data of a run: runs on the same data share one copy. */
export async function keyOf({ name, fileName, settings, train, validation }: DataFiles): Promise<string> {
  const digests = [await digestOf(blobOf(train)), validation ? await digestOf(blobOf(validation)) : "none"];
  return sha256(new TextEncoder().encode([name, fileName, JSON.stringify(settings), ...digests].join("\n")));
}

/** Whether a copy goes into the browser's storage with a run. */
export function isKept({ train, validation }: DataFiles): boolean {
  return blobOf(train).size + (validation ? blobOf(validation).size : 0) <= mostKeptBytes;
}

/** Of a large file the size and its ends: the run's checkpoint knows its examples exactly. */
async function digestOf(blob: Blob): Promise<string> {
  const parts =
    blob.size <= mostKeptBytes ? [blob] : [String(blob.size), blob.slice(0, 1 << 20), blob.slice(-(1 << 20))];
  return sha256(new Uint8Array(await new Blob(parts).arrayBuffer()));
}

function sketchInfo(sketch: DataSketch, tokenizer: Tokenizer) {
  const { format, columns, mapping, hasHeader, samples } = sketch;
  const encode = exampleEncoder(tokenizer);
  return {
    ...{ format, columns, mapping, hasHeader },
    chatTemplate: mapping?.kind === "messages" ? tokenizer.chatTemplate.origin : null,
    preview: samples.map((sample) => {
      const { ids, learned } = encode(sample);
      const lossMask = new Uint8Array(ids.length);
      for (const [from, to] of learned) lossMask.fill(1, Math.max(1, from), to);
      return previewOf({ ids: Uint32Array.from(ids), lossMask }, tokenizer);
    }),
  };
}

function previewOf({ ids, lossMask }: TokenizedExample, tokenizer: Tokenizer): PreviewToken[] {
  return [...ids.subarray(0, previewTokens)].map((id, t) => ({
    text: tokenizer.tokenText(id),
    counts: lossMask[t] === 1,
  }));
}

function promptOf({ ids, lossMask }: TokenizedExample, tokenizer: Tokenizer): string {
  return tokenizer.decode([...ids.subarray(0, lossMask.indexOf(1))]);
}
