// One run from its start to its end: the trainer's events into the history, autosaves into the storage, updates
// to the page, and a new trainer from the last autosave when the GPU was lost.
import type { CheckpointEvent, TrainEvent } from "../train/events";
import { Trainer } from "../train/trainer";
import { type Autosaver, autosaveWarning } from "./autosave";
import type { ReadyEngine } from "./engine";
import type { RunHistory, RunRecord, RunUpdate } from "./messages";
import type { StoredRun } from "./runStorage";
import { emptyHistory, extendHistory, truncateHistory } from "./stores/history";
import type { TokenizedData } from "./trainingData";
import { UpdateBatcher } from "./updateBatcher";

export interface RunSetup {
  readonly run: StoredRun;
  readonly data: TokenizedData;
  /** What happened before the checkpoint. */
  readonly history: RunHistory;
  /** Where to go on; absent for a new run. */
  readonly checkpoint?: Uint8Array<ArrayBuffer> | undefined;
}

/** What a run needs from its surroundings. */
export interface RunHost {
  readonly save: Autosaver;
  /** Resolves with the engine once it works again; rejects when it does not. */
  readonly recover: () => Promise<ReadyEngine>;
  readonly onUpdates: (updates: readonly RunUpdate[]) => void;
  /** The run is over and saved, and holds the engine no more; its last update follows. */
  readonly onOver: () => void;
}

/** A GPU may be lost this often in one run before it is left to the person. */
const mostRecoveries = 3;

export class ActiveRun {
  #run: StoredRun;
  #history: RunHistory;
  #checkpoint: Pick<CheckpointEvent, "step" | "bytes"> | undefined;
  #trainer: Trainer;
  #paused = false;
  #stopped = false;
  #recoveries = 0;
  #saving: Promise<void> = Promise.resolve();
  #isSaveWaiting = false;
  #lastWarning = "";
  readonly #data: TokenizedData;
  readonly #host: RunHost;
  readonly #batcher: UpdateBatcher<RunUpdate>;

  private constructor(setup: RunSetup, trainer: Trainer, host: RunHost) {
    this.#run = setup.run;
    this.#data = setup.data;
    this.#history = setup.history;
    this.#trainer = trainer;
    this.#host = host;
    this.#batcher = new UpdateBatcher(host.onUpdates);
    if (setup.checkpoint) this.#checkpoint = { step: trainer.step, bytes: setup.checkpoint };
    this.#rewind();
  }

  /**
   * Plans the run on the GPU; `follow` starts it.
   * @throws what Trainer.create throws
   */
  static async open(engine: ReadyEngine, setup: RunSetup, host: RunHost): Promise<ActiveRun> {
    const trainer = await createTrainer(engine, setup.run.record, setup.data, setup.checkpoint);
    return new ActiveRun(setup, trainer, host);
  }

  get record(): RunRecord {
    return this.#run.record;
  }

  get history(): RunHistory {
    return this.#history;
  }

  /** State of the last good checkpoint. */
  get checkpoint(): Uint8Array<ArrayBuffer> | undefined {
    return this.#checkpoint?.bytes;
  }

  rename(name: string): void {
    this.#setRecord({ name });
  }

  pause(): void {
    this.#paused = true;
    this.#trainer.pause();
    this.#setRecord({ status: "paused" });
  }

  resume(): void {
    this.#paused = false;
    this.#trainer.resume();
    this.#setRecord({ status: "running" });
  }

  profileNextStep(): void {
    this.#trainer.profileNextStep();
  }

  stop(): void {
    this.#stopped = true;
    this.#trainer.stop();
  }

  /** Runs to the end and saves it. Never rejects. */
  async follow(engine: ReadyEngine): Promise<void> {
    this.#setRecord({ status: this.#paused ? "paused" : "running", step: this.#trainer.step });
    let current = engine;
    for (;;) {
      try {
        await this.#runOn(current);
        break;
      } catch (error) {
        this.#trainer.destroy();
        const next = await this.#recover(error, await isLost(current.gpu));
        if (!next) return;
        current = next;
      }
    }
  }

  /** @throws when the GPU fails before the run ends */
  async #runOn({ gpu }: ReadyEngine): Promise<void> {
    let isLost = false;
    const lost = gpu.device.lost.then(({ message, reason }) => {
      isLost = true;
      throw new Error(message || reason);
    });
    // What a lost device still reports are not results.
    const end = await Promise.race([this.#trainer.run((event) => !isLost && this.#onEvent(event)), lost]);
    this.#setRecord({ status: end.outcome, step: end.step, ...(end.reason && { reason: end.reason }) });
    await this.#finish(end);
  }

  /** Saves, lets go of the engine, and only then tells the page, which may start the next run at once. */
  async #finish(last: RunUpdate): Promise<void> {
    this.#autosave();
    await this.#saving;
    this.#trainer.destroy();
    this.#host.onOver();
    this.#batcher.push(last);
    this.#batcher.flush();
  }

  #onEvent(event: TrainEvent): void {
    if (event.type === "end") return; // told once everything is saved
    if (event.type === "profile") {
      this.#batcher.push(event);
      return;
    }
    if (event.type === "checkpoint") {
      this.#checkpoint = event;
      this.#autosave();
      return;
    }
    this.#history = extendHistory(this.#history, [event]);
    if (event.type === "step") this.#setRecord({ step: event.step, lastLoss: event.loss });
    if (event.type === "evaluation") this.#setRecord({ lastValidationLoss: event.loss });
    this.#batcher.push(event);
  }

  /** Saves the state as it is when the save before is done; several requests in that time are one. */
  #autosave(): void {
    if (this.#isSaveWaiting) return;
    this.#isSaveWaiting = true;
    this.#saving = this.#saving.then(async () => {
      this.#isSaveWaiting = false;
      const checkpoint = this.#checkpoint;
      try {
        const record = { ...this.#run.record, hasCheckpoint: checkpoint !== undefined };
        await this.#host.save(
          { ...this.#run, record },
          { history: this.#history, checkpoint: checkpoint?.bytes },
        );
        this.#setRecord({ hasCheckpoint: record.hasCheckpoint });
        this.#lastWarning = "";
        if (checkpoint) this.#batcher.push({ type: "saved", step: checkpoint.step });
      } catch (error) {
        const message = autosaveWarning(error);
        if (message !== this.#lastWarning) this.#batcher.push({ type: "warning", message });
        this.#lastWarning = message;
      }
    });
  }

  /** The engine to go on with, or undefined when the run has to be left interrupted. */
  async #recover(error: unknown, wasLost: boolean): Promise<ReadyEngine | undefined> {
    const reason = error instanceof Error ? error.message : String(error);
    const { step } = this.#run.record;
    const from = this.#checkpoint?.step ?? 0;
    try {
      if (!wasLost) throw error;
      if (++this.#recoveries > mostRecoveries) throw new Error(`it was lost ${mostRecoveries} times before`);
      const engine = await this.#host.recover();
      this.#trainer = await createTrainer(engine, this.#run.record, this.#data, this.#checkpoint?.bytes);
      if (this.#paused) this.#trainer.pause();
      if (this.#stopped) this.#trainer.stop();
      this.#rewind();
      const message = `The GPU was lost at step ${step} (${reason}). The run went on from step ${from}.`;
      this.#batcher.push({ type: "rewound", step: from === 0 ? -1 : from });
      this.#batcher.push({ type: "warning", message });
      return engine;
    } catch (failure) {
      const why = failure instanceof Error ? failure.message : String(failure);
      const message = wasLost
        ? `GPU: expected it to come back after it was lost at step ${step} (${reason}), got ${why}.`
        : `GPU: expected step ${step + 1} to be computed, got ${reason}.`;
      const remedy = `Reload the page and resume the run: it goes on from step ${from}.`;
      this.#setRecord({ status: "interrupted", reason: `${message} ${remedy}` });
      await this.#finish({ type: "interrupted", step, reason: `${message} ${remedy}` });
      return undefined;
    }
  }

  /** Takes the history back to where the trainer stands; at step 0 it evaluates anew. */
  #rewind(): void {
    const { step } = this.#trainer;
    this.#history = step === 0 ? emptyHistory : truncateHistory(this.#history, step);
    this.#setRecord({
      step,
      lastLoss: this.#history.steps.at(-1)?.loss ?? null,
      lastValidationLoss: this.#history.evaluations.at(-1)?.loss ?? null,
    });
  }

  #setRecord(change: Partial<RunRecord>): void {
    this.#run = { ...this.#run, record: { ...this.#run.record, ...change } };
  }
}

/** Whether the device is gone; work that fails with it may say so a moment earlier. */
async function isLost({ device }: ReadyEngine["gpu"]): Promise<boolean> {
  const aMoment = new Promise<false>((resolve) => setTimeout(resolve, 500, false));
  return Promise.race([device.lost.then(() => true), aMoment]);
}

function createTrainer(
  { gpu, model, resident }: ReadyEngine,
  { config }: RunRecord,
  { examples, evalExamples }: TokenizedData,
  checkpoint: Uint8Array | undefined,
): Promise<Trainer> {
  return Trainer.create({
    gpu,
    weights: model.folder,
    model: resident,
    baseModelName: model.info.name,
    config,
    examples,
    evaluationExamples: evalExamples,
    checkpoint,
  });
}
