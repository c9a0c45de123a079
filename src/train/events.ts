// What a run tells the outside, in order. Plain data, so that it crosses to the page by postMessage as it is.

import type { ProfileEvent } from "./profile";

export interface StepEvent {
  readonly type: "step";
  /** Steps done, from 1. */
  readonly step: number;
  /** Mean loss over the counted tokens of the step's batch, in nats, before the update. */
  readonly loss: number;
  readonly learningRate: number;
  /** Global gradient norm before clipping. */
  readonly gradNorm: number;
  /** Counted tokens in the step's batch. */
  readonly targetTokens: number;
  /** All tokens in the step's batch, without padding. */
  readonly tokens: number;
  /** Time since the step before became known. */
  readonly stepMs: number;
}

export interface EvaluationEvent {
  readonly type: "evaluation";
  /** Steps done when it was taken; 0 is the model before training. */
  readonly step: number;
  /** Mean loss over all counted tokens of the validation examples, in nats. */
  readonly loss: number;
}

/** How far each adapter has moved its weight: ‖ΔW‖_F by module path. */
export interface DeltaEvent {
  readonly type: "delta";
  readonly step: number;
  readonly norms: Readonly<Record<string, number>>;
}

/** A state from which the run can be resumed to the same bytes (safetensors; see checkpoint.ts). */
export interface CheckpointEvent {
  readonly type: "checkpoint";
  readonly step: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface EndEvent {
  readonly type: "end";
  readonly step: number;
  /** "failed" carries the reason; what was trained up to the last good step is kept. */
  readonly outcome: "done" | "stopped" | "failed";
  readonly reason?: string;
  /** Steps of the state that is kept, where that is not the last one: the lowest validation loss, with patience. */
  readonly keptStep?: number;
}

export type TrainEvent = StepEvent | EvaluationEvent | DeltaEvent | CheckpointEvent | ProfileEvent | EndEvent;
