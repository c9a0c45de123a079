// Everything the rank lab shows, as plain data, and what a person can do there.
import type { Measure } from "../../lab/results";
import type {
  BaseResult,
  CellResult,
  CellSeries,
  CellStatus,
  ExperimentCell,
  ExperimentRecord,
  LabAnswer,
  LabEstimate,
  LabExport,
} from "../labMessages";
import type { StudioProblem } from "../messages";
import type { NumberField } from "./state";

/** The experiment form, as typed. The run's own settings are those of the studio's form. */
export interface LabDraft {
  readonly name: string;
  readonly methods: readonly ("lora" | "full")[];
  readonly ranks: readonly number[];
  readonly targetSets: readonly { readonly modules: readonly string[]; readonly rank?: number | undefined }[];
  /** "0, 1, 2" */
  readonly seeds: string;
  /** "fixed": alpha as given; "perRank": alpha is this many times the rank. */
  readonly alphaRule: "fixed" | "perRank";
  readonly alpha: NumberField;
  /** "" is the run's own; "1e-3, 5e-3" tries both. */
  readonly learningRates: string;
  /** "all", or e.g. "100, 1000, all". */
  readonly exampleCounts: string;
  readonly mode: "race" | "sequential";
  readonly patience: NumberField;
  readonly metricExamples: NumberField;
  /** GPU memory that one race may take. */
  readonly memoryBudgetMb: NumberField;
}

export interface CellState {
  readonly status: CellStatus;
  /** Why it failed, was skipped or stopped early. */
  readonly reason?: string | undefined;
  /** Updates done. */
  readonly step: number;
}

/** The experiment on the screen: the one going on, or one opened from the list or a file. */
export interface ShownExperiment {
  readonly record: ExperimentRecord;
  readonly cells: readonly ExperimentCell[];
  readonly states: Readonly<Record<string, CellState>>;
  /** By cell; absent before its first point. Replaced, never changed in place. */
  readonly series: Readonly<Record<string, CellSeries>>;
  readonly results: readonly CellResult[];
  readonly base: BaseResult | null;
}

export interface LabAnswers {
  readonly prompt: string;
  readonly maxNewTokens: NumberField;
  readonly busy: boolean;
  /** Base (cellId null) first, then cells as they answer. */
  readonly answers: readonly LabAnswer[];
  readonly problem?: StudioProblem | undefined;
}

export interface LabState {
  readonly draft: LabDraft;
  /** Of the draft as it stands; absent until a model is there. Its problems name the draft's fields. */
  readonly estimate?: LabEstimate | undefined;
  /** "starting": being planned on the GPU. */
  readonly status: "idle" | "starting" | ExperimentRecord["status"];
  readonly shown?: ShownExperiment | undefined;
  /** What the table is about. */
  readonly measure: Measure;
  /** Why it could not start, or why it was interrupted. */
  readonly problem?: StudioProblem | undefined;
  /** What went wrong without ending the experiment, newest last. */
  readonly warnings: readonly string[];
  /** Step of the last autosave is not shown; that there was one is. */
  readonly hasSaved: boolean;
  readonly answers: LabAnswers;
  readonly kept: readonly ExperimentRecord[];
  readonly transfer: {
    readonly busy: boolean;
    readonly message?: string;
    readonly problem?: StudioProblem;
  };
}

export interface LabActions {
  /** Lists what is kept and estimates the draft; follows the studio's model, data and settings from then on. */
  start(): Promise<void>;
  setDraft<Name extends keyof LabDraft>(name: Name, value: LabDraft[Name]): void;
  /** Fills the draft; a model without the preset's modules gives a problem with field "targetSets". */
  usePreset(id: "ranks" | "budget" | "samples"): void;
  setMeasure(measure: Measure): void;
  run(): Promise<void>;
  pause(): Promise<void>;
  /** After a pause. */
  resume(): Promise<void>;
  stop(): Promise<void>;
  skip(cellId: string): Promise<void>;
  /** Makes a cell the studio's current adapter. */
  use(cellId: string): Promise<void>;
  setPrompt(prompt: string): void;
  setMaxNewTokens(value: NumberField): void;
  answer(): Promise<void>;
  cancelAnswer(): Promise<void>;
  /** Hands the file to the browser's downloads. */
  exportExperiment(what: LabExport): Promise<void>;
  /** Reads an exported JSON and shows it; its settings go into the forms, so that it can be run again. */
  openFile(file: File): Promise<void>;
  /** Shows a kept experiment, and its settings in the forms. Not while another one is going on. */
  openKept(id: string): Promise<void>;
  /** Goes on with an interrupted or stopped experiment. */
  resumeKept(id: string): Promise<void>;
  deleteKept(id: string): Promise<void>;
}

export type LabStore = LabState & LabActions;
