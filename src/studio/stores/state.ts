// Everything the page shows, as plain data: what the stores hold and the components read.
import type {
  CurrentAdapter,
  DataInfo,
  DataSettings,
  DataSketchInfo,
  DataSource,
  GenerateResult,
  GpuInfo,
  ModelInfo,
  ModelSource,
  ProfileEvent,
  QuantisedDtype,
  RunEstimate,
  RunHistory,
  RunRecord,
  RunStatus,
  SampleDataset,
  StudioProblem,
  TrainConfig,
} from "../messages";

interface GpuState {
  readonly status: "starting" | "ready" | "missing" | "lost";
  readonly info?: GpuInfo;
  /** What happened and what to do, when missing or lost. */
  readonly message?: string;
}

interface ModelState {
  readonly status: "empty" | "loading" | "ready" | "failed";
  /** Of the model in use, or of the one being loaded. */
  readonly source?: ModelSource | undefined;
  /** Of the model in use; stays when loading another one failed. */
  readonly info?: ModelInfo | undefined;
  /** Loaded part, 0 to 1. */
  readonly progress: number;
  readonly problem?: StudioProblem;
}

export interface DataState {
  readonly status: "empty" | "loading" | "ready" | "failed";
  /** In use, or being read. */
  readonly source?: DataSource;
  /** Of the data in use; stays when other data could not be used. */
  readonly info?: DataInfo;
  /** What could not be used, where that is other data than the one in use; the form is about it then. */
  readonly attempted?: DataSource;
  /** How the form says to read it. */
  readonly settings: DataSettings;
  /** What the form shows while it is not, or not yet, the data in use. */
  readonly sketch?: DataSketchInfo | undefined;
  /** Read part, 0 to 1, while loading. */
  readonly progress?: number;
  readonly problem?: StudioProblem;
}

/** A number as typed: "" while the field is empty. */
export type NumberField = number | string;

/** The form. Names are those of the configuration, and those that problems carry in `field`. */
export interface Settings {
  readonly method: TrainConfig["method"];
  readonly rank: NumberField;
  readonly loraAlpha: NumberField;
  readonly loraDropout: NumberField;
  readonly targetModules: readonly string[];
  readonly useRslora: boolean;
  readonly initLoraWeights: TrainConfig["adapter"]["initLoraWeights"];
  readonly learningRate: NumberField;
  readonly schedule: TrainConfig["schedule"];
  readonly warmupSteps: NumberField;
  readonly steps: NumberField;
  readonly batchSize: NumberField;
  readonly gradientAccumulation: NumberField;
  readonly gradientCheckpointing: boolean;
  readonly packing: boolean;
  readonly sequenceLength: NumberField;
  readonly weightDecay: NumberField;
  readonly maxGradNorm: NumberField;
  readonly seed: NumberField;
  readonly shuffle: boolean;
  readonly evaluateEvery: NumberField;
  readonly checkpointEvery: NumberField;
}

export interface RunState {
  /** "idle": none since the page opened; "starting": being planned on the GPU; else that of the record. */
  readonly status: "idle" | "starting" | RunStatus;
  readonly record?: RunRecord;
  readonly history: RunHistory;
  /** Counted and uncounted tokens per second over the last steps. */
  readonly tokensPerSecond?: number;
  /** Expected time to the last step. */
  readonly etaMs?: number;
  /** Step of the last autosave. */
  readonly savedStep?: number;
  /** Why it could not start, or why it failed. */
  readonly problem?: StudioProblem;
  /** Where the time of a step goes, as of the last time that was asked for. */
  readonly profile?: ProfileEvent | undefined;
  /** A profile was asked for and is not there yet. */
  readonly isProfiling?: boolean;
  /** What went wrong without ending the run, newest last. */
  readonly warnings: readonly string[];
}

/** One column of Compare. */
export interface AnswerState {
  readonly text: string;
  readonly busy: boolean;
  readonly result?: GenerateResult;
  readonly problem?: StudioProblem;
}

/** Sampling settings of Compare, as typed. */
export interface CompareSettings {
  readonly maxNewTokens: NumberField;
  /** 0 is greedy. */
  readonly temperature: NumberField;
  /** 0 keeps all tokens. */
  readonly topK: NumberField;
  /** 1 keeps all tokens. */
  readonly topP: NumberField;
  readonly seed: NumberField;
}

interface CompareState {
  readonly prompt: string;
  readonly settings: CompareSettings;
  readonly base: AnswerState;
  readonly adapter: AnswerState;
}

/** Outcome of the last export or import. */
interface TransferState {
  readonly busy: boolean;
  readonly message?: string;
  readonly problem?: StudioProblem;
}

export interface StudioState {
  readonly gpu: GpuState;
  readonly model: ModelState;
  /** In how many bits the model is kept on the GPU; null as in its file. */
  readonly baseWeights: QuantisedDtype | null;
  readonly samples: readonly SampleDataset[];
  readonly data: DataState;
  readonly settings: Settings;
  /** Of the settings as they stand; absent until a model is there. */
  readonly estimate?: RunEstimate;
  /** The run on the charts: the one going on, or one opened from the list. */
  readonly run: RunState;
  readonly runs: readonly RunRecord[];
  readonly compare: CompareState;
  /** What Compare and Export use. */
  readonly adapter?: CurrentAdapter;
  readonly transfer: TransferState;
}

export interface StudioActions {
  /** Starts the worker, opens the GPU, loads the embedded model and the first sample data. A second call does nothing. */
  start(): Promise<void>;
  loadModel(source: ModelSource): Promise<void>;
  /** Uploads the model again in other bits, and keeps later ones like it. */
  setBaseWeights(quantisation: QuantisedDtype | null): Promise<void>;
  /** @param settings how to read it; left out: as it seems right */
  loadData(source: DataSource, settings?: DataSettings): Promise<void>;
  /** Changes how the data is read, and reads it again. */
  setDataSettings(change: Partial<DataSettings>): void;
  /** Takes the held-out examples from a file; undefined draws them from the data again. */
  setValidationFile(file: File | undefined): Promise<void>;
  /** Gives up reading and goes back to the data before. */
  cancelData(): Promise<void>;
  /** Cuts the data again, after the sequence length or seed changed. */
  retokenize(): Promise<void>;
  setSetting<Name extends keyof Settings>(name: Name, value: Settings[Name]): void;
  /** Puts a kept run's configuration back into the form. */
  useSettingsOf(record: RunRecord): void;

  train(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
  /** Times the next step kernel by kernel. */
  profileStep(): Promise<void>;

  setPrompt(prompt: string): void;
  setCompareSetting(name: keyof CompareSettings, value: NumberField): void;
  /** Base first, then the adapter where there is one; one seed. */
  generate(): Promise<void>;
  cancelGenerate(): Promise<void>;

  /** Hands the zip to the browser's downloads. */
  exportAdapter(): Promise<void>;
  /** A zip, or adapter_config.json with adapter_model.safetensors. */
  importAdapter(files: readonly File[]): Promise<void>;

  renameRun(id: string, name: string): Promise<void>;
  deleteRun(id: string): Promise<void>;
  /** Makes a kept run's adapter the current one. */
  useRun(id: string): Promise<void>;
  /** Goes on with an interrupted or stopped run from its last autosave. */
  resumeRun(id: string): Promise<void>;
  /** Shows a kept run's chart and configuration. Not while another one is going on. */
  openRun(id: string): Promise<void>;
}

export type StudioStore = StudioState & StudioActions;
