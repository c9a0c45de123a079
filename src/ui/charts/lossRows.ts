// From a run's history to the rows that the loss chart draws: smoothed, cut to the zoom, thinned.
import type { RunHistory } from "../../studio/messages";
import { decimate } from "./decimate";

/** One place on the x axis. A value is absent where nothing was measured. */
export interface LossRow {
  readonly step: number;
  readonly train?: number;
  readonly smoothed?: number;
  readonly validation?: number;
}

/**
 * Exponential moving average that starts without a bias towards zero, as Adam corrects its averages.
 * @param weight share of the past, 0 ≤ weight < 1; 0 leaves the values as they are
 */
export function smooth(values: ArrayLike<number>, weight: number): number[] {
  let average = 0;
  let mass = 0;
  const smoothed = new Array<number>(values.length);
  for (let place = 0; place < values.length; place++) {
    const value = values[place]!;
    if (Number.isFinite(value)) {
      average = weight * average + (1 - weight) * value;
      mass = weight * mass + (1 - weight);
    }
    smoothed[place] = Number.isFinite(value) ? average / mass : value;
  }
  return smoothed;
}

/** Evaluations drawn at most: each has a dot, and dots are what a chart takes longest to draw. */
export const mostEvaluations = 62;

/**
 * Rows of the steps from `first` to `last`, in order: at most 2·buckets + 2 training steps and 62 evaluations.
 * @param smoothing share of the past in the smoothed curve, 0 ≤ smoothing < 1
 */
export function lossRows(
  { steps, evaluations }: RunHistory,
  { smoothing, first, last, buckets }: { smoothing: number; first: number; last: number; buckets: number },
): LossRow[] {
  const losses = steps.map(({ loss }) => loss);
  const smoothed = smooth(losses, smoothing);
  const from = countUntil(steps, first);
  const to = countUntil(steps, last + 1);
  const rows = new Map<number, LossRow>();
  for (const place of decimate(losses, from, to, buckets)) {
    const { step } = steps[place]!;
    rows.set(step, { step, train: drawable(losses[place]!), smoothed: drawable(smoothed[place]!) });
  }
  const validation = decimate(
    evaluations.map(({ loss }) => loss),
    countUntil(evaluations, first),
    countUntil(evaluations, last + 1),
    (mostEvaluations - 2) / 2,
  );
  for (const index of validation) {
    const { step, loss } = evaluations[index]!;
    const place = countUntil(steps, step);
    const known = steps[place]?.step === step;
    rows.set(step, {
      step,
      train: known ? drawable(losses[place]!) : undefined,
      smoothed: known ? drawable(smoothed[place]!) : undefined,
      validation: drawable(loss),
    });
  }
  return [...rows.values()].sort((left, right) => left.step - right.step);
}

/** NaN would tear the chart's scale apart; a run that ends so says it in its status. */
function drawable(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** How many of the steps, which ascend, come before `step`. */
export function countUntil(steps: readonly { readonly step: number }[], step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]!.step < step) low = middle + 1;
    else high = middle;
  }
  return low;
}
