// The paper's figure at a glance: what was measured against the rank, or against the trained values, one line for each
// target set, whiskers for the standard deviation over seeds.
import type { Measure, SettingResult } from "../../../studio/stores/labView";
import { axisTicks } from "../../charts/ticks";
import { formatLargeCount, formatSmall } from "../../format";
import { type Frame, frameOf } from "../plot/frame";
import { curveColour, curveDash, type Scheme, surroundings } from "../plot/palette";
import type { Mark } from "../plot/scene";
import { formatMeasure } from "./formatMeasure";

export type MetricAxis = "rank" | "parameters";

interface MetricPoint {
  readonly x: number;
  readonly mean: number;
  readonly std: number;
  readonly label: string;
}

/** One row of the results table as a line. */
export interface MetricLine {
  readonly name: string;
  readonly colour: string;
  readonly dash: readonly number[];
  /** Ascending in x. */
  readonly points: readonly MetricPoint[];
  /** Full fine-tuning has no rank: where ranks are counted, it is a level across. */
  readonly isLevel: boolean;
}

export interface MetricScene extends Frame {
  readonly marks: readonly Mark[];
  /** Where the points are, to be pointed at. */
  readonly spots: readonly { readonly x: number; readonly y: number; readonly text: string }[];
}

/** Lines of the rows, in their order; a row without measurements has none. */
export function metricLines(
  settings: readonly SettingResult[],
  axis: MetricAxis,
  measure: Measure,
  scheme: Scheme,
): MetricLine[] {
  const rows = [...new Set(settings.map(({ row }) => row))];
  return rows.flatMap((name, index) => {
    const own = settings.filter(({ row }) => row === name);
    const points = own.flatMap(({ rank, summary, trainableParameters, settingLabel }) => {
      const x = axis === "rank" ? (rank ?? 0) : trainableParameters;
      if (!summary || x === null) return [];
      const { mean, std } = summary;
      const spread = std === null ? "" : ` ± ${formatMeasure(std, measure)}`;
      return [{ x, mean, std: std ?? 0, label: `${settingLabel}: ${formatMeasure(mean, measure)}${spread}` }];
    });
    if (points.length === 0) return [];
    return {
      name,
      colour: curveColour(index, 0.7, scheme),
      dash: curveDash(index),
      points: points.sort((a, b) => a.x - b.x),
      isLevel: axis === "rank" && own.every(({ rank }) => rank === null),
    };
  });
}

export interface MetricLook {
  readonly width: number;
  readonly height: number;
  /** Kept free above the lines. */
  readonly top?: number;
  readonly axis: MetricAxis;
  readonly measure: Measure;
  readonly yName: string;
  readonly scheme: Scheme;
}

export function metricScene(lines: readonly MetricLine[], look: MetricLook): MetricScene {
  const { axis, measure, scheme } = look;
  const along = lines.filter(({ isLevel }) => !isLevel).flatMap(({ points }) => points.map(({ x }) => x));
  const isShare = measure === "exact" || measure === "fraction";
  const ticks = isShare ? [0, 0.2, 0.4, 0.6, 0.8, 1] : axisTicks(...verticalRange(lines), false);
  const [first, last] = along.length > 0 ? [Math.min(...along), Math.max(...along)] : [1, 64];
  // A little air, so that no point lies on the axis.
  const air = first === last ? 2 : (last / first) ** 0.06;
  const frame = frameOf(
    look,
    {
      name: axis === "rank" ? "rank r (log₂)" : "trainable parameters (log)",
      domain: [first / air, last * air],
      isLog: true,
      ticks: [...new Set(along)].sort((a, b) => a - b).map((value) => ({ value, text: nameOf(value, axis) })),
    },
    {
      name: look.yName,
      domain: [ticks[0]!, ticks.at(-1)!],
      isLog: false,
      ticks: ticks.map((value) => ({
        value,
        text: isShare ? `${Math.round(100 * value)} %` : formatSmall(value),
      })),
    },
    scheme,
  );
  const marks = [...frame.marks];
  const spots: { x: number; y: number; text: string }[] = [];
  for (const line of lines) {
    if (line.isLevel) marks.push(...levelMarks(line, frame, scheme));
    else {
      const places = line.points.map(({ x, mean, std, label }) => {
        const at = { x: frame.x.pixel(x), y: frame.y.pixel(mean), text: label };
        marks.push(...whiskers(at.x, frame.y.pixel(mean - std), frame.y.pixel(mean + std), line.colour));
        return at;
      });
      const points = Float64Array.from(places.flatMap(({ x, y }) => [x, y]));
      marks.push({ kind: "line", points, colour: line.colour, width: 2, dash: line.dash, opacity: 1 });
      for (const { x, y } of places)
        marks.push({ kind: "dot", x, y, radius: 4, colour: line.colour, opacity: 1 });
      spots.push(...places);
    }
  }
  return { ...frame, marks, spots };
}

function verticalRange(lines: readonly MetricLine[]): [low: number, high: number] {
  const edges = lines.flatMap(({ points }) => points.flatMap(({ mean, std }) => [mean - std, mean + std]));
  return edges.length === 0 ? [1, 4] : [Math.min(...edges), Math.max(...edges)];
}

function nameOf(value: number, axis: MetricAxis): string {
  return axis === "rank" ? String(value) : formatLargeCount(value);
}

function levelMarks({ name, points, colour, dash }: MetricLine, frame: Frame, scheme: Scheme): Mark[] {
  const y = frame.y.pixel(points[0]!.mean);
  const { left, right } = frame.area;
  const across = Float64Array.of(left, y, right, y);
  return [
    { kind: "line", points: across, colour, width: 1.5, dash, opacity: 1 },
    {
      ...{ kind: "text", x: right - 4, y: y - 9, anchor: "end", size: 11 },
      ...{ text: `full fine-tuning · ${name}`, colour: surroundings[scheme].dimmed },
    },
  ];
}

/** A bar from one end of the spread to the other, closed at both. Nothing where there is no spread. */
function whiskers(x: number, from: number, to: number, colour: string): Mark[] {
  if (Math.abs(from - to) < 0.5) return [];
  const line = (points: Float64Array): Mark => ({
    kind: "line",
    points,
    colour,
    width: 1.25,
    dash: [],
    opacity: 0.8,
  });
  const half = 4;
  return [
    line(Float64Array.of(x, from, x, to)),
    line(Float64Array.of(x - half, from, x + half, from)),
    line(Float64Array.of(x - half, to, x + half, to)),
  ];
}
