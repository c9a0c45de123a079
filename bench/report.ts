// What a benchmark run finds, as plain data: it crosses from the worker to the page, becomes the table, and is the
// JSON file.

/** Times of one contestant in one case. */
export interface Timing {
  readonly medianMs: number;
  /** First and third quartile. */
  readonly lowMs: number;
  readonly highMs: number;
  /** Samples taken; each is the mean of `runsPerSample` runs in a row. */
  readonly samples: number;
  readonly runsPerSample: number;
}

export interface ContestantResult {
  /** "LoRA Studio", "jax-js", … */
  readonly contestant: string;
  readonly timing?: Timing;
  /** Largest relative difference from the reference, over all compared results. */
  readonly difference?: number;
  /** Its median over that of the case's first contestant: how many times faster the first one is. */
  readonly ratio?: number;
  /** Why there is no timing: it cannot do this, or its results were off. */
  readonly skipped?: string;
}

/** Contestants timed side by side on the same inputs. */
export interface CaseResult {
  readonly id: string;
  readonly title: string;
  /** Arithmetic of one run; absent where it says nothing. */
  readonly flops?: number;
  /** Tokens that one run takes in or gives out. */
  readonly tokens?: number;
  /** Results may differ by this much (max|a − b| / max|b|) before they are timed. */
  readonly tolerance?: number;
  readonly contestants: readonly ContestantResult[];
}

/** One figure about this engine alone. */
export interface Fact {
  readonly id: string;
  readonly title: string;
  readonly value: number;
  readonly unit: string;
  /** What it is held against: "at most 2", "at least 0.3"; absent for plain information. */
  readonly bar?: string;
  readonly holds?: boolean;
  readonly detail?: string;
}

export interface Machine {
  readonly adapter: string;
  /** The adapter's driver as WebGPU names it. */
  readonly driver: string;
  readonly isSoftware: boolean;
  /** The browser, or Node with Dawn. */
  readonly runtime: string;
  readonly cores: number;
}

export interface BenchReport {
  readonly format: "lora-studio-bench";
  /** ISO time of the start. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly machine: Machine;
  /** Version of each package that took part. */
  readonly packages: Readonly<Record<string, string>>;
  readonly cases: readonly CaseResult[];
  readonly facts: readonly Fact[];
}

/** What a running benchmark tells. */
export type BenchEvent =
  | { readonly type: "progress"; readonly text: string; readonly fraction: number }
  | { readonly type: "case"; readonly result: CaseResult }
  | { readonly type: "facts"; readonly facts: readonly Fact[] }
  | { readonly type: "report"; readonly report: BenchReport };
