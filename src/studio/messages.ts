// The contract between the page and the worker that owns the engine. The page side imports types from here and
// never the engine. Comlink carries the calls; every value is structured-cloneable, callbacks are proxied.
import type { DataMapping, DataSettings } from "../data/config";
import type { LengthHistogram } from "../data/lengths";
import type { BadRow } from "../data/row";
import type { DataFormat } from "../data/rows";
import type { ChatTemplateOrigin } from "../formats/chatTemplate";
import type { QuantisedDtype } from "../gpu/quantised";
import type { Tiling } from "../gpu/tiling";
import type { HubAccess } from "../hub/hubClient";
import type { ModuleSize } from "../lab/presets";
import type { TrainConfig, TrainConfigInput } from "../train/config";
import type { DeltaEvent, EndEvent, EvaluationEvent, StepEvent } from "../train/events";
import type { ProfileEvent } from "../train/profile";

export type {
  BadRow,
  DataMapping,
  DataSettings,
  LengthHistogram,
  ProfileEvent,
  QuantisedDtype,
  TrainConfig,
  TrainConfigInput,
};

/** An error as it crosses to the page: what to show, and beside which field. */
export interface StudioProblem {
  readonly message: string;
  /**
   * Name of the configuration field at fault, e.g. "rank", "targetModules", "learningRate", "trainingData"; for how
   * data is read "mapping.template", "mapping.prompt" and so on.
   */
  readonly field?: string;
  /** The first rows of a data file that cannot be used, and how many there are: they can be skipped. */
  readonly badRows?: { readonly first: readonly BadRow[]; readonly count: number };
  /** Splits of a data set of the Hub that could be meant. */
  readonly splits?: readonly { readonly name: string; readonly fileCount: number }[];
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: StudioProblem };

export interface GpuInfo {
  readonly name: string;
  readonly isSoftware: boolean;
  readonly tiling: Tiling;
  readonly maxBindingBytes: number;
}

/** The GPU went away, or is back with the model on it. */
export type GpuChange =
  | { readonly status: "lost"; readonly message: string }
  | { readonly status: "ready"; readonly info: GpuInfo };

export type ModelSource =
  /** A folder under public/models. */
  | { readonly kind: "embedded"; readonly name: string }
  /** Files that the person chose, so that the bytes are read in the worker only. */
  | {
      readonly kind: "files";
      readonly name: string;
      readonly files: readonly File[];
      /** The folder or files themselves, where the browser gives them: by these they are found again. */
      readonly handles?: readonly FileSystemHandle[];
    }
  /** A folder of the browser's storage; see hubMessages.ts. */
  | { readonly kind: "kept"; readonly name: string; readonly folder: string };

/** What a file was like when a run was started with it. */
export interface FileFacts {
  readonly name: string;
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
}

/** A model as a run keeps it, to be found again. */
export type ModelOrigin =
  | Exclude<ModelSource, { kind: "files" }>
  | {
      readonly kind: "files";
      readonly name: string;
      /** Empty where the browser gives none: the person chooses the files again. */
      readonly handles: readonly FileSystemHandle[];
      readonly files: readonly FileFacts[];
    };

export interface ExportedZip {
  readonly fileName: string;
  /** Null where it was written into a file that was given. */
  readonly file: Blob | null;
}

export interface ModelInfo {
  readonly name: string;
  readonly parameterCount: number;
  readonly weightBytes: number;
  readonly dtype: string;
  /** Bits of the codes that its weights were computed from, e.g. "4"; null where its files have their values. */
  readonly codeBits: string | null;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly vocabSize: number;
  readonly maxPositionEmbeddings: number;
  /** Module names that can be adapted, e.g. "q_proj". */
  readonly moduleNames: readonly string[];
  /** Those that PEFT adapts by default in a model of this type. */
  readonly defaultTargetModules: readonly string[];
  /** What adapting each of them costs. */
  readonly moduleSizes: readonly ModuleSize[];
  readonly hasBiases: boolean;
}

/** A sample dataset shipped with the studio (public/datasets/<id>/dataset.json). */
export interface SampleDataset {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly goal: string;
}

export interface DataSource {
  readonly kind: "sample" | "file" | "hub";
  /** Sample id, the file's name, or a data set of the Hub as typed: owner/name, with @revision and /file where asked. */
  readonly name: string;
  /** Of a data set of the Hub: which of its splits, where several could be meant. */
  readonly split?: string;
  /** Which Hub, and as whom; kept by nobody. */
  readonly access?: HubAccess;
  readonly file?: File;
  /** Held-out examples; without it they are drawn from the file. */
  readonly validationFile?: File | undefined;
}

export interface DataOptions {
  /** Tokens an example is cut to. */
  readonly sequenceLength: number;
  /** Chooses the validation examples where the data brings none. */
  readonly seed: number;
  /** How the file is read; left out: as it was, or for a new file as it seems right. */
  readonly settings?: DataSettings | undefined;
}

/** One token of the preview; dimmed when it does not count in the loss. */
export interface PreviewToken {
  readonly text: string;
  readonly counts: boolean;
}

/** What the first rows of a file show, before it is read as a whole. */
export interface DataSketchInfo {
  readonly format: DataFormat;
  /** Empty for one long text, as is the mapping. */
  readonly columns: readonly string[];
  /** In use; the settings' own is null where it was guessed. */
  readonly mapping: DataMapping | null;
  /** Of CSV and TSV files. */
  readonly hasHeader?: boolean | undefined;
  /** Of conversations: the template they are written with. */
  readonly chatTemplate: ChatTemplateOrigin | null;
  readonly preview: readonly (readonly PreviewToken[])[];
}

/** What is told while data is being read. */
export type DataUpdate =
  | { readonly type: "sketch"; readonly sketch: DataSketchInfo }
  /** Read part, 0 to 1. */
  | { readonly type: "progress"; readonly fraction: number };

export interface DataInfo extends DataSketchInfo {
  readonly name: string;
  readonly validationName?: string | undefined;
  readonly exampleCount: number;
  readonly validationCount: number;
  readonly truncatedCount: number;
  readonly droppedCount: number;
  readonly longestTokens: number;
  /** Mean counted tokens of an example. */
  readonly targetTokensPerExample: number;
  /** Part of all tokens that counts, 0 to 1; the rest is only read. */
  readonly learnedShare: number;
  /** Before the cut; null for one long text. */
  readonly lengths: LengthHistogram | null;
  readonly rowCount: number;
  /** Left out: nothing to learn in them. */
  readonly emptyCount: number;
  /** The same as one before; kept. */
  readonly duplicateCount: number;
  /** Skipped on purpose. */
  readonly badRowCount: number;
  /** The first of them. */
  readonly badRows: readonly BadRow[];
  /** A prompt of the validation split, to try in Compare; empty for text data. */
  readonly samplePrompt: string;
}

/** What a run would take, known before anything is allocated. */
export interface RunEstimate {
  readonly trainableParameters: number;
  readonly trainablePercent: number;
  /** Adapted modules, e.g. 10. */
  readonly adaptedModules: number;
  readonly tokensPerStep: number;
  /** Sequences that the training examples fill: one each, or fewer once packed. */
  readonly sequences?: number;
  readonly memoryBytes: {
    readonly weights: number;
    /** With the batches themselves. */
    readonly activations: number;
    readonly trained: number;
    readonly gradients: number;
    /** AdamW's two moments. */
    readonly optimizer: number;
  };
  /** What one kernel binds at once, and what the adapter lets it. */
  readonly largestBuffer: { readonly bytes: number; readonly label: string; readonly mostBytes?: number };
  /** Changes that make the run smaller, with the bytes each saves. */
  readonly remedies: readonly MemoryRemedy[];
  readonly problems: readonly StudioProblem[];
}

export type MemoryRemedy =
  | { readonly kind: "gradientCheckpointing"; readonly savedBytes: number }
  | {
      readonly kind: "sequenceLength";
      readonly sequenceLength: number;
      readonly savedBytes: number;
      /** Training examples that lose tokens, of how many; absent where one long text is cut into pieces anyway. */
      readonly cuts?: { readonly count: number; readonly of: number };
    };

export type RunStatus = "running" | "paused" | "done" | "stopped" | "failed" | "interrupted";

/** A run as it is kept in the browser. */
export interface RunRecord {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly status: RunStatus;
  readonly modelName: string;
  readonly dataName: string;
  readonly config: TrainConfig;
  /** How the base was kept while it trained; absent: as in its file. */
  readonly quantisation?: QuantisedDtype;
  readonly trainableParameters: number;
  readonly step: number;
  readonly lastLoss: number | null;
  readonly lastValidationLoss: number | null;
  readonly reason?: string;
  /** Whether a checkpoint is kept, so that the run can be resumed or its adapter loaded. */
  readonly hasCheckpoint: boolean;
}

export interface RunHistory {
  readonly steps: readonly StepEvent[];
  readonly evaluations: readonly EvaluationEvent[];
  readonly deltas: readonly DeltaEvent[];
}

/** Batched per frame by the worker. */
export type RunUpdate =
  | StepEvent
  | EvaluationEvent
  | DeltaEvent
  | ProfileEvent
  | EndEvent
  | { readonly type: "saved"; readonly step: number }
  /** The run went back to this step (a lost GPU): what came after it did not happen. */
  | { readonly type: "rewound"; readonly step: number }
  /** The engine could not go on; the run can be resumed from its last autosave. */
  | { readonly type: "interrupted"; readonly step: number; readonly reason: string }
  | { readonly type: "warning"; readonly message: string };

export interface GenerateRequest {
  readonly prompt: string;
  /** Which weights answer: the base alone, or with the current adapter. */
  readonly use: "base" | "adapter";
  readonly maxNewTokens: number;
  /** 0 is greedy. */
  readonly temperature: number;
  /** 0 keeps all tokens. */
  readonly topK: number;
  /** 1 keeps all tokens. */
  readonly topP: number;
  readonly seed: number;
}

export interface GenerateResult {
  readonly text: string;
  readonly tokenCount: number;
  readonly tokensPerSecond: number;
  readonly stopped: "endOfText" | "length" | "cancelled";
}

/** The tuned weights that Compare and Export use: an adapter, or what another method trained. */
export interface CurrentAdapter {
  readonly name: string;
  readonly origin: "run" | "import";
  readonly method: TrainConfig["method"];
  /** 0 for methods without an adapter, like alpha; target modules are empty then. */
  readonly rank: number;
  readonly loraAlpha: number;
  readonly targetModules: readonly string[];
  readonly trainableParameters: number;
}

/** Calls of the worker. None rejects for a mistake of the person: those come as `Result` problems. */
export interface StudioWorker {
  /** Opens the GPU; a problem says what to do when there is none. */
  start(onGpuChange: (change: GpuChange) => void): Promise<Result<GpuInfo>>;
  sampleDatasets(): Promise<Result<readonly SampleDataset[]>>;
  loadModel(source: ModelSource, onProgress: (fraction: number) => void): Promise<Result<ModelInfo>>;
  /** Keeps the linear weights of this model and of later ones in fewer bits on the GPU; null as in their files. */
  setBaseWeights(
    quantisation: QuantisedDtype | null,
    onProgress: (fraction: number) => void,
  ): Promise<Result<void>>;
  /** Reads and tokenizes; keeps the examples for the next run. Needs a model. A later call gives up an earlier one. */
  loadData(
    source: DataSource,
    options: DataOptions,
    onUpdate?: (update: DataUpdate) => void,
  ): Promise<Result<DataInfo>>;
  /**
   * The loaded data anew: cut again when the sequence length, seed or held-out part changed, read again when how it is
   * read did.
   */
  retokenize(options: DataOptions, onUpdate?: (update: DataUpdate) => void): Promise<Result<DataInfo>>;
  /** Gives up reading; what was loaded before stays. */
  cancelData(): Promise<void>;
  /** Works without a GPU. Needs a model and data; problems name the fields. */
  estimate(config: TrainConfigInput): Promise<RunEstimate>;

  /** Starts a run; resolves when it has started. Its updates come batched through `onUpdates`. */
  train(
    config: TrainConfigInput,
    onUpdates: (updates: readonly RunUpdate[]) => void,
  ): Promise<Result<RunRecord>>;
  /** Goes on from a kept checkpoint, to the same bytes as if it had never stopped. */
  resumeRun(id: string, onUpdates: (updates: readonly RunUpdate[]) => void): Promise<Result<RunRecord>>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
  /** Times the next step kernel by kernel; the run's updates bring the profile. */
  profileStep(): Promise<void>;

  generate(request: GenerateRequest, onText: (piece: string) => void): Promise<Result<GenerateResult>>;
  cancelGenerate(): Promise<void>;

  currentAdapter(): Promise<CurrentAdapter | null>;
  /**
   * A zip with adapter_model.safetensors, adapter_config.json, README.md and run.json; for methods that change the
   * model itself, with the files of the whole model instead of the adapter's.
   */
  /** A zip of the tuned weights. @param target the file that it is written into; where it is left out it is returned */
  exportAdapter(target?: FileSystemFileHandle): Promise<Result<ExportedZip>>;
  /** A zip, or adapter_config.json and adapter_model.safetensors. Refused when it does not fit the model. */
  importAdapter(files: readonly File[]): Promise<Result<CurrentAdapter>>;

  /** Serves the analysis' worker at the other end of the port; see analysisMessages.ts. */
  connectAnalysis(port: MessagePort): Promise<void>;

  listRuns(): Promise<readonly RunRecord[]>;
  runHistory(id: string): Promise<RunHistory>;
  /** The model that a kept run was started with; null where it is the one in use, or nothing of it is known. */
  runModel(id: string): Promise<ModelOrigin | null>;
  renameRun(id: string, name: string): Promise<void>;
  /** Refused while the run is going on. */
  deleteRun(id: string): Promise<Result<null>>;
  /** Makes a kept run's adapter the current one. */
  useRun(id: string): Promise<Result<CurrentAdapter>>;
}
