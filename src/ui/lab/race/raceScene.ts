// The rank race as marks: frame, bands over seeds, one line per curve, a dot where each has got to.

import { axisTicks, linearTicks } from "../../charts/ticks";
import { formatCount, formatDuration, formatLargeCount, formatSmall } from "../../format";
import { type Frame, frameOf } from "../plot/frame";
import type { Scheme } from "../plot/palette";
import type { Mark } from "../plot/scene";
import { placesToDraw, type Series } from "./series";

/** A curve of the race: one cell, or the mean over the seeds of cells that share everything else. */
export interface RaceCurve extends Series {
  readonly id: string;
  readonly name: string;
  readonly colour: string;
  readonly dash: readonly number[];
  /** Standard deviation over seeds at each place, for a mean. */
  readonly deviation?: ArrayLike<number>;
}

/** What the horizontal axis counts. */
export type RaceAxis = "step" | "tokens" | "time";

export interface RaceLook {
  readonly width: number;
  readonly height: number;
  /** Kept free above the curves. */
  readonly top?: number;
  readonly scheme: Scheme;
  readonly axis: RaceAxis;
  readonly isLog: boolean;
  /** Part of the horizontal axis on show. */
  readonly range: readonly [first: number, last: number];
  readonly yName: string;
}

export interface RaceScene extends Frame {
  /** The curves over the frame's own marks. */
  readonly marks: readonly Mark[];
  /** Whether there is anything to draw. */
  readonly isEmpty: boolean;
}

export const axisNames = {
  step: "step",
  tokens: "tokens seen",
  time: "time (minutes : seconds)",
} as const satisfies Record<RaceAxis, string>;

/** A place on the horizontal axis, as text. */
export function formatPlace(axis: RaceAxis, value: number): string {
  if (axis === "time") return formatDuration(value);
  return axis === "tokens" ? formatLargeCount(value) : formatCount(value);
}

/** Draws what is in range; a curve costs no more points than the chart has pixels across. */
export function raceScene(curves: readonly RaceCurve[], look: RaceLook): RaceScene {
  const [first, last] = look.range;
  const buckets = Math.max(50, Math.round((look.width - 72) / 3));
  const drawn = curves.map((curve) => ({ curve, places: placesToDraw(curve, first, last, buckets) }));
  const [low, high] = verticalRange(drawn, look.isLog);
  const ticks = axisTicks(low, high, look.isLog);
  const frame = frameOf(
    look,
    {
      name: axisNames[look.axis],
      domain: [first, Math.max(last, first + 1)],
      isLog: false,
      ticks: horizontalTicks(look),
    },
    {
      name: look.yName,
      domain: [ticks[0]!, ticks.at(-1)!],
      isLog: look.isLog,
      ticks: ticks.map((value) => ({ value, text: formatSmall(value) })),
    },
    look.scheme,
  );
  const marks = [...frame.marks];
  for (const { curve, places } of drawn) if (curve.deviation) marks.push(bandMark(curve, places, frame));
  for (const { curve, places } of drawn) marks.push(...lineMarks(curve, places, frame, look.isLog));
  return { ...frame, marks, isEmpty: drawn.every(({ places }) => places.length === 0) };
}

type Drawn = { readonly curve: RaceCurve; readonly places: readonly number[] };

function verticalRange(drawn: readonly Drawn[], isLog: boolean): [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { curve, places } of drawn) {
    for (const place of places) {
      const value = curve.y[place]!;
      // 0 has no place on a log axis.
      if (isLog && value <= 0) continue;
      const deviation = curve.deviation?.[place] ?? 0;
      low = Math.min(low, isLog && value - deviation <= 0 ? value : value - deviation);
      high = Math.max(high, value + deviation);
    }
  }
  return low > high ? [1, 4] : [low, high];
}

function horizontalTicks({ axis, range: [first, last], width }: RaceLook) {
  const count = Math.max(2, Math.min(8, Math.floor(width / 90)));
  const unit = axis === "time" ? 1000 : 1;
  return linearTicks(first / unit, Math.max(last, first + 1) / unit, count)
    .map((tick) => tick * unit)
    .filter((value) => value >= first && value <= last && (axis === "time" || Number.isInteger(value)))
    .map((value) => ({ value, text: formatPlace(axis, value) }));
}

function lineMarks(curve: RaceCurve, places: readonly number[], frame: Frame, isLog: boolean): Mark[] {
  const shown = isLog ? places.filter((place) => curve.y[place]! > 0) : places;
  if (shown.length === 0) return [];
  const points = new Float64Array(2 * shown.length);
  shown.forEach((place, index) => {
    points[2 * index] = frame.x.pixel(curve.x[place]!);
    points[2 * index + 1] = frame.y.pixel(curve.y[place]!);
  });
  const { colour, dash } = curve;
  const [x, y] = points.slice(-2);
  return [
    { kind: "line", points, colour, width: 1.75, dash, opacity: 1 },
    { kind: "dot", x: x!, y: y!, radius: 2.5, colour, opacity: 1 },
  ];
}

/** The area from mean − deviation to mean + deviation, there along the upper edge and back along the lower one. */
function bandMark(curve: RaceCurve, places: readonly number[], frame: Frame): Mark {
  const points = new Float64Array(4 * places.length);
  const lowest = frame.y.low;
  places.forEach((place, index) => {
    const x = frame.x.pixel(curve.x[place]!);
    const mean = curve.y[place]!;
    const deviation = curve.deviation![place]!;
    const back = points.length - 2 - 2 * index;
    points[2 * index] = x;
    points[2 * index + 1] = frame.y.pixel(Math.max(lowest, mean + deviation));
    points[back] = x;
    points[back + 1] = frame.y.pixel(Math.max(lowest, mean - deviation));
  });
  return { kind: "area", points, colour: curve.colour, opacity: 0.16 };
}
