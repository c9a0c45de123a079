// Experiments as the browser keeps them, in an IndexedDB of their own beside the runs': record and progress, curves,
// what each cell has learned, and the data they learn from.
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { ExperimentContent } from "../lab/experimentFile";
import type { ExperimentProgress } from "../lab/runExperiment";
import type { CellSeries, ExperimentRecord } from "./labMessages";
import type { DataFiles } from "./trainingData";

/** A record with what it takes to go on, and to find model and data again. */
export interface StoredExperiment {
  readonly id: string;
  readonly record: ExperimentRecord;
  /** `fingerprint` is "" for an experiment from a file, which was made elsewhere. */
  /** `fingerprint` is empty where it came from a file. */
  readonly model: ExperimentContent["model"] & { readonly fingerprint: string };
  readonly data: {
    readonly name: string;
    readonly key: string;
    /** Of the tokens that are trained and evaluated on; see train/checkpoint. */
    readonly fingerprint: string;
    readonly evaluationFingerprint: string;
  };
}

/** What an autosave writes beside the record; what is left out stays as it was. */
export interface ExperimentState {
  readonly progress?: ExperimentProgress;
  readonly series?: Readonly<Record<string, CellSeries>>;
  /** Checkpoints of cells that have ended since the save before. */
  readonly trained?: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  readonly data?: DataFiles | undefined;
}

interface LabSchema extends DBSchema {
  experiments: { key: string; value: StoredExperiment };
  progress: { key: string; value: ExperimentProgress };
  series: { key: string; value: Readonly<Record<string, CellSeries>> };
  /** By experiment and cell. */
  trained: { key: [string, string]; value: Uint8Array<ArrayBuffer> };
  data: { key: string; value: DataFiles };
}

const stores = ["experiments", "progress", "series", "trained", "data"] as const;
/** All keys of one experiment's cells: arrays sort after strings. */
const cellsOf = (id: string) => IDBKeyRange.bound([id], [id, []]);

export class LabStorage {
  readonly #database: IDBPDatabase<LabSchema>;

  private constructor(database: IDBPDatabase<LabSchema>) {
    this.#database = database;
  }

  /** @param name of the database */
  static async open(name: string): Promise<LabStorage> {
    const database = await openDB<LabSchema>(name, 1, {
      upgrade(created) {
        for (const store of stores) created.createObjectStore(store);
      },
      // Another tab with a newer studio waits to upgrade.
      blocking: () => database.close(),
    });
    return new LabStorage(database);
  }

  /** All experiments, newest first. */
  async list(): Promise<StoredExperiment[]> {
    const kept = await this.#database.getAll("experiments");
    return kept.sort((a, b) => b.record.createdAt - a.record.createdAt);
  }

  get(id: string): Promise<StoredExperiment | undefined> {
    return this.#database.get("experiments", id);
  }

  progress(id: string): Promise<ExperimentProgress | undefined> {
    return this.#database.get("progress", id);
  }

  async series(id: string): Promise<Readonly<Record<string, CellSeries>>> {
    return (await this.#database.get("series", id)) ?? {};
  }

  /** The last checkpoint of an ended cell. */
  trained(id: string, cellId: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#database.get("trained", [id, cellId]);
  }

  data(key: string): Promise<DataFiles | undefined> {
    return this.#database.get("data", key);
  }

  /**
   * Writes the record and what else is given, all of it or nothing.
   * @throws QuotaExceededError when the storage is full; what was kept before is still there
   */
  async save(experiment: StoredExperiment, state: ExperimentState = {}): Promise<void> {
    const { id } = experiment;
    const transaction = this.#database.transaction(stores, "readwrite");
    const { progress, series, trained = new Map<string, Uint8Array<ArrayBuffer>>(), data } = state;
    await Promise.all([
      transaction.objectStore("experiments").put(experiment, id),
      progress && transaction.objectStore("progress").put(progress, id),
      series && transaction.objectStore("series").put(series, id),
      ...[...trained].map(([cell, bytes]) => transaction.objectStore("trained").put(bytes, [id, cell])),
      data && transaction.objectStore("data").put(data, experiment.data.key),
      transaction.done,
    ]);
  }

  /** Removes the experiment with its cells, and its data if no other one has the same. */
  async delete(id: string): Promise<void> {
    const transaction = this.#database.transaction(stores, "readwrite");
    const experiments = transaction.objectStore("experiments");
    const own = await experiments.get(id);
    const others = (await experiments.getAll()).filter((other) => other.id !== id);
    for (const store of ["experiments", "progress", "series"] as const) {
      void transaction.objectStore(store).delete(id);
    }
    void transaction.objectStore("trained").delete(cellsOf(id));
    if (own && !others.some(({ data }) => data.key === own.data.key)) {
      void transaction.objectStore("data").delete(own.data.key);
    }
    await transaction.done;
  }

  close(): void {
    this.#database.close();
  }
}
