// One experiment from its start to its end: its events into curves and results, autosaves into the storage, updates to
// the page, and another try from the last autosave when the GPU was lost.
import type { ExperimentEvent } from "../lab/events";
import { type ExperimentInputs, type ExperimentProgress, ExperimentRun } from "../lab/runExperiment";
import {
  type CellSeries,
  compactSeries,
  emptySeries,
  withTrainPoint,
  withValidationPoint,
} from "../lab/series";
import { autosaveWarning } from "./autosave";
import type { ExperimentRecord, ExperimentSnapshot, LabUpdate } from "./labMessages";
import type { ExperimentState, StoredExperiment } from "./labStorage";
import { UpdateBatcher } from "./updateBatcher";

export interface ExperimentSetup {
  readonly stored: StoredExperiment;
  /** What happened before. */
  readonly progress?: ExperimentProgress | undefined;
  readonly series: Readonly<Record<string, CellSeries>>;
}

/** What an experiment needs from its surroundings. */
export interface ActiveHost {
  readonly save: (experiment: StoredExperiment, state: ExperimentState) => Promise<void>;
  /** Resolves with what to run on once the GPU works again; rejects when it does not. */
  readonly recover: () => Promise<ExperimentInputs>;
  readonly onUpdates: (updates: readonly LabUpdate[]) => void;
  /** It is over and saved, and holds the engine no more; its last update follows. */
  readonly onOver: () => void;
}

/** A GPU may be lost this often in one experiment before it is left to the person. */
const mostRecoveries = 3;

export class ActiveExperiment {
  #stored: StoredExperiment;
  #run: ExperimentRun;
  #progress: ExperimentProgress | undefined;
  #series: Record<string, CellSeries>;
  /** Checkpoints of ended cells until they are saved. */
  readonly #unsaved = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #trainedIds = new Set<string>();
  #paused = false;
  #stopped = false;
  #recoveries = 0;
  #saving: Promise<void> = Promise.resolve();
  #isSaveWaiting = false;
  #lastWarning = "";
  readonly #host: ActiveHost;
  readonly #batcher: UpdateBatcher<LabUpdate>;

  /**
   * Plans the races; `follow` starts them.
   * @throws AdapterConfigError when a cell does not fit the model
   */
  constructor(setup: ExperimentSetup, inputs: ExperimentInputs, host: ActiveHost) {
    this.#stored = setup.stored;
    this.#progress = setup.progress;
    this.#series = { ...setup.series };
    this.#host = host;
    this.#batcher = new UpdateBatcher(host.onUpdates);
    this.#run = this.#plan(inputs);
    const { reason: _, ...record } = setup.stored.record; // why it was interrupted is no more
    this.#stored = { ...this.#stored, record: { ...record, status: "running" } };
  }

  get record(): ExperimentRecord {
    return this.#stored.record;
  }

  get stored(): StoredExperiment {
    return this.#stored;
  }

  get snapshot(): ExperimentSnapshot {
    const { results = [], base = null } = this.#progress ?? {};
    return { record: this.record, series: compactSeries(this.#series), results, base };
  }

  /** Last checkpoint of an ended cell that is not saved yet, or could not be. */
  unsaved(cellId: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#unsaved.get(cellId);
  }

  pause(): void {
    this.#paused = true;
    this.#run.pause();
    this.#setStatus("paused");
  }

  resume(): void {
    this.#paused = false;
    this.#run.resume();
    this.#setStatus("running");
  }

  stop(): void {
    this.#stopped = true;
    this.#run.stop();
  }

  skip(cellId: string): void {
    this.#run.skip(cellId);
  }

  /** Runs to the end and saves it. Never rejects. */
  async follow(inputs: ExperimentInputs): Promise<void> {
    let current: ExperimentInputs | undefined = inputs;
    this.#autosave();
    while (current) {
      const { device }: ExperimentInputs["gpu"] = current.gpu;
      const lost = device.lost.then(({ message, reason }) => {
        throw new Error(message || reason);
      });
      lost.catch(() => {}); // only counts while the race below is on
      try {
        await this.#finish(await Promise.race([this.#run.run(), lost]));
        return;
      } catch (error) {
        const failure = error instanceof Error ? error.message : String(error);
        // Work that fails with the device may say so a moment earlier, in words of its own.
        const loss = await Promise.race([
          device.lost,
          new Promise<undefined>((resolve) => setTimeout(resolve, 500)),
        ]);
        current = await this.#recover(loss ? loss.message || loss.reason : failure, loss !== undefined);
      }
    }
  }

  #plan(inputs: ExperimentInputs): ExperimentRun {
    // What a lost device still reports are not results.
    const isOver = () => this.#run !== undefined && this.#run !== run;
    const run: ExperimentRun = new ExperimentRun(
      inputs,
      this.record.experiment,
      {
        onEvent: (event) => {
          if (!isOver()) this.#onEvent(event);
        },
        onTrained: (cellId, bytes) => {
          if (isOver()) return;
          this.#unsaved.set(cellId, bytes);
          this.#trainedIds.add(cellId);
        },
        onProgress: (progress) => {
          if (isOver()) return;
          const hasMore = progress.results.length > (this.#progress?.results.length ?? 0);
          const isCheckpoint = progress.race !== this.#progress?.race;
          this.#progress = progress;
          if (hasMore || isCheckpoint) this.#autosave();
        },
      },
      this.#progress,
    );
    return run;
  }

  #onEvent(event: ExperimentEvent): void {
    if (event.type === "steps" || event.type === "validation") {
      const add = event.type === "steps" ? withTrainPoint : withValidationPoint;
      event.ids.forEach((id, i) => {
        this.#series[id] = add(this.#series[id] ?? emptySeries, { ...event, loss: event.losses[i]! });
      });
    }
    this.#batcher.push(event);
    if (event.type !== "result" || !this.#trainedIds.has(event.result.id)) return;
    const keptCells = [...new Set([...this.record.keptCells, event.result.id])];
    this.#setRecord({ keptCells });
    this.#batcher.push({ type: "kept", cellIds: keptCells });
  }

  /** Saves, lets go of the engine, and only then tells the page, which may start the next one at once. */
  async #finish(status: ExperimentRecord["status"], reason?: string): Promise<void> {
    this.#setRecord({ status, ...(reason !== undefined && { reason }) });
    this.#autosave();
    await this.#saving;
    this.#host.onOver();
    this.#batcher.push({ type: "end", status, ...(reason !== undefined && { reason }) });
    this.#batcher.flush();
  }

  /** What to go on with, or undefined when the experiment has to be left interrupted. */
  async #recover(reason: string, wasLost: boolean): Promise<ExperimentInputs | undefined> {
    try {
      if (!wasLost) throw new Error(reason);
      if (++this.#recoveries > mostRecoveries) throw new Error(`it was lost ${mostRecoveries} times before`);
      const inputs = await this.#host.recover();
      this.#run = this.#plan(inputs);
      if (this.#paused) this.#run.pause();
      if (this.#stopped) this.#run.stop();
      const message = `The GPU was lost (${reason}). The experiment went on from its last autosave.`;
      this.#batcher.push({ type: "warning", message });
      return inputs;
    } catch (failure) {
      const why = failure instanceof Error ? failure.message : String(failure);
      const message = wasLost
        ? `GPU: expected it to come back after it was lost (${reason}), got ${why}.`
        : `GPU: expected the experiment to be computed, got ${reason}.`;
      await this.#finish("interrupted", `${message} Reload the page and resume the experiment.`);
      return undefined;
    }
  }

  /** Saves the state as it is when the save before is done; several requests in that time are one. */
  #autosave(): void {
    if (this.#isSaveWaiting) return;
    this.#isSaveWaiting = true;
    this.#saving = this.#saving.then(async () => {
      this.#isSaveWaiting = false;
      const trained = new Map(this.#unsaved);
      const progress = this.#progress;
      try {
        await this.#host.save(this.#stored, {
          series: compactSeries(this.#series),
          trained,
          ...(progress && { progress }),
        });
        for (const cellId of trained.keys()) this.#unsaved.delete(cellId);
        this.#lastWarning = "";
        this.#batcher.push({ type: "saved" });
      } catch (error) {
        const message = autosaveWarning(error);
        if (message !== this.#lastWarning) this.#batcher.push({ type: "warning", message });
        this.#lastWarning = message;
      }
    });
  }

  #setStatus(status: "running" | "paused"): void {
    this.#setRecord({ status });
    this.#batcher.push({ type: "status", status });
  }

  #setRecord(change: Partial<ExperimentRecord>): void {
    this.#stored = { ...this.#stored, record: { ...this.#stored.record, ...change } };
  }
}
