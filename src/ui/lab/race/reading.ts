// What the curves say at one place of the horizontal axis, best first.
import { formatLoss } from "../../format";
import { formatPlace, type RaceAxis, type RaceCurve } from "./raceScene";
import { nearestPlace } from "./series";

export interface ReadValue {
  readonly curve: RaceCurve;
  readonly value: number;
  readonly deviation?: number;
}

export interface Reading {
  /** The place read: the nearest at which the longest curve was measured. */
  readonly x: number;
  readonly longest: RaceCurve;
  /** Index of `x` in the longest curve. */
  readonly place: number;
  /** Smallest value first. Curves that do not reach that far are left out. */
  readonly values: readonly ReadValue[];
}

/** @returns undefined where nothing was measured */
export function readingAt(
  curves: readonly RaceCurve[],
  at: number,
  [first, last]: readonly [first: number, last: number],
): Reading | undefined {
  let longest: RaceCurve | undefined;
  for (const curve of curves) if (!longest || curve.x.length > longest.x.length) longest = curve;
  const place = longest && nearestPlace(longest.x, Math.min(last, Math.max(first, at)));
  if (!longest || place === undefined) return undefined;
  const x = longest.x[place]!;
  // Half of a place's width apart is the same place: curves over time are not measured at the same moments.
  const width =
    longest.x.length > 1 ? (longest.x[longest.x.length - 1]! - longest.x[0]!) / (longest.x.length - 1) : 0;
  const values = curves.flatMap((curve) => {
    const own = nearestPlace(curve.x, x);
    if (own === undefined || Math.abs(curve.x[own]! - x) > width * 0.75 + 1e-9) return [];
    const value = curve.y[own]!;
    return Number.isFinite(value) ? [{ curve, value, deviation: curve.deviation?.[own] }] : [];
  });
  return { x, longest, place, values: values.sort((left, right) => left.value - right.value) };
}

export function formatRead({ value, deviation }: ReadValue): string {
  return deviation === undefined ? formatLoss(value) : `${formatLoss(value)} ± ${formatLoss(deviation)}`;
}

/** The reading in words, for those who hear it. */
export function readingText({ x, values }: Reading, axis: RaceAxis): string {
  const read = values.map((one) => `${one.curve.name} ${formatRead(one)}`);
  return `${axis} ${formatPlace(axis, x)}: ${read.join("; ")}`;
}
