// The training loop, of one run or of several that race over one resident base: submit steps without waiting for
// their losses, report each as it arrives, evaluate, keep checkpoints, and end each cell by itself: at the last step,
// when asked, when its validation loss no longer falls, or when its loss is no longer a number.

import type { PeftAdapter } from "../formats/peft";
import { type StoredTensors, storedValues } from "../formats/storedTensor";
import { dataFingerprint, readCheckpoint, writeCheckpoint } from "./checkpoint";
import type { TrainConfig } from "./config";
import type { EndEvent, StepEvent } from "./events";
import { StepProfiler } from "./profile";
import {
  areFinite,
  type CellCheckpoint,
  CellProgress,
  checkCells,
  failureOf,
  restoreCell,
} from "./raceCells";
import type { RaceCheckpointEvent, RaceEvent, RaceOptions } from "./raceOptions";
import { learningRateAt } from "./schedule";
import { type RunSequences, sequencesOf } from "./sequences";
import { type StepReading, stepShapeOf, TrainSession } from "./session";
import { type Cell, trainedAdapter, traineeOf } from "./trainee";

/** Steps between measurements of the adapters' norms. */
const DELTA_EVERY = 5;

type StepCounts = Pick<StepEvent, "targetTokens" | "tokens">;

export class Race {
  #step = 0;
  #paused: Promise<void> | undefined;
  #unpause = () => {};
  #stopRequested = false;
  #lastReportMs = 0;
  readonly #toSkip = new Set<number>();
  readonly #progress: readonly CellProgress[];
  readonly #profiler: StepProfiler;
  /** Kept back until later losses show that the states were still good. */
  #candidate: RaceCheckpointEvent | undefined;
  #onEvent: (event: RaceEvent) => void = () => {};

  private constructor(
    private readonly options: RaceOptions,
    private readonly cells: readonly Cell[],
    private readonly sequences: RunSequences,
    private readonly session: TrainSession,
  ) {
    this.#progress = cells.map(() => new CellProgress());
    const { activationBytes, stateBytes } = session.memory;
    const microBatches = session.callNames("accumulate").length * this.#config.gradientAccumulation;
    this.#profiler = new StepProfiler(options.gpu.device, {
      dispatches: microBatches + session.callNames("update").length,
      memoryBytes: {
        weights: options.model.sizeBytes,
        activations: activationBytes,
        state: stateBytes,
      },
    });
  }

  /**
   * Plans the race and allocates everything it will need.
   * @throws when cells cannot race each other; when settings, adapter, checkpoint or data do not fit the model; when
   *   the GPU has no room
   */
  static async create(options: RaceOptions): Promise<Race> {
    const { gpu, weights, model, baseModelName, examples, checkpoint } = options;
    if (examples.length === 0) throw new Error("training data: expected at least one example, got none");
    checkCells(options.cells);
    const cells = options.cells.map(({ config, initialAdapter }) => {
      return { config, trainee: traineeOf(config, weights, baseModelName, initialAdapter) };
    });
    const { config } = cells[0]!;
    const sequences = sequencesOf(config, options);
    const { vocabSize } = model.config;
    const shape = stepShapeOf(config, vocabSize, sequences.examples, sequences.evaluationExamples);
    const session = await TrainSession.open(gpu, model, cells, shape);
    const race = new Race(options, cells, sequences, session);
    try {
      if (checkpoint) race.#restore(checkpoint);
    } catch (error) {
      session.close();
      throw error;
    }
    return race;
  }

  /** Updates submitted so far. */
  get step(): number {
    return this.#step;
  }

  trainableParameters(cell: number): number {
    return this.cells[cell]!.trainee.layout.parameterCount;
  }

  /** How a cell ended, once it has. */
  endOf(cell: number): EndEvent | undefined {
    return this.#progress[cell]!.end;
  }

  /**
   * Runs until every cell has ended. Rejects only when the GPU itself fails.
   * @returns the cells' ends, in their order
   */
  async run(onEvent: (event: RaceEvent) => void): Promise<readonly EndEvent[]> {
    const { session } = this;
    this.#onEvent = onEvent;
    let reported: Promise<void> = Promise.resolve();
    this.#lastReportMs = performance.now();
    if (this.#step === 0) {
      await this.#evaluate();
      await this.#keep();
    }
    while (this.#isRunning && this.#step < this.#config.steps) {
      await this.#paused;
      await session.ready();
      if (this.#stopRequested || !this.#isRunning) break;
      if (this.#toSkip.size > 0) {
        await reported;
        await this.#skipNow();
        continue;
      }
      const step = this.#step++;
      const batches = session.batchesOf(step, this.sequences.examples);
      const measureDelta = this.#step % DELTA_EVERY === 0 || this.#step === this.#config.steps;
      const trains = this.#progress.map(({ end }) => !end);
      const { done: readings, profile } = this.#profiler.measure(step + 1, (timer) =>
        session.submitStep(step, batches, measureDelta, trains, timer),
      );
      const counts = {
        targetTokens: batches.reduce((sum, { lossRows }) => sum + lossRows.length, 0),
        tokens: batches.reduce((sum, { lengths }) => sum + lengths.flat().reduce((a, b) => a + b, 0), 0),
      };
      reported = Promise.all([readings, reported]).then(([values]) =>
        this.#report(step, values, counts, measureDelta),
      );
      if (profile) reported = Promise.all([profile, reported]).then(([event]) => this.#onEvent(event));
      reported.catch(() => {}); // awaited below; without this a lost device would be an unhandled rejection
      if (this.#isDue(this.#config.evaluateEvery) || this.#isDue(this.#config.checkpointEvery)) {
        await reported;
        if (!this.#isRunning) break;
        if (this.#isDue(this.#config.evaluateEvery)) await this.#evaluate();
        if (this.#isDue(this.#config.checkpointEvery)) await this.#keep();
      }
    }
    await reported;
    await this.#finish();
    return this.#progress.map(({ end }) => end!);
  }

  /** Holds the race after the step in progress. */
  pause(): void {
    this.#paused ??= new Promise((resolve) => {
      this.#unpause = resolve;
    });
  }

  resume(): void {
    this.#unpause();
    this.#paused = undefined;
  }

  /**
   * Times the next step kernel by kernel; what it finds comes as a "profile" event.
   * @param from the first step that may be the one, from 1
   */
  profileNextStep(from = 1): void {
    this.#profiler.ask(from);
  }

  /** Ends all cells after the step in progress, keeping what was trained. */
  stop(): void {
    this.#stopRequested = true;
    this.resume();
  }

  /** Ends one cell after the step in progress, keeping what it trained; the others go on. */
  skip(cell: number): void {
    if (!this.#progress[cell]!.end) this.#toSkip.add(cell);
  }

  /** A cell's adapter in PEFT's form; of a failed cell the last good one. @throws for methods that train no adapter */
  async readAdapter(cell: number): Promise<PeftAdapter> {
    const adapter = trainedAdapter(this.cells[cell]!.trainee, await this.readParameters(cell));
    if (!adapter) throw new Error("adapter: expected a run with method lora, got another method");
    return adapter;
  }

  /** A cell's trained values by parameter name; of a failed cell the last good ones, where any were kept. */
  async readParameters(cell: number): Promise<ReadonlyMap<string, Float32Array>> {
    const { hasFailed, lastGood } = this.#progress[cell]!;
    if (hasFailed && lastGood) return readCheckpoint(lastGood).state.params;
    return this.session.readParameters(cell);
  }

  /** The same as tensors, each read from the GPU when it is asked for. */
  storedParameters(cell: number): StoredTensors {
    const { hasFailed, lastGood } = this.#progress[cell]!;
    if (!hasFailed || !lastGood) return this.session.storedParameters(cell);
    const { entries } = this.cells[cell]!.trainee.layout;
    const shapes = new Map(entries.map(({ name, shape }) => [name, shape]));
    return storedValues(readCheckpoint(lastGood).state.params, (name) => shapes.get(name)!);
  }

  /** The states to go on from. Call between runs, or use the checkpoint events. */
  checkpoint(): Promise<readonly CellCheckpoint[]> {
    const data = dataFingerprint(this.options.examples);
    return Promise.all(
      this.#progress.map(async (progress, cell) => progress.checkpoint(await this.#stateOf(cell, data))),
    );
  }

  destroy(): void {
    this.session.close();
  }

  /** What all cells have in common. */
  get #config(): TrainConfig {
    return this.cells[0]!.config;
  }

  get #isRunning(): boolean {
    return this.#progress.some(({ end }) => !end);
  }

  #isDue(every: number): boolean {
    return every > 0 && this.#step % every === 0 && this.#step < this.#config.steps;
  }

  async #stateOf(cell: number, data: string): Promise<Uint8Array<ArrayBuffer>> {
    const { config, trainee } = this.cells[cell]!;
    const { end } = this.#progress[cell]!;
    const step = end?.keptStep ?? end?.step ?? this.#step;
    return writeCheckpoint({ step, config, data, state: await this.session.readState(cell) }, trainee.layout);
  }

  #end(cell: number, step: number, outcome: EndEvent["outcome"], reason?: string): void {
    const end: EndEvent = { type: "end", step, outcome, ...(reason !== undefined && { reason }) };
    this.#progress[cell]!.end = outcome === "failed" ? end : this.#backToBest(cell, end);
    this.#onEvent({ ...this.#progress[cell]!.end, cell });
  }

  /** Puts the cell's best state in the place of its last, where one is kept. Call while no step is under way. */
  #backToBest(cell: number, end: EndEvent): EndEvent {
    const { best } = this.#progress[cell]!;
    if (!best) return end;
    const { step, state } = readCheckpoint(best);
    if (step === end.step) return end;
    this.session.writeState(cell, state);
    return { ...end, keptStep: step };
  }

  #report(step: number, readings: readonly StepReading[], counts: StepCounts, measuredDelta: boolean): void {
    const now = performance.now();
    const stepMs = now - this.#lastReportMs;
    this.#lastReportMs = now;
    readings.forEach((reading, cell) => {
      if (this.#progress[cell]!.end) return; // steps already under way when it failed changed nothing
      const { config, trainee } = this.cells[cell]!;
      const { loss, gradNorm, deltaNorms } = reading;
      const learningRate = learningRateAt(config, step);
      const event = { type: "step", step: step + 1, loss, learningRate, gradNorm, stepMs } as const;
      this.#onEvent({ cell, ...event, ...counts });
      const failure = failureOf(event);
      if (failure) {
        this.#end(cell, step + 1, "failed", failure);
      } else if (measuredDelta) {
        const norms = Object.fromEntries(trainee.modules.map(({ path }, i) => [path, deltaNorms[i]!]));
        this.#onEvent({ cell, type: "delta", step: step + 1, norms });
      }
    });
    if (this.#candidate && step >= this.#candidate.step) {
      const { step: keptStep, cells } = this.#candidate;
      this.#candidate = undefined;
      this.#emitCheckpoint(keptStep, cells);
    }
  }

  /** Tells a checkpoint whose states have proved good, except those of cells that have failed since. */
  #emitCheckpoint(step: number, kept: readonly CellCheckpoint[]): void {
    if (this.#progress.every(({ hasFailed }) => hasFailed)) return;
    const cells = kept.map((checkpoint, cell) => this.#progress[cell]!.settle(checkpoint));
    this.#onEvent({ type: "checkpoint", step, cells });
  }

  async #evaluate(): Promise<void> {
    const { evaluationExamples } = this.sequences;
    if (evaluationExamples.length === 0) return;
    const losses = await this.session.evaluate(evaluationExamples);
    const { patience = 0 } = this.options;
    const isLast = this.#step >= this.#config.steps || this.#stopRequested;
    const running = this.#progress.flatMap((progress, cell) => (progress.end ? [] : [{ progress, cell }]));
    const reasons = running.map(({ progress, cell }) => {
      this.#onEvent({ cell, type: "evaluation", step: this.#step, loss: losses[cell]! });
      return progress.noteEvaluation(losses[cell]!, patience);
    });
    const data = dataFingerprint(this.options.examples);
    for (const [i, { progress, cell }] of running.entries()) {
      if (patience > 0 && progress.isAtBest) progress.best = await this.#stateOf(cell, data);
      else if (reasons[i] && !isLast) this.#end(cell, this.#step, "stopped", reasons[i]);
    }
    this.#lastReportMs = performance.now();
  }

  async #skipNow(): Promise<void> {
    for (const cell of this.#toSkip) {
      if (!this.#progress[cell]!.end) this.#end(cell, this.#step, "stopped", "skipped");
    }
    this.#toSkip.clear();
    if (this.#isRunning) await this.#keep();
  }

  async #keep(): Promise<void> {
    if (this.#config.checkpointEvery === 0) return;
    const cells = await this.checkpoint();
    if (this.#step === 0) this.#emitCheckpoint(0, cells);
    else this.#candidate = { type: "checkpoint", step: this.#step, cells };
    this.#lastReportMs = performance.now();
  }

  /** Evaluates, keeps and ends what has not ended before. */
  async #finish(): Promise<void> {
    const running = this.#progress.flatMap(({ end }, cell) => (end ? [] : [cell]));
    if (running.length > 0) await this.#evaluate();
    for (const cell of running) {
      const isGood = areFinite(await this.session.readParameters(cell));
      const good = {
        type: "end",
        step: this.#step,
        outcome: this.#stopRequested ? "stopped" : "done",
      } as const;
      const reason = `step ${this.#step}: expected finite trained values, got others; lower the learning rate`;
      const failed = { ...good, outcome: "failed", reason } as const;
      this.#progress[cell]!.end = isGood ? this.#backToBest(cell, good) : failed;
    }
    this.#emitCheckpoint(this.#step, await this.checkpoint());
    for (const cell of running) this.#onEvent({ ...this.#progress[cell]!.end!, cell });
  }

  #restore(checkpoint: readonly CellCheckpoint[]): void {
    if (checkpoint.length !== this.cells.length) {
      throw new Error(`checkpoint: expected ${this.cells.length} cells, got ${checkpoint.length}`);
    }
    const data = dataFingerprint(this.options.examples);
    const steps = new Set<number>();
    checkpoint.forEach((kept, cell) => {
      this.#progress[cell]!.restore(kept);
      if (!kept.bytes) return;
      const { step, state } = restoreCell(kept.bytes, this.cells[cell]!.config, data);
      this.session.writeState(cell, state);
      if (!kept.end) steps.add(step);
    });
    if (steps.size > 1) {
      throw new Error(`checkpoint: expected all cells at one step, got ${[...steps].join(", ")}`);
    }
    this.#step = [...steps][0] ?? this.#config.steps;
  }
}
