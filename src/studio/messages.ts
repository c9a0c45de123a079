// The contract between the page and the worker that owns the engine. The page side imports types from here and
// never the engine. Comlink carries the calls; every value is structured-cloneable, callbacks are proxied.
import type { ModuleSize } from "../lab/presets";
import type { TrainConfig, TrainConfigInput } from "../train/config";
import type { DeltaEvent, EndEvent, EvaluationEvent, StepEvent } from "../train/events";

export type { TrainConfig, TrainConfigInput };

/** An error as it crosses to the page: what to show, and beside which field. */
export interface StudioProblem {
  readonly message: string;
  /** Name of the configuration field at fault, e.g. "rank", "targetModules", "learningRate", "trainingData". */
  readonly field?: string;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: StudioProblem };

export interface GpuInfo {
  readonly name: string;
  readonly isSoftware: boolean;
  readonly maxBindingBytes: number;
}

/** The GPU went away, or is back with the model on it. */
export type GpuChange =
  | { readonly status: "lost"; readonly message: string }
  | { readonly status: "ready"; readonly info: GpuInfo };

export interface ModelSource {
  /** "embedded": a folder under public/models; "files": files that the person chose. */
  readonly kind: "embedded" | "files";
  readonly name: string;
  /** Handles, so that the bytes are read in the worker only. */
  readonly files?: readonly File[];
}

export interface ModelInfo {
  readonly name: string;
  readonly parameterCount: number;
  readonly weightBytes: number;
  readonly dtype: string;
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
  readonly kind: "sample" | "file";
  /** Sample id, or the file's name. */
  readonly name: string;
  readonly file?: File;
}

export interface DataOptions {
  /** Tokens an example is cut to. */
  readonly sequenceLength: number;
  /** Chooses the validation examples where the data brings none. */
  readonly seed: number;
}

/** One token of the preview; dimmed when it does not count in the loss. */
export interface PreviewToken {
  readonly text: string;
  readonly counts: boolean;
}

export interface DataInfo {
  readonly name: string;
  readonly exampleCount: number;
  readonly validationCount: number;
  readonly truncatedCount: number;
  readonly droppedCount: number;
  readonly longestTokens: number;
  /** Mean counted tokens of an example. */
  readonly targetTokensPerExample: number;
  readonly preview: readonly (readonly PreviewToken[])[];
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
  readonly memoryBytes: {
    readonly weights: number;
    readonly activations: number;
    /** Trained values, gradients and both moments. */
    readonly trainableState: number;
  };
  readonly problems: readonly StudioProblem[];
}

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
  /** Parses and tokenizes; keeps the examples for the next run. Needs a model. */
  loadData(source: DataSource, options: DataOptions): Promise<Result<DataInfo>>;
  /** Tokenizes the loaded data again, after the sequence length or seed changed. */
  retokenize(options: DataOptions): Promise<Result<DataInfo>>;
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

  generate(request: GenerateRequest, onText: (piece: string) => void): Promise<Result<GenerateResult>>;
  cancelGenerate(): Promise<void>;

  currentAdapter(): Promise<CurrentAdapter | null>;
  /**
   * A zip with adapter_model.safetensors, adapter_config.json, README.md and run.json; for methods that change the
   * model itself, with the files of the whole model instead of the adapter's.
   */
  exportAdapter(): Promise<Result<{ readonly fileName: string; readonly bytes: Uint8Array<ArrayBuffer> }>>;
  /** A zip, or adapter_config.json and adapter_model.safetensors. Refused when it does not fit the model. */
  importAdapter(files: readonly File[]): Promise<Result<CurrentAdapter>>;

  listRuns(): Promise<readonly RunRecord[]>;
  runHistory(id: string): Promise<RunHistory>;
  renameRun(id: string, name: string): Promise<void>;
  /** Refused while the run is going on. */
  deleteRun(id: string): Promise<Result<null>>;
  /** Makes a kept run's adapter the current one. */
  useRun(id: string): Promise<Result<CurrentAdapter>>;
}
