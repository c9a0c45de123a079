// The rank lab's part of the contract between the page and the worker; see messages.ts.
import type { BaseResult, CellStatus, ExperimentEvent } from "../lab/events";
import type { Experiment, ExperimentCell, ExperimentInput } from "../lab/experiment";
import type { CellResult } from "../lab/results";
import type { CellSeries } from "../lab/series";
import type { CurrentAdapter, Result, StudioProblem, StudioWorker } from "./messages";

export type { BaseResult, CellResult, CellSeries, CellStatus, Experiment, ExperimentCell, ExperimentInput };

/** "interrupted": the tab was closed or the engine failed; it can be resumed. "opened": read from a file. */
export type ExperimentStatus = "running" | "paused" | "done" | "stopped" | "interrupted" | "opened";

/** What an experiment would take, known before anything is allocated. */
export interface LabEstimate {
  readonly cells: readonly {
    readonly id: string;
    readonly label: string;
    readonly trainableParameters: number;
  }[];
  /** Cells trained together, in the order in which they run; one cell each in sequential mode. */
  readonly races: readonly { readonly cellIds: readonly string[]; readonly memoryBytes: number }[];
  /** Why there are as many races as there are, e.g. memory; absent when all cells race at once. */
  readonly note?: string;
  /** What a race may take at most. */
  readonly budgetBytes: number;
  /** Updates of all cells together. */
  readonly totalSteps: number;
  /** `field`: ranks, targetSets, seeds, alpha, learningRates, methods, exampleCounts, patience, or a field of the run. */
  readonly problems: readonly StudioProblem[];
}

/** An experiment as it is kept in the browser. */
export interface ExperimentRecord {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly status: ExperimentStatus;
  readonly modelName: string;
  readonly dataName: string;
  readonly experiment: Experiment;
  readonly reason?: string;
  /** Cells whose adapters are kept, to be used, asked and exported. */
  readonly keptCells: readonly string[];
}

/** All there is to show of an experiment. */
export interface ExperimentSnapshot {
  readonly record: ExperimentRecord;
  readonly series: Readonly<Record<string, CellSeries>>;
  readonly results: readonly CellResult[];
  readonly base: BaseResult | null;
}

/** Batched per frame by the worker. */
export type LabUpdate =
  | ExperimentEvent
  /** Adapters that can be used, asked and exported from now on. */
  | { readonly type: "kept"; readonly cellIds: readonly string[] }
  | { readonly type: "status"; readonly status: "running" | "paused" }
  | { readonly type: "saved" }
  | { readonly type: "end"; readonly status: ExperimentStatus; readonly reason?: string };

/** One answer to the prompt that all cells get. */
export interface LabAnswer {
  /** null is the base. */
  readonly cellId: string | null;
  /** As far as it is written. */
  readonly text: string;
  /** Null while it is being written. */
  readonly stopped: "endOfText" | "length" | "cancelled" | null;
}

export interface LabFile {
  readonly fileName: string;
  readonly file: Blob;
}

export type LabExport = "json" | "csv" | "markdown" | "adapters";

/** Calls of the worker for experiments. None rejects for a mistake of the person. */
export interface LabWorker {
  /** Works without a GPU. Needs a model and data. */
  estimate(experiment: ExperimentInput): Promise<LabEstimate>;
  /** Starts; resolves when it has started. Refused while a run or experiment is going on. */
  run(
    experiment: ExperimentInput,
    onUpdates: (updates: readonly LabUpdate[]) => void,
  ): Promise<Result<ExperimentSnapshot>>;
  /** Goes on with an interrupted or stopped experiment from its last autosave. */
  resumeExperiment(
    id: string,
    onUpdates: (updates: readonly LabUpdate[]) => void,
  ): Promise<Result<ExperimentSnapshot>>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends after the step in progress; what was trained is kept. */
  stop(): Promise<void>;
  /** Takes a queued cell out, or ends a running one where it stands. */
  skip(cellId: string): Promise<void>;
  /** Makes a trained cell the studio's current adapter. */
  use(id: string, cellId: string): Promise<Result<CurrentAdapter>>;
  /**
   * Base first, then every kept cell in the order of the grid; greedy. `onAnswer` gets each as it is being written, at
   * most once a frame, and once more when it is over. Ended by the studio's cancelGenerate.
   */
  answer(
    id: string,
    prompt: string,
    maxNewTokens: number,
    onAnswer: (answer: LabAnswer) => void,
  ): Promise<Result<null>>;
  exportExperiment(id: string, what: LabExport): Promise<Result<LabFile>>;
  /** Reads an exported JSON, keeps it, and gives what is in it. */
  open(file: File): Promise<Result<ExperimentSnapshot>>;
  list(): Promise<readonly ExperimentRecord[]>;
  snapshot(id: string): Promise<Result<ExperimentSnapshot>>;
  delete(id: string): Promise<Result<null>>;
}

/** The whole worker, as the page connects to it. */
export interface PageWorker extends StudioWorker {
  readonly lab: LabWorker;
}
