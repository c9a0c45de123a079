// An experiment from its first race to its last: trains the cells, scores what they learned, keeps what is needed to
// go on after an interruption, and lets one cell's failure be that cell's own.
import type { TaskMetric } from "../data/taskMetric";
import type { Gpu } from "../gpu/device";
import { GpuMemoryError } from "../gpu/memory";
import type { ModelFolder } from "../models/modelFolder";
import type { ResidentModel } from "../models/residentModel";
import { Race } from "../train/race";
import type { CellCheckpoint } from "../train/raceCells";
import { traineeOf } from "../train/trainee";
import type { BaseResult, ExperimentEvent } from "./events";
import { cellsOf, type Experiment, type ExperimentCell } from "./experiment";
import {
  type ExperimentData,
  examplesOf,
  planRace,
  planRaces,
  type RaceLimits,
  type RacePlan,
} from "./planRaces";
import { RaceFollower, type RaceProgress } from "./raceFollower";
import type { CellResult, TaskResult } from "./results";
import { type ScoredPrompt, scoredPrompts, scoreTask } from "./scoring";
import { uploadTrained } from "./uploadTrained";

export interface ExperimentInputs extends ExperimentData {
  readonly gpu: Gpu;
  readonly folder: ModelFolder;
  readonly model: ResidentModel;
  /** Written into the adapters' configurations. */
  readonly baseModelName: string | null;
  /** The task's own metric, for data with prompts. */
  readonly metric: TaskMetric;
  readonly limits: RaceLimits;
}

/** Where an experiment stands: plain data, to be kept and given back to go on. */
export interface ExperimentProgress {
  readonly results: readonly CellResult[];
  readonly base: BaseResult | null;
  /** The race under way, as of its last checkpoint. */
  readonly race: RaceProgress | null;
}

export interface ExperimentHost {
  readonly onEvent: (event: ExperimentEvent) => void;
  /** A cell's trained state (a checkpoint of its run), before its result is reported. */
  readonly onTrained: (cellId: string, checkpoint: Uint8Array<ArrayBuffer>) => void;
  /** Called whenever there is more to keep. */
  readonly onProgress: (progress: ExperimentProgress) => void;
}

const nothingYet: ExperimentProgress = { results: [], base: null, race: null };

export class ExperimentRun {
  readonly #cells: readonly ExperimentCell[];
  readonly #queue: ExperimentCell[][];
  readonly #prompts: readonly ScoredPrompt[];
  readonly #abort = new AbortController();
  #progress: ExperimentProgress;
  #active: { race: Race; follower: RaceFollower; cells: readonly ExperimentCell[] } | undefined;
  #paused: Promise<void> | undefined;
  #unpause = () => {};

  /**
   * @param saved go on from here
   * @throws AdapterConfigError when a cell's rank or target modules do not fit the model
   */
  constructor(
    private readonly inputs: ExperimentInputs,
    private readonly experiment: Experiment,
    private readonly host: ExperimentHost,
    saved: ExperimentProgress = nothingYet,
  ) {
    this.#progress = saved;
    this.#cells = cellsOf(experiment);
    const { evaluationExamples, folder } = inputs;
    this.#prompts = scoredPrompts(evaluationExamples, folder.tokenizer, experiment.metricExamples);
    const ended = new Set(saved.results.map(({ id }) => id));
    const left = this.#cells.filter(({ id }) => !ended.has(id));
    const racing = saved.race?.ids.map((id) => this.#cells.find((cell) => cell.id === id)!) ?? [];
    const others = left.filter((cell) => !racing.includes(cell));
    const { races } = planRaces(experiment, others, inputs.folder, inputs, inputs.limits);
    this.#queue = [...(racing.length > 0 ? [racing] : []), ...races.map(({ cells }) => [...cells])];
  }

  /** Runs what is left. "stopped": `stop` was called. @throws when the GPU fails */
  async run(): Promise<"done" | "stopped"> {
    while (this.#queue.length > 0) {
      await this.#paused;
      if (this.#abort.signal.aborted) return "stopped";
      await this.#runNext(this.#queue.shift()!);
    }
    return this.#abort.signal.aborted ? "stopped" : "done";
  }

  /** Holds after the step in progress. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = new Promise((resolve) => {
      this.#unpause = resolve;
    });
    this.#active?.race.pause();
    this.#active?.follower.pause();
    this.#tellRunning("paused");
  }

  resume(): void {
    this.#unpause();
    this.#paused = undefined;
    this.#active?.follower.resume();
    this.#active?.race.resume();
    this.#tellRunning("running");
  }

  /** Ends the cells in training after the step in progress; those that wait stay queued. */
  stop(): void {
    this.#abort.abort();
    this.resume();
    this.#active?.race.stop();
  }

  /** Takes a waiting cell out; ends one in training where it stands. */
  skip(id: string): void {
    const racing = this.#active?.cells.findIndex((cell) => cell.id === id) ?? -1;
    if (racing >= 0) {
      this.#active!.race.skip(racing);
      return;
    }
    for (const cells of this.#queue) {
      const at = cells.findIndex((cell) => cell.id === id);
      if (at < 0 || this.#progress.race?.ids.includes(id)) continue;
      this.#finish(this.#untrained(cells[at]!, "skipped", "skipped before it started"));
      cells.splice(at, 1);
    }
  }

  async #runNext(cells: readonly ExperimentCell[]): Promise<void> {
    if (cells.length === 0) return;
    try {
      await this.#runRace(cells);
    } catch (error) {
      if (!(error instanceof GpuMemoryError)) throw error;
      const half = cells.length >> 1;
      if (half === 0) {
        this.#finish(this.#untrained(cells[0]!, "failed", error.message));
        return;
      }
      const message = `A race of ${cells.length} cells did not fit and was split: ${error.message}`;
      this.host.onEvent({ type: "warning", message });
      this.#setProgress({ race: null }); // they start anew, in smaller races
      this.#queue.unshift(cells.slice(0, half), cells.slice(half));
    }
  }

  async #runRace(cells: readonly ExperimentCell[]): Promise<void> {
    const { folder, baseModelName, gpu, model, evaluationExamples } = this.inputs;
    const saved = this.#progress.race ?? undefined;
    const race = await Race.create({
      gpu,
      weights: folder,
      model,
      baseModelName,
      cells,
      examples: examplesOf(cells[0]!, this.inputs),
      evaluationExamples,
      patience: this.experiment.patience,
      checkpoint: saved?.checkpoint,
    });
    const onEvent = (event: ExperimentEvent) => {
      if (event.type === "validation" && event.step === 0) this.#setBaseLoss(event.losses[0]!);
      this.host.onEvent(event);
    };
    const keep = (progress: RaceProgress) => this.#setProgress({ race: progress });
    const follower = new RaceFollower(cells, onEvent, keep, saved);
    this.#active = { race, follower, cells };
    let checkpoint: readonly CellCheckpoint[];
    try {
      if (this.#paused) {
        race.pause();
        follower.pause();
      }
      if (this.#abort.signal.aborted) race.stop();
      this.#tellRunning(this.#paused ? "paused" : "running");
      await race.run((event) => follower.take(event));
      checkpoint = await race.checkpoint();
    } finally {
      this.#active = undefined;
      race.destroy();
    }
    const plan = planRace(cells, folder, this.inputs, this.inputs.limits);
    for (const [i, cell] of cells.entries()) {
      if (this.#progress.results.some(({ id }) => id === cell.id)) continue;
      await this.#conclude(cell, checkpoint[i]!, plan, (facts, task) =>
        follower.resultOf(i, checkpoint[i]!, facts, task),
      );
    }
    this.#setProgress({ race: null });
  }

  /** Keeps and scores what a cell has learned, and reports its result. */
  async #conclude(
    cell: ExperimentCell,
    { bytes, end }: CellCheckpoint,
    { cells, memoryBytes }: RacePlan,
    resultOf: (facts: Parameters<RaceFollower["resultOf"]>[2], task: TaskResult | null) => CellResult,
  ): Promise<void> {
    let task: TaskResult | null = null;
    if (bytes && end?.outcome !== "failed") {
      this.host.onTrained(cell.id, bytes);
      task = await this.#score(cell, bytes);
    }
    const trainableParameters = this.#parametersOf(cell);
    this.#finish(resultOf({ trainableParameters, memoryBytes, racedWith: cells.length }, task));
  }

  async #score(cell: ExperimentCell, bytes: Uint8Array<ArrayBuffer>): Promise<TaskResult | null> {
    const { gpu, model, folder, metric } = this.inputs;
    const { signal } = this.#abort;
    if (this.#prompts.length === 0 || signal.aborted) return null;
    this.host.onEvent({ type: "cell", id: cell.id, status: "scoring" });
    await this.#paused;
    const options = {
      ...{ gpu, model, signal, metric, prompts: this.#prompts },
      ...{ tokenizer: folder.tokenizer, stopTokenIds: folder.stopTokenIds },
    };
    const { base } = this.#progress;
    if (!base?.task) {
      const validationLoss = base?.validationLoss ?? null;
      this.#setBase({ validationLoss, task: await scoreTask({ ...options, injection: {} }) });
    }
    const trained = await uploadTrained(gpu, folder, model, bytes);
    try {
      return await scoreTask({ ...options, injection: trained.injection });
    } finally {
      trained.release();
    }
  }

  /** The result of a cell that never trained. */
  #untrained(cell: ExperimentCell, outcome: "skipped" | "failed", reason: string): CellResult {
    const losses = { trainLoss: null, validationLoss: null, lowestValidationLoss: null };
    const trainableParameters = this.#parametersOf(cell);
    const nothing = {
      step: 0,
      keptStep: null,
      timeMs: 0,
      memoryBytes: 0,
      racedWith: 0,
      task: null,
      ...losses,
    };
    return { id: cell.id, outcome, reason, trainableParameters, ...nothing };
  }

  #parametersOf({ config }: ExperimentCell): number {
    return traineeOf(config, this.inputs.folder, null).layout.parameterCount;
  }

  #finish(result: CellResult): void {
    this.#setProgress({ results: [...this.#progress.results, result] });
    this.host.onEvent({ type: "result", result });
  }

  #setBaseLoss(validationLoss: number): void {
    const { base } = this.#progress;
    if (base?.validationLoss == null) this.#setBase({ task: base?.task ?? null, validationLoss });
  }

  #setBase(base: BaseResult): void {
    this.#setProgress({ base });
    this.host.onEvent({ type: "base", base });
  }

  #setProgress(change: Partial<ExperimentProgress>): void {
    this.#progress = { ...this.#progress, ...change };
    this.host.onProgress(this.#progress);
  }

  #tellRunning(status: "running" | "paused"): void {
    this.#active?.cells.forEach(({ id }, cell) => {
      if (!this.#active!.race.endOf(cell)) this.host.onEvent({ type: "cell", id, status });
    });
  }
}
