// The training data in use: bytes as they came (kept with a run, so that it can be resumed), and examples.
import { splitValidation, type TokenizedExample } from "../data/batches";
import { type ParsedExamples, parseExamples } from "../data/examples";
import type { TaskMetric } from "../data/taskMetric";
import { tokenizeExamples } from "../data/tokenize";
import type { Tokenizer } from "../formats/tokenizer";
import { fetchSample } from "./embedded";
import { sha256 } from "./loadedModel";
import type { DataInfo, DataOptions, DataSource, PreviewToken } from "./messages";
import { StudioError } from "./problems";

/** Part of the examples set aside where the data brings no validation split. */
const validationFraction = 0.1;
const previewExamples = 4;
const previewTokens = 200;

/** The bytes of a dataset, as a run keeps them. */
export interface DataBytes {
  readonly name: string;
  readonly fileName: string;
  readonly train: Uint8Array<ArrayBuffer>;
  readonly validation?: Uint8Array<ArrayBuffer>;
  /** What counts as success, where the data says so. */
  readonly metric?: TaskMetric;
}

export interface ParsedData {
  readonly bytes: DataBytes;
  /** Digest of the bytes: runs on the same data share one copy. */
  readonly key: string;
  readonly train: ParsedExamples;
  readonly validation?: ParsedExamples;
}

export interface TokenizedData {
  readonly examples: readonly TokenizedExample[];
  readonly evalExamples: readonly TokenizedExample[];
  readonly info: DataInfo;
}

/** Fetches or reads the bytes. */
export async function readData(source: DataSource): Promise<DataBytes> {
  if (source.kind === "sample") {
    return { name: source.name, fileName: "train.jsonl", ...(await fetchSample(source.name)) };
  }
  if (!source.file) throw new StudioError("training data: expected a file, got none.");
  const train = new Uint8Array(await source.file.arrayBuffer());
  return { name: source.name, fileName: source.file.name, train };
}

/** @throws FormatError naming the line and field */
export async function parseData(bytes: DataBytes): Promise<ParsedData> {
  const { train, validation, fileName } = bytes;
  const digests = [await sha256(train), validation ? await sha256(validation) : "none"];
  return {
    bytes,
    key: await sha256(new TextEncoder().encode([bytes.name, fileName, ...digests].join("\n"))),
    train: parseExamples(train, fileName),
    validation: validation && parseExamples(validation, "validation.jsonl"),
  };
}

/**
 * Cuts the data to the sequence length for a model; sets a tenth aside for validation where it brings none.
 * @throws FormatError when no example keeps a counted token
 */
export function tokenizeData(data: ParsedData, tokenizer: Tokenizer, options: DataOptions): TokenizedData {
  const { sequenceLength, seed } = options;
  const { examples: all, report } = tokenizeExamples(data.train, tokenizer, sequenceLength);
  const { train, validation } = data.validation
    ? {
        train: all,
        validation: tokenizeExamples(data.validation, tokenizer, sequenceLength).examples,
      }
    : splitValidation(all, validationFraction, seed);
  const info: DataInfo = {
    name: data.bytes.name,
    exampleCount: train.length,
    validationCount: validation.length,
    truncatedCount: report.truncatedCount,
    droppedCount: report.droppedCount,
    longestTokens: report.longestTokens,
    targetTokensPerExample: report.targetCount / report.keptCount,
    preview: train.slice(0, previewExamples).map((example) => previewOf(example, tokenizer)),
    samplePrompt:
      data.train.kind === "promptCompletion" ? promptOf(validation[0] ?? train[0]!, tokenizer) : "",
  };
  return { examples: train, evalExamples: validation, info };
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
