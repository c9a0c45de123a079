// The folder of a run: metrics line by line, the summary, and the last checkpoint, in such a way that a run which
// was killed at any moment can be resumed from what lies there.
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { dataSettingsSchema } from "../data/config";
import { FormatError } from "../formats/formatError";
import { checkSchema, decodeUtf8, parseJson } from "../formats/jsonFile";
import { quantisedDtypes } from "../gpu/quantised";
import { type Checkpoint, readCheckpoint } from "../train/checkpoint";
import type { EvaluationEvent, StepEvent } from "../train/events";
import { type FileContent, writeContents, writeFolder, writeWhole } from "./files";
import { FlagError } from "./flags";

const checkpointName = "checkpoint.safetensors";
const metricsName = "metrics.jsonl";
const summaryName = "summary.json";
/** What a run may leave in its folder, of any method. */
const writtenNames = [
  checkpointName,
  metricsName,
  summaryName,
  "adapter_config.json",
  "adapter_model.safetensors",
  "model.safetensors",
  "README.md",
];

const metricsSchema = z.object({
  step: z.int(),
  loss: z.number(),
  learning_rate: z.number(),
  grad_norm: z.number(),
  tokens: z.int(),
  step_ms: z.number(),
});
const sourceSchema = z.object({
  model: z.string(),
  /** Of a model of the Hub: the commit that it is at. */
  model_commit: z.string().nullish(),
  data: z.string(),
  eval_data: z.string().nullable(),
  init_adapter: z.string().nullable(),
  /** Absent where the data is no person's file. */
  data_settings: dataSettingsSchema.optional(),
  /** How the frozen weights are kept; null or absent: as in their file. */
  quantisation: z.enum(quantisedDtypes).nullish(),
});
const summarySchema = z.looseObject({
  ...sourceSchema.shape,
  evaluations: z.array(z.object({ step: z.int(), loss: z.number() })),
  seconds: z.number(),
});

/** One line of metrics.jsonl. */
export type Metrics = z.infer<typeof metricsSchema>;
/** Where a run's inputs are, as they were given, and how its data is read. */
export type RunSource = z.infer<typeof sourceSchema>;

/** What an earlier part of a run left behind. */
export interface SavedRun {
  readonly checkpoint: Checkpoint;
  readonly checkpointBytes: Uint8Array;
  readonly source: RunSource;
  readonly metrics: readonly Metrics[];
  readonly evaluations: readonly Omit<EvaluationEvent, "type">[];
  /** Time spent until the checkpoint. */
  readonly seconds: number;
}

/**
 * Reads a run to go on with; what it had written beyond its last checkpoint is left out.
 * @throws FlagError or FormatError when the folder holds no run or a damaged one
 */
export function readRun(path: string): SavedRun {
  for (const name of [checkpointName, metricsName, summaryName]) {
    if (!existsSync(join(path, name))) {
      throw new FlagError("resume", `expected a folder with ${name}, got none in ${path}`);
    }
  }
  const checkpointBytes = new Uint8Array(readFileSync(join(path, checkpointName)));
  const checkpoint = readCheckpoint(checkpointBytes);
  const text = decodeUtf8(readFileSync(join(path, summaryName)), summaryName);
  const summary = checkSchema(summarySchema, parseJson(text, summaryName), summaryName);
  const { evaluations, seconds } = summary;
  return {
    checkpoint,
    checkpointBytes,
    source: sourceSchema.parse(summary),
    metrics: readMetrics(join(path, metricsName), checkpoint.step),
    evaluations: evaluations.filter(({ step }) => step <= checkpoint.step),
    seconds,
  };
}

function readMetrics(path: string, steps: number): Metrics[] {
  const lines = readFileSync(path, "utf8").split("\n").slice(0, steps); // the rest is done again
  return lines.map((line, index) => {
    const place = `line ${index + 1}`;
    const metrics = checkSchema(metricsSchema, parseJson(line, metricsName, place), metricsName, place);
    if (metrics.step !== index + 1) {
      throw new FormatError(metricsName, place, `expected step ${index + 1}, got ${metrics.step}.`);
    }
    return metrics;
  });
}

export class RunFolder {
  readonly #metrics: number;

  private constructor(readonly path: string) {
    this.#metrics = openSync(join(path, metricsName), "a");
  }

  /** Begins a run in a folder, where nothing stays of an earlier one. */
  static begin(path: string): RunFolder {
    for (const name of writtenNames) rmSync(join(path, name), { force: true });
    mkdirSync(path, { recursive: true });
    return new RunFolder(path);
  }

  /** Goes on with a saved run, in its own folder or another one; at no moment is there less than before. */
  static goOn(path: string, { metrics, checkpointBytes }: SavedRun): RunFolder {
    const lines = metrics.map((each) => `${JSON.stringify(each)}\n`);
    writeFolder(path, [
      [checkpointName, checkpointBytes],
      [metricsName, lines.join("")],
    ]);
    return new RunFolder(path);
  }

  /** Writes at once, so that the file can be followed. */
  addStep({ step, loss, learningRate, gradNorm, tokens, stepMs }: StepEvent): Metrics {
    const metrics = {
      step,
      loss,
      learning_rate: learningRate,
      grad_norm: gradNorm,
      tokens,
      step_ms: Math.round(stepMs * 1000) / 1000,
    };
    writeSync(this.#metrics, `${JSON.stringify(metrics)}\n`);
    return metrics;
  }

  writeCheckpoint(bytes: Uint8Array): void {
    writeWhole(join(this.path, checkpointName), bytes);
  }

  writeSummary(summary: RunSource & Readonly<Record<string, unknown>>): void {
    writeWhole(join(this.path, summaryName), `${JSON.stringify(summary, null, 2)}\n`);
  }

  /** Files of the result, beside the run's own. */
  writeResult(files: Iterable<readonly [string, FileContent]>): Promise<void> {
    return writeContents(this.path, files);
  }

  close(): void {
    closeSync(this.#metrics);
  }
}
