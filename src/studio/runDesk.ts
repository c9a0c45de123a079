// The run going on, if there is one, and its place among the kept ones: what is asked of a run is answered by
// the one in memory where it is that one, and by the shelf otherwise.
import { ActiveRun, type RunHost, type RunSetup } from "./activeRun";
import type { Engine, ReadyEngine } from "./engine";
import type { RunHistory, RunRecord, RunUpdate } from "./messages";
import { StudioError } from "./problems";
import type { RunShelf } from "./runShelf";

export type OnUpdates = (updates: readonly RunUpdate[]) => void;

export class RunDesk {
  /** The run going on, or the last one. */
  #run: ActiveRun | undefined;
  #isStarting = false;
  #isRunning = false;
  readonly #engine: Engine;
  readonly #shelf: RunShelf;
  readonly #onTrained: (record: RunRecord, checkpoint: Uint8Array) => void;

  /** @param onTrained called when a run ended well, before its page hears of it */
  constructor(
    engine: Engine,
    shelf: RunShelf,
    onTrained: (record: RunRecord, checkpoint: Uint8Array) => void,
  ) {
    this.#engine = engine;
    this.#shelf = shelf;
    this.#onTrained = onTrained;
  }

  /**
   * Starts what `prepare` sets up; resolves when it runs.
   * @throws what prepare and Trainer.create throw; StudioError when a run is going on, here or in another tab
   */
  async launch(
    onUpdates: OnUpdates,
    prepare: (engine: ReadyEngine) => Promise<RunSetup>,
  ): Promise<RunRecord> {
    this.refuseWhileActive();
    this.#isStarting = true;
    try {
      const engine = this.#engine.ready();
      const setup = await prepare(engine);
      const release = await this.#shelf.hold(setup.run.id);
      try {
        this.#run = await ActiveRun.open(engine, setup, this.#host(onUpdates, release));
      } catch (error) {
        release();
        throw error;
      }
      this.#isRunning = true;
      void this.#run.follow(engine);
      return this.#run.record;
    } finally {
      this.#isStarting = false;
    }
  }

  pause(): void {
    if (this.#isRunning) this.#run?.pause();
  }

  resume(): void {
    if (this.#isRunning) this.#run?.resume();
  }

  stop(): void {
    if (this.#isRunning) this.#run?.stop();
  }

  /** Times the next step kernel by kernel, where a run is going on. */
  profileNextStep(): void {
    if (this.#isRunning) this.#run?.profileNextStep();
  }

  /** @throws StudioError while a run is going on */
  refuseWhileActive(): void {
    if (this.#isStarting || this.#isRunning) {
      throw new StudioError("run: expected none going on, got one. Stop it first.");
    }
  }

  list(): Promise<RunRecord[]> {
    return this.#shelf.list(this.#run?.record);
  }

  async history(id: string): Promise<RunHistory> {
    return this.#inMemory(id)?.history ?? this.#shelf.history(id);
  }

  /** A run's record and last good state. @throws StudioError when nothing was kept */
  async checkpoint(
    id: string,
  ): Promise<{ readonly record: RunRecord; readonly checkpoint: Uint8Array<ArrayBuffer> }> {
    const run = this.#inMemory(id);
    return run?.checkpoint ? { record: run.record, checkpoint: run.checkpoint } : this.#shelf.checkpoint(id);
  }

  async rename(id: string, name: string): Promise<void> {
    this.#inMemory(id)?.rename(name);
    await this.#shelf.rename(id, name);
  }

  /** @throws StudioError while the run is going on */
  async delete(id: string): Promise<void> {
    const isCurrent = this.#inMemory(id) !== undefined;
    if (isCurrent && this.#isRunning) {
      throw new StudioError(
        "run: expected one that has ended, got the one going on. Stop it before deleting it.",
      );
    }
    await this.#shelf.delete(id);
    if (isCurrent) this.#run = undefined;
  }

  #inMemory(id: string): ActiveRun | undefined {
    return this.#run?.record.id === id ? this.#run : undefined;
  }

  #host(onUpdates: OnUpdates, release: () => void): RunHost {
    return {
      save: (run, state) => this.#shelf.save(run, state),
      recover: () => this.#engine.recovered(),
      onUpdates: (updates) => {
        const isTrained = updates.some((update) => update.type === "end" && update.outcome !== "failed");
        const { record, checkpoint } = this.#run!;
        if (isTrained && checkpoint) this.#onTrained(record, checkpoint);
        onUpdates(updates);
      },
      onOver: () => {
        this.#isRunning = false;
        release();
      },
    };
  }
}
