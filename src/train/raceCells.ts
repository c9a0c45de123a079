// Which configurations may train together, and what is written about each cell so that a race can go on.
import type { PeftAdapter } from "../formats/peft";
import { readCheckpoint } from "./checkpoint";
import type { TrainConfig } from "./config";
import type { EndEvent, StepEvent } from "./events";
import { dataSeedOf, type TrainedState } from "./session";

/** One of the runs of a race. */
export interface RaceCell {
  readonly config: TrainConfig;
  /** Start from this adapter instead of a fresh one. */
  readonly initialAdapter?: PeftAdapter | undefined;
}

/** One cell's share of a race's checkpoint. Plain data. */
export interface CellCheckpoint {
  /** The cell's state as a run by itself would write it (see checkpoint.ts), so that it can also go on alone. Null
   *  for a cell that failed before any state was kept. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  /** How the cell ended, if it has. */
  readonly end?: EndEvent | undefined;
  /** For early stopping: the lowest validation loss so far, and the evaluations since. */
  readonly bestLoss?: number | undefined;
  readonly evaluationsSinceBest?: number | undefined;
  /** The state with that loss, in the form of `bytes`. A cell that has ended has it in `bytes`. */
  readonly best?: Uint8Array<ArrayBuffer> | undefined;
}

/** What every cell of a race has in common: all but adapter, learning rate and seed of the first values. */
function sharedConfig(config: TrainConfig): Record<string, unknown> {
  const { adapter, learningRate: _rate, seed: _seed, dataSeed: _dataSeed, ...shared } = config;
  // File order asks for no seed.
  const dataSeed = config.shuffle ? dataSeedOf(config) : null;
  return { ...shared, dataSeed, loraDropout: adapter.loraDropout };
}

/** Equal for configurations that may race each other: a grid falls into races by this key. */
export const raceKey = (config: TrainConfig): string => JSON.stringify(sharedConfig(config));

/** @throws naming the first setting in which the cells differ and may not, or a method that cannot race */
export function checkCells(cells: readonly RaceCell[]): void {
  const [first, ...others] = cells;
  if (!first) throw new Error("race: expected at least one cell, got none");
  const shared = sharedConfig(first.config);
  others.forEach(({ config }, i) => {
    if (config.method !== "lora")
      throw new Error(`race: expected method lora in every cell, got ${config.method}`);
    for (const [name, value] of Object.entries(sharedConfig(config))) {
      if (JSON.stringify(value) === JSON.stringify(shared[name])) continue;
      const remedy = name === "dataSeed" ? "; give every cell the same data seed" : "";
      throw new Error(
        `${name}: expected ${JSON.stringify(shared[name])} in cell ${i + 1} as in cell 0, ` +
          `since they race, got ${JSON.stringify(value)}${remedy}`,
      );
    }
  });
}

export interface RestoredCell {
  readonly step: number;
  readonly state: TrainedState;
}

/**
 * A checkpoint's step and values.
 * @param data fingerprint of the examples
 * @throws when it is of another configuration or other data, naming what differs; FormatError when damaged
 */
export function restoreCell(bytes: Uint8Array, config: TrainConfig, data: string): RestoredCell {
  const checkpoint = readCheckpoint(bytes);
  for (const name of Object.keys(config) as (keyof TrainConfig)[]) {
    const now = JSON.stringify(config[name]);
    const then = JSON.stringify(checkpoint.config[name]);
    if (now !== then) throw new Error(`${name}: expected ${then} as in the checkpoint, got ${now}`);
  }
  if (data !== checkpoint.data) {
    throw new Error(
      `training data: expected the examples of the checkpoint (${checkpoint.data}), got ${data}`,
    );
  }
  return { step: checkpoint.step, state: checkpoint.state };
}

type FailingStep = Pick<StepEvent, "step" | "loss" | "gradNorm" | "learningRate">;

/**
 * Why a step is the end of its cell, if it is: a loss that is no number, or one that nothing trained has a part in any
 * more. The latter is what values leave behind whose squares overflow in a norm: logits all alike, and no gradient.
 */
export function failureOf({ step, loss, gradNorm, learningRate }: FailingStep): string | undefined {
  const remedy = `(learning rate ${learningRate}); lower the learning rate or clip more`;
  if (!Number.isFinite(loss) || !Number.isFinite(gradNorm))
    return `step ${step}: expected a finite loss, got ${loss} with gradient norm ${gradNorm} ${remedy}`;
  if (gradNorm > 0 || loss === 0) return undefined;
  return `step ${step}: expected a gradient, got none at a loss of ${loss.toFixed(4)} ${remedy}`;
}

/** Whether a state may be kept. */
export const areFinite = (parameters: ReadonlyMap<string, Float32Array>): boolean =>
  [...parameters.values()].every((values) => values.every(Number.isFinite));

/** Where one cell of a race stands. */
export class CellProgress {
  /** How the cell ended; undefined while it trains. */
  end: EndEvent | undefined;
  /** The last state that a later loss showed to be good. */
  #lastGood: Uint8Array<ArrayBuffer> | null = null;
  #bestLoss = Number.POSITIVE_INFINITY;
  #evaluationsSinceBest = 0;
  /** With patience: the state with the lowest validation loss, to which the cell goes back when it ends. */
  best: Uint8Array<ArrayBuffer> | undefined;

  get hasFailed(): boolean {
    return this.end?.outcome === "failed";
  }

  /** What is left of a cell that failed. */
  get lastGood(): Uint8Array<ArrayBuffer> | null {
    return this.#lastGood;
  }

  /** Whether the last validation loss was the lowest so far. */
  get isAtBest(): boolean {
    return Number.isFinite(this.#bestLoss) && this.#evaluationsSinceBest === 0;
  }

  /**
   * Takes note of a validation loss.
   * @returns why the cell should end, once its loss has not fallen for `patience` evaluations; 0 means never
   */
  noteEvaluation(loss: number, patience: number): string | undefined {
    const isBest = loss < this.#bestLoss;
    this.#evaluationsSinceBest = isBest ? 0 : this.#evaluationsSinceBest + 1;
    if (isBest) this.#bestLoss = loss;
    if (patience === 0 || this.#evaluationsSinceBest < patience) return undefined;
    return `validation loss: no lower than ${this.#bestLoss.toFixed(4)} in ${patience} evaluations; stopped early`;
  }

  /** @param bytes the cell's present state, of which a failed cell keeps the last good one instead */
  checkpoint(bytes: Uint8Array<ArrayBuffer>): CellCheckpoint {
    const { end } = this;
    const best = { bestLoss: this.#bestLoss, evaluationsSinceBest: this.#evaluationsSinceBest };
    const kept = this.hasFailed ? this.#lastGood : bytes;
    return {
      ...{ bytes: kept, end },
      ...(Number.isFinite(this.#bestLoss) && best),
      ...(this.best && !end && { best: this.best }),
    };
  }

  /** A checkpoint whose state has proved good, unless the cell has failed since: then with its last good state. */
  settle(checkpoint: CellCheckpoint): CellCheckpoint {
    if (!this.hasFailed) this.#lastGood = checkpoint.bytes;
    return this.hasFailed ? { ...checkpoint, bytes: this.#lastGood, end: this.end } : checkpoint;
  }

  restore({ bytes, end, bestLoss, evaluationsSinceBest, best }: CellCheckpoint): void {
    this.end = end;
    this.#lastGood = bytes;
    this.#bestLoss = bestLoss ?? Number.POSITIVE_INFINITY;
    this.#evaluationsSinceBest = evaluationsSinceBest ?? 0;
    this.best = best;
  }
}
