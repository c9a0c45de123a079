// The kept runs, as the session uses them: named, found again with their data, and told apart from runs that
// another tab has going on.
import { describeIdentity, identityOf, type LoadedModel } from "./loadedModel";
import type { ModelOrigin, RunHistory, RunRecord, TrainConfig } from "./messages";
import { StudioError } from "./problems";
import { type RunState, RunStorage, type StoredRun } from "./runStorage";
import { heldLocks, holdLock } from "./tabLock";
import { type DataFiles, isKept, keyOf } from "./trainingData";

/** All it takes to go on with a run. */
interface TakenUp {
  readonly run: StoredRun;
  readonly checkpoint: Uint8Array<ArrayBuffer>;
  readonly data: DataFiles;
  readonly history: RunHistory;
}

const lockName = (id: string): string => `lora-studio run ${id}`;

export class RunShelf {
  /** Data of runs that have not been saved yet. */
  readonly #unsavedData = new Map<string, DataFiles>();
  readonly #storage: Promise<RunStorage>;
  readonly #locks: LockManager;

  /**
   * @param name of the database
   * @param locks navigator.locks, by which tabs see each other's runs
   */
  constructor(name: string, locks: LockManager) {
    this.#storage = RunStorage.open(name);
    this.#storage.catch(() => {}); // every use reports it
    this.#locks = locks;
  }

  /** Newest first; a run that no tab has going on any more is "interrupted". @param current counts over what is kept */
  async list(current?: RunRecord): Promise<RunRecord[]> {
    const held = await heldLocks(this.#locks);
    const kept = (await (await this.#storage).list()).map(({ record }) => {
      const isActive = record.status === "running" || record.status === "paused";
      return isActive && !held.has(lockName(record.id))
        ? { ...record, status: "interrupted" as const }
        : record;
    });
    const others = kept.filter(({ id }) => id !== current?.id);
    return [...(current ? [current] : []), ...others].sort((a, b) => b.createdAt - a.createdAt);
  }

  async history(id: string): Promise<RunHistory> {
    return (await this.#storage).history(id);
  }

  /** Where a run's model came from, unless it is the loaded one. */
  async modelOf(id: string, loaded: LoadedModel | undefined): Promise<ModelOrigin | null> {
    const { model } = (await (await this.#storage).get(id)) ?? {};
    const isLoaded = loaded !== undefined && model?.fingerprint.split(":")[0] === loaded.fingerprint;
    return isLoaded ? null : (model?.origin ?? null);
  }

  /** A new run with a name of its own; nothing is kept before the first `save`. */
  async create(
    config: TrainConfig,
    model: LoadedModel,
    data: DataFiles,
    trainableParameters: number,
  ): Promise<StoredRun> {
    const id = crypto.randomUUID();
    if (isKept(data)) this.#unsavedData.set(id, data);
    const method = config.method === "lora" ? `rank ${config.adapter.rank}` : config.method;
    const record: RunRecord = {
      id,
      name: await this.#freeName(`${data.name} · ${method}`),
      createdAt: Date.now(),
      status: "running",
      modelName: model.info.name,
      dataName: data.name,
      config,
      ...(model.folder.quantisation && { quantisation: model.folder.quantisation }),
      trainableParameters,
      step: 0,
      lastLoss: null,
      lastValidationLoss: null,
      hasCheckpoint: false,
    };
    const { origin, info } = model;
    const kept = { kind: origin.kind, name: info.name, fingerprint: identityOf(model), origin };
    return { id, record, model: kept, dataKey: await keyOf(data) };
  }

  /** @throws QuotaExceededError when the storage is full */
  async save(run: StoredRun, state: RunState): Promise<void> {
    await (await this.#storage).save(run, state, this.#unsavedData.get(run.id));
    this.#unsavedData.delete(run.id);
  }

  /**
   * What it takes to resume a run.
   * @param loaded data in use, for a run whose own could not be kept
   * @throws StudioError saying what to load first, or why it cannot be resumed
   */
  async takeUp(id: string, model: LoadedModel, loaded: DataFiles | undefined): Promise<TakenUp> {
    const storage = await this.#storage;
    const { run, checkpoint } = await this.#kept(id);
    const { record } = run;
    if (record.status === "done")
      throw new StudioError(`${record.name}: expected steps left to do, got none.`);
    if (record.status === "failed") {
      const remedy = "It would fail at the same step again: start a new run with other settings.";
      throw new StudioError(`${record.name}: expected a run that can go on, got a failed one. ${remedy}`);
    }
    const identity = identityOf(model);
    if (run.model.fingerprint !== identity) {
      const [was, is] = [
        describeIdentity(run.model.name, run.model.fingerprint),
        describeIdentity(model.info.name, identity),
      ];
      const remedy = `Load the model ${was} that the run was started with, then resume it.`;
      throw new StudioError(`model: expected ${was}, got ${is}. ${remedy}`, "model");
    }
    const isOfRun = async (files: DataFiles) => (await keyOf(files)) === run.dataKey;
    // What is in use is read already.
    const data = loaded && (await isOfRun(loaded)) ? loaded : await storage.data(run.dataKey);
    if (!data) {
      const remedy = `Choose the training data ${record.dataName} again, then resume the run.`;
      throw new StudioError(
        `training data: expected that of the run, got none kept. ${remedy}`,
        "trainingData",
      );
    }
    return { run, checkpoint, data, history: await storage.history(id) };
  }

  /** The record and last good checkpoint of a run. @throws StudioError when there is none */
  async checkpoint(id: string): Promise<{ record: RunRecord; checkpoint: Uint8Array<ArrayBuffer> }> {
    const { run, checkpoint } = await this.#kept(id);
    return { record: run.record, checkpoint };
  }

  async rename(id: string, name: string): Promise<void> {
    const storage = await this.#storage;
    const run = await storage.get(id);
    if (run) await storage.save({ ...run, record: { ...run.record, name } });
  }

  async delete(id: string): Promise<void> {
    await (await this.#storage).delete(id);
  }

  /**
   * Marks a run as going on in this tab until the returned function is called or the tab is closed.
   * @throws StudioError when another tab has it
   */
  hold(id: string): Promise<() => void> {
    return holdLock(this.#locks, lockName(id), "run");
  }

  close(): Promise<void> {
    return this.#storage.then((storage) => storage.close());
  }

  async #kept(id: string): Promise<{ run: StoredRun; checkpoint: Uint8Array<ArrayBuffer> }> {
    const storage = await this.#storage;
    const [run, checkpoint] = await Promise.all([storage.get(id), storage.checkpoint(id)]);
    if (!run) throw new StudioError("run: expected a kept one, got one that was deleted.");
    if (!checkpoint) {
      throw new StudioError(`${run.record.name}: expected an autosave, got none. Start the run anew.`);
    }
    return { run, checkpoint };
  }

  async #freeName(wanted: string): Promise<string> {
    const kept = await (await this.#storage).list().catch(() => []);
    const taken = new Set(kept.map(({ record }) => record.name));
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted} (${n})`;
    return name;
  }
}
