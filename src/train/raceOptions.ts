// What a race is given and what it tells.
import type { Examples } from "../data/examples";
import type { Gpu } from "../gpu/device";
import type { ModelWeights, ResidentModel } from "../models/residentModel";
import type { DeltaEvent, EndEvent, EvaluationEvent, StepEvent } from "./events";
import type { ProfileEvent } from "./profile";
import type { CellCheckpoint, RaceCell } from "./raceCells";

/** A state of the whole race from which it can go on to the same bytes. */
export interface RaceCheckpointEvent {
  readonly type: "checkpoint";
  readonly step: number;
  readonly cells: readonly CellCheckpoint[];
}

/** An event of one cell, from 0, or a checkpoint or profile of all. */
export type RaceEvent =
  | ((StepEvent | EvaluationEvent | DeltaEvent | EndEvent) & { readonly cell: number })
  | RaceCheckpointEvent
  | ProfileEvent;

export interface RaceOptions {
  readonly gpu: Gpu;
  /** The base model's file tensors (full fine-tuning starts from them) and their one copy on the GPU. */
  readonly weights: ModelWeights;
  readonly model: ResidentModel;
  /** Written into the adapters' configurations. */
  readonly baseModelName: string | null;
  /** One cell, or several with equal raceKey and method lora. */
  readonly cells: readonly RaceCell[];
  readonly examples: Examples;
  readonly evaluationExamples: Examples;
  /**
   * Evaluations in a row without a new lowest validation loss that end a cell; 0, as when left out, never does. With
   * patience every cell, however it ends, goes back to its state with the lowest validation loss.
   */
  readonly patience?: number;
  /** Go on from a checkpoint of the same cells in the same order. */
  readonly checkpoint?: readonly CellCheckpoint[] | undefined;
}
