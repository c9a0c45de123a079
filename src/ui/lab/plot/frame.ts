// What surrounds the curves of a chart: grid, axes, their numbers and names; and the scales the curves are drawn on.
import { type Scheme, surroundings } from "./palette";
import { type Scale, scaleOf } from "./scale";
import type { Mark } from "./scene";

interface Tick {
  readonly value: number;
  readonly text: string;
}

interface Axis {
  readonly name: string;
  readonly domain: readonly [low: number, high: number];
  readonly isLog: boolean;
  /** Within the domain, ascending. */
  readonly ticks: readonly Tick[];
}

/** Where the curves are, in pixels. */
export interface PlotArea {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Frame {
  readonly area: PlotArea;
  readonly x: Scale;
  readonly y: Scale;
  readonly marks: readonly Mark[];
}

const fontSize = 11;

/**
 * @param size of the whole chart, in pixels
 * @param top kept free above the curves, for instance for a title
 */
export function frameOf(
  size: { readonly width: number; readonly height: number; readonly top?: number },
  xAxis: Axis,
  yAxis: Axis,
  scheme: Scheme,
): Frame {
  const area: PlotArea = {
    left: 56,
    right: Math.max(80, size.width - 16),
    top: (size.top ?? 0) + 10,
    bottom: Math.max(60, size.height - 40),
  };
  const x = scaleOf(xAxis.domain, [area.left, area.right], xAxis.isLog);
  const y = scaleOf(yAxis.domain, [area.bottom, area.top], yAxis.isLog);
  const { dimmed, line, strong } = surroundings[scheme];
  const marks: Mark[] = [];
  for (const { value, text } of yAxis.ticks) {
    marks.push(rule(area.left, y.pixel(value), area.right, y.pixel(value), line));
    marks.push(label(area.left - 7, y.pixel(value), text, "end", dimmed));
  }
  for (const { value, text } of apart(xAxis.ticks, x)) {
    marks.push(rule(x.pixel(value), area.bottom, x.pixel(value), area.bottom + 4, strong));
    marks.push(label(x.pixel(value), area.bottom + 14, text, "middle", dimmed));
  }
  marks.push(rule(area.left, area.bottom, area.right, area.bottom, strong));
  marks.push(label((area.left + area.right) / 2, area.bottom + 31, xAxis.name, "middle", dimmed));
  const middle = (area.top + area.bottom) / 2;
  marks.push({ ...label(9, middle, yAxis.name, "middle", dimmed), isUpright: true });
  return { area, x, y, marks };
}

/** Those ticks whose texts leave room for each other, from the left. */
function apart(ticks: readonly Tick[], x: Scale): readonly Tick[] {
  let free = Number.NEGATIVE_INFINITY;
  return ticks.filter(({ value, text }) => {
    const half = (text.length * fontSize * 0.6) / 2;
    if (x.pixel(value) - half < free) return false;
    free = x.pixel(value) + half + 6;
    return true;
  });
}

function rule(x1: number, y1: number, x2: number, y2: number, colour: string): Mark {
  // Half a pixel off, a line one pixel wide covers one row of pixels instead of half of two.
  const points = Float64Array.of(x1, y1, x2, y2).map((value) => Math.round(value) + 0.5);
  return { kind: "line", points, colour, width: 1, dash: [], opacity: 1 };
}

function label(x: number, y: number, text: string, anchor: "start" | "middle" | "end", colour: string) {
  return { kind: "text", x, y, text, anchor, colour, size: fontSize } as const;
}
