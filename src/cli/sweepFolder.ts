// The folder of a sweep: tables and curves after every result, a PEFT folder per cell, and the state of the race under
// way, so that a sweep that was killed at any moment can go on.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { checkSchema, decodeUtf8, parseJson } from "../formats/jsonFile";
import { quantisedDtypes } from "../gpu/quantised";
import type { ExperimentEvent } from "../lab/events";
import { cellsOf } from "../lab/experiment";
import { type ExperimentContent, readExperimentFile, writeExperimentFile } from "../lab/experimentFile";
import type { RaceProgress } from "../lab/raceFollower";
import type { ExperimentProgress } from "../lab/runExperiment";
import { type CellSeries, emptySeries, withTrainPoint, withValidationPoint } from "../lab/series";
import { resultsCsv, resultsMarkdown } from "../lab/tables";
import { type FileContent, writeContents, writeFolder, writeWhole } from "./files";
import { FlagError } from "./flags";

const resultsName = "results.json";
const stateName = "sweep.json";
const raceFolder = "race";

const end = z.strictObject({
  type: z.literal("end"),
  step: z.int(),
  outcome: z.enum(["done", "stopped", "failed"]),
  reason: z.string().optional(),
  keptStep: z.int().optional(),
});
const figures = z.strictObject({
  recent: z.array(z.strictObject({ step: z.int(), loss: z.number().nullable() })),
  validationLoss: z.number().nullable(),
  lowestValidationLoss: z.number().nullable(),
  endMs: z.number().nullable(),
});
const raceSchema = z.strictObject({
  timeMs: z.number(),
  tokens: z.number(),
  cells: z.array(
    z.strictObject({
      id: z.string(),
      end: end.optional(),
      bestLoss: z.number().nullish(),
      evaluationsSinceBest: z.int().optional(),
      figures,
    }),
  ),
});
const sourceSchema = z.strictObject({
  model: z.string(),
  /** Of a model of the Hub: the commit that it is at. */
  model_commit: z.string().nullish(),
  data: z.string(),
  eval_data: z.string().nullable(),
  /** How the frozen weights are kept; null or absent: as in their file. */
  quantisation: z.enum(quantisedDtypes).nullish(),
});
const stateSchema = z.strictObject({ ...sourceSchema.shape, race: raceSchema.nullable() });

/** Where a sweep's inputs are, as they were given. */
export type SweepSource = z.infer<typeof sourceSchema>;

/** What an earlier part of a sweep left behind. */
export interface SavedSweep {
  readonly source: SweepSource;
  readonly content: ExperimentContent;
  readonly progress: ExperimentProgress;
}

/** @throws FlagError or FormatError when the folder holds no sweep or a damaged one */
export function readSweep(path: string): SavedSweep {
  for (const name of [resultsName, stateName]) {
    if (!existsSync(join(path, name))) {
      throw new FlagError("resume", `expected a folder with ${name}, got none in ${path}`);
    }
  }
  const content = readExperimentFile(readFileSync(join(path, resultsName)), resultsName);
  const text = decodeUtf8(readFileSync(join(path, stateName)), stateName);
  const { race, ...source } = checkSchema(stateSchema, parseJson(text, stateName), stateName);
  const { results, base } = content;
  return { source, content, progress: { results, base, race: race && readRace(path, race) } };
}

function readRace(path: string, { timeMs, tokens, cells }: z.infer<typeof raceSchema>): RaceProgress {
  return {
    ids: cells.map(({ id }) => id),
    timeMs,
    tokens,
    checkpoint: cells.map(({ id, end: ended, bestLoss, evaluationsSinceBest }) => {
      const stateOf = (name: string) => {
        const file = join(path, raceFolder, `${name}.safetensors`);
        return existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined;
      };
      return {
        bytes: stateOf(id) ?? null,
        best: stateOf(`${id}.best`),
        end: ended as RaceProgress["checkpoint"][number]["end"],
        // JSON has no Infinity, which no evaluation yet means.
        bestLoss: bestLoss ?? Number.POSITIVE_INFINITY,
        evaluationsSinceBest,
      };
    }),
    figures: cells.map(({ figures: { recent, ...rest } }) => ({
      ...rest,
      recent: recent.map(({ step, loss }) => ({ step, loss: loss ?? Number.NaN })),
    })),
  };
}

export class SweepFolder {
  readonly #series: Record<string, CellSeries>;
  #progress: ExperimentProgress;

  constructor(
    readonly path: string,
    private readonly source: SweepSource,
    private readonly content: Omit<ExperimentContent, "results" | "base" | "series">,
    saved?: SavedSweep,
  ) {
    this.#series = { ...saved?.content.series };
    this.#progress = saved?.progress ?? { results: [], base: null, race: null };
    mkdirSync(path, { recursive: true });
    this.#writeResults();
    this.#writeState();
  }

  get progress(): ExperimentProgress {
    return this.#progress;
  }

  onEvent(event: ExperimentEvent): void {
    if (event.type !== "steps" && event.type !== "validation") return;
    const add = event.type === "steps" ? withTrainPoint : withValidationPoint;
    event.ids.forEach((id, i) => {
      this.#series[id] = add(this.#series[id] ?? emptySeries, { ...event, loss: event.losses[i]! });
    });
  }

  onProgress(progress: ExperimentProgress): void {
    const before = this.#progress;
    this.#progress = progress;
    if (progress.race !== before.race) {
      this.#writeResults(); // the curves up to the checkpoint
      this.#writeState();
    } else if (progress.results !== before.results) this.#writeResults();
  }

  /** A cell's own folder, e.g. a PEFT adapter's files. */
  writeCell(cellId: string, files: Iterable<readonly [string, FileContent]>): Promise<void> {
    return writeContents(join(this.path, cellId), files);
  }

  /** The table in Markdown. */
  get table(): string {
    const { experiment } = this.content;
    const { results, base } = this.#progress;
    return resultsMarkdown(experiment.name, cellsOf(experiment), results, base);
  }

  #writeResults(): void {
    const { results, base } = this.#progress;
    const { experiment } = this.content;
    const file = writeExperimentFile({ ...this.content, results, base, series: this.#series });
    writeWhole(join(this.path, resultsName), file);
    writeWhole(join(this.path, "results.csv"), resultsCsv(cellsOf(experiment), results));
    writeWhole(join(this.path, "results.md"), this.table);
  }

  #writeState(): void {
    const { race } = this.#progress;
    const folder = join(this.path, raceFolder);
    if (race) {
      const states = race.checkpoint.flatMap(({ bytes, best }, i) => [
        ...(bytes ? [[`${race.ids[i]!}.safetensors`, bytes] as const] : []),
        ...(best ? [[`${race.ids[i]!}.best.safetensors`, best] as const] : []),
      ]);
      writeFolder(folder, states);
    }
    const cells = race?.checkpoint.map(({ bytes: _, best: __, ...rest }, i) => {
      return { id: race.ids[i]!, ...rest, figures: race.figures[i]! };
    });
    const state = {
      ...this.source,
      race: race && { timeMs: race.timeMs, tokens: race.tokens, cells },
    };
    writeWhole(join(this.path, stateName), `${JSON.stringify(state, null, 2)}\n`);
    if (!race) rmSync(folder, { recursive: true, force: true });
  }
}

/** "train.jsonl" of ".../restaurants/train.jsonl" tells little: the folder's name goes with it. */
export function dataName(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== "" && part !== ".");
  return parts.slice(-2).join("/") || basename(path);
}
