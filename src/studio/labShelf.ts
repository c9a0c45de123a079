// The kept experiments, as the lab uses them: found again with their data, and told apart from those that another
// tab has going on.
import type { CellResult, ExperimentRecord, ExperimentSnapshot } from "./labMessages";
import { type ExperimentState, LabStorage, type StoredExperiment } from "./labStorage";
import { StudioError } from "./problems";
import { heldLocks, holdLock } from "./tabLock";
import type { DataFiles } from "./trainingData";

const lockName = (id: string): string => `lora-studio experiment ${id}`;

export class LabShelf {
  readonly #storage: Promise<LabStorage>;
  readonly #locks: LockManager;

  /** @param name of the database @param locks navigator.locks, by which tabs see each other's experiments */
  constructor(name: string, locks: LockManager) {
    this.#storage = LabStorage.open(name);
    this.#storage.catch(() => {}); // every use reports it
    this.#locks = locks;
  }

  /** Newest first; one that no tab has going on any more is "interrupted". @param current counts over what is kept */
  async list(current?: ExperimentRecord): Promise<ExperimentRecord[]> {
    const kept = await Promise.all((await (await this.#storage).list()).map((each) => this.#asItIs(each)));
    const others = kept.filter(({ id }) => id !== current?.id);
    // One opened from its file was made when the original was, and comes after it.
    return [...(current ? [current] : []), ...others].sort(
      (a, b) => b.createdAt - a.createdAt || a.status.localeCompare(b.status),
    );
  }

  /** @throws StudioError when it was deleted */
  async get(id: string): Promise<StoredExperiment> {
    const stored = await (await this.#storage).get(id);
    if (!stored) throw new StudioError("experiment: expected a kept one, got one that was deleted.");
    return { ...stored, record: await this.#asItIs(stored) };
  }

  async snapshot(id: string): Promise<ExperimentSnapshot> {
    const storage = await this.#storage;
    const [{ record }, progress, series] = await Promise.all([
      this.get(id),
      storage.progress(id),
      storage.series(id),
    ]);
    const results: readonly CellResult[] = progress?.results ?? [];
    return { record, series, results, base: progress?.base ?? null };
  }

  /** What it takes to go on. */
  async state(id: string): Promise<Pick<ExperimentState, "progress" | "series" | "data">> {
    const storage = await this.#storage;
    const { data } = await this.get(id);
    const [progress, series, bytes] = await Promise.all([
      storage.progress(id),
      storage.series(id),
      storage.data(data.key),
    ]);
    return { series, data: bytes, ...(progress && { progress }) };
  }

  /** The last checkpoint of an ended cell. */
  async trained(id: string, cellId: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return (await this.#storage).trained(id, cellId);
  }

  /** @throws QuotaExceededError when the storage is full */
  async save(experiment: StoredExperiment, state: ExperimentState & { data?: DataFiles }): Promise<void> {
    await (await this.#storage).save(experiment, state);
  }

  async delete(id: string): Promise<void> {
    await (await this.#storage).delete(id);
  }

  /** Marks an experiment as going on in this tab until the returned function is called. @throws StudioError */
  hold(id: string): Promise<() => void> {
    return holdLock(this.#locks, lockName(id), "experiment");
  }

  close(): Promise<void> {
    return this.#storage.then((storage) => storage.close());
  }

  async #asItIs({ id, record }: StoredExperiment): Promise<ExperimentRecord> {
    if (record.status !== "running" && record.status !== "paused") return record;
    const isHeld = (await heldLocks(this.#locks)).has(lockName(id));
    return isHeld ? record : { ...record, status: "interrupted" };
  }
}
