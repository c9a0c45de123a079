// Runs as the browser keeps them, in IndexedDB: record, history and last checkpoint of each, and the
// data they learn from. What belongs together is written in one transaction: all of it or nothing.
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { ModelOrigin, ModelSource, RunHistory, RunRecord } from "./messages";
import { emptyHistory } from "./stores/history";
import type { DataFiles } from "./trainingData";

/** A record with what it takes to find the run's model and data again. */
export interface StoredRun {
  readonly id: string;
  readonly record: RunRecord;
  readonly model: {
    readonly kind: ModelSource["kind"];
    readonly name: string;
    readonly fingerprint: string;
    /** Where it came from; absent in runs of older studios. */
    readonly origin?: ModelOrigin;
  };
  readonly dataKey: string;
}

/** What an autosave writes beside the record; what is left out stays as it was. */
export interface RunState {
  readonly history?: RunHistory;
  readonly checkpoint?: Uint8Array<ArrayBuffer>;
}

interface RunSchema extends DBSchema {
  runs: { key: string; value: StoredRun };
  histories: { key: string; value: RunHistory };
  checkpoints: { key: string; value: Uint8Array<ArrayBuffer> };
  data: { key: string; value: DataFiles };
}

const stores = ["runs", "histories", "checkpoints", "data"] as const;

export class RunStorage {
  readonly #database: IDBPDatabase<RunSchema>;

  private constructor(database: IDBPDatabase<RunSchema>) {
    this.#database = database;
  }

  /** @param name of the database */
  static async open(name: string): Promise<RunStorage> {
    const database = await openDB<RunSchema>(name, 1, {
      upgrade(created) {
        for (const store of stores) created.createObjectStore(store);
      },
      // Another tab with a newer studio waits to upgrade.
      blocking: () => database.close(),
    });
    return new RunStorage(database);
  }

  /** All runs, newest first. */
  async list(): Promise<StoredRun[]> {
    const runs = await this.#database.getAll("runs");
    return runs.sort((a, b) => b.record.createdAt - a.record.createdAt);
  }

  get(id: string): Promise<StoredRun | undefined> {
    return this.#database.get("runs", id);
  }

  async history(id: string): Promise<RunHistory> {
    return (await this.#database.get("histories", id)) ?? emptyHistory;
  }

  checkpoint(id: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#database.get("checkpoints", id);
  }

  data(key: string): Promise<DataFiles | undefined> {
    return this.#database.get("data", key);
  }

  /**
   * Writes the record and what else is given.
   * @throws QuotaExceededError when the storage is full; what was kept before is still there
   */
  async save(run: StoredRun, state: RunState = {}, data?: DataFiles): Promise<void> {
    const transaction = this.#database.transaction(stores, "readwrite");
    const put = <Name extends "histories" | "checkpoints">(
      name: Name,
      value: RunSchema[Name]["value"] | undefined,
    ) => value && transaction.objectStore(name).put(value, run.id);
    await Promise.all([
      transaction.objectStore("runs").put(run, run.id),
      put("histories", state.history),
      put("checkpoints", state.checkpoint),
      data && transaction.objectStore("data").put(data, run.dataKey),
      transaction.done,
    ]);
  }

  /** Removes the run, and its data if no other run has the same. */
  async delete(id: string): Promise<void> {
    const transaction = this.#database.transaction(stores, "readwrite");
    const runs = transaction.objectStore("runs");
    const run = await runs.get(id);
    const others = (await runs.getAll()).filter((other) => other.id !== id);
    for (const store of ["runs", "histories", "checkpoints"] as const) {
      void transaction.objectStore(store).delete(id);
    }
    if (run && !others.some(({ dataKey }) => dataKey === run.dataKey)) {
      void transaction.objectStore("data").delete(run.dataKey);
    }
    await transaction.done;
  }

  close(): void {
    this.#database.close();
  }
}
