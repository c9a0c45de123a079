// What an experiment tells the outside while it goes on. Plain data, so that it crosses to the page as it is.
import type { CellResult, TaskResult } from "./results";

/** "queued" waits for its race; "scoring": trained, its completions are being scored. */
export type CellStatus =
  | "queued"
  | "running"
  | "paused"
  | "scoring"
  | "done"
  | "stopped"
  | "skipped"
  | "failed";

/** The base model under the same measures, before any training. */
export interface BaseResult {
  readonly validationLoss: number | null;
  readonly task: TaskResult | null;
}

/** One point of the cells that are trained together; `losses` in the order of `ids`. */
export interface PointsEvent {
  readonly type: "steps" | "validation";
  /** Updates done. */
  readonly step: number;
  readonly ids: readonly string[];
  /** Nats per token. */
  readonly losses: readonly number[];
  /** Since the cells started; pauses left out. */
  readonly timeMs: number;
  /** Training tokens that each of the cells has seen, without padding. */
  readonly tokens: number;
}

export type ExperimentEvent =
  | PointsEvent
  | {
      readonly type: "cell";
      readonly id: string;
      readonly status: CellStatus;
      readonly reason?: string;
    }
  | { readonly type: "base"; readonly base: BaseResult }
  | { readonly type: "result"; readonly result: CellResult }
  /** A race did not fit after all and was split. */
  | { readonly type: "warning"; readonly message: string };
