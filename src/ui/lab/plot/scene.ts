// A chart as plain marks in pixels: drawn on a canvas while it changes, written as SVG when it is taken away, so that
// both are the same picture. Drawing libraries offer one of the two.
import { figureFont } from "../../charts/figureFiles";

export interface LineMark {
  readonly kind: "line";
  /** x and y in turn. */
  readonly points: Float64Array;
  readonly colour: string;
  readonly width: number;
  /** Lengths drawn and left out in turn; empty for a solid line. */
  readonly dash: readonly number[];
  readonly opacity: number;
}

export interface AreaMark {
  readonly kind: "area";
  /** x and y in turn, around the area. */
  readonly points: Float64Array;
  readonly colour: string;
  readonly opacity: number;
}

export interface DotMark {
  readonly kind: "dot";
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly colour: string;
  readonly opacity: number;
}

export interface TextMark {
  readonly kind: "text";
  readonly x: number;
  /** Of the middle of its letters. */
  readonly y: number;
  readonly text: string;
  readonly anchor: "start" | "middle" | "end";
  readonly colour: string;
  readonly size: number;
  readonly isBold?: boolean;
  /** Read from below to above, as beside a vertical axis. */
  readonly isUpright?: boolean;
}

export type Mark = LineMark | AreaMark | DotMark | TextMark;

/** Later marks lie over earlier ones. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly ground: string;
  readonly marks: readonly Mark[];
}

/**
 * Draws over what is there.
 * @param density pixels of the screen for one of the page
 * @param from long lines are drawn from here on only: what lies left of it is clipped
 */
export function drawMarks(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  marks: readonly Mark[],
  density: number,
  from = 0,
): void {
  context.lineJoin = "round";
  context.textBaseline = "middle";
  for (const mark of marks) {
    context.setTransform(density, 0, 0, density, 0, 0);
    if (mark.kind === "text") {
      drawText(context, mark);
      continue;
    }
    context.globalAlpha = mark.opacity;
    if (mark.kind === "line") {
      drawLine(context, mark, density, from);
      continue;
    }
    context.beginPath();
    if (mark.kind === "dot") context.arc(mark.x, mark.y, mark.radius, 0, 2 * Math.PI);
    else tracePoints(context, mark.points);
    context.fillStyle = mark.colour;
    context.fill();
  }
  context.globalAlpha = 1;
}

/** Points from which on a line is drawn as strands. */
const manyPoints = 100;

function drawLine(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  mark: LineMark,
  density: number,
  from: number,
): void {
  const { first, length } = startOf(mark, from);
  context.strokeStyle = mark.colour;
  context.setLineDash(mark.dash as number[]);
  context.lineDashOffset = length;
  // Browsers stroke a line as wide as one pixel of the screen ten times faster than a wider one: a long curve is drawn
  // as such strands, side by side.
  const strands = mark.points.length > 2 * manyPoints ? Math.max(1, Math.round(mark.width * density)) : 1;
  context.lineWidth = strands > 1 ? 1 / density : mark.width;
  for (let strand = 0; strand < strands; strand++) {
    const aside = strands > 1 ? strand - (strands - 1) / 2 : 0;
    context.setTransform(density, 0, 0, density, aside * 0.7, aside);
    context.beginPath();
    tracePoints(context, mark.points, first);
    context.stroke();
  }
}

/** The last point of a line left of `from`, and how long the line is up to there: its dashes go on from that. */
function startOf({ points, width }: LineMark, from: number): { first: number; length: number } {
  let first = 0;
  let length = 0;
  while (first + 4 < points.length && points[first + 2]! < from - width - 1) {
    length += Math.hypot(points[first + 2]! - points[first]!, points[first + 3]! - points[first + 1]!);
    first += 2;
  }
  return { first, length };
}

function tracePoints(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  points: Float64Array,
  first = 0,
): void {
  for (let at = first; at < points.length; at += 2) context.lineTo(points[at]!, points[at + 1]!);
}

function drawText(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  mark: TextMark,
): void {
  context.globalAlpha = 1;
  context.fillStyle = mark.colour;
  context.font = `${mark.isBold ? "600 " : ""}${mark.size}px ${figureFont}`;
  context.textAlign = mark.anchor === "middle" ? "center" : mark.anchor;
  context.save();
  context.translate(mark.x, mark.y);
  if (mark.isUpright) context.rotate(-Math.PI / 2);
  context.fillText(mark.text, 0, 0);
  context.restore();
}

/** The scene as an SVG file of its own, readable by browsers, office programs and drawing programs. */
export function sceneToSvg(scene: Scene): string {
  const { width, height, title, ground, marks } = scene;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="${escaped(figureFont)}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="${ground}"/>`,
    ...marks.map(markToSvg),
    "</svg>\n",
  ].join("\n");
}

function markToSvg(mark: Mark): string {
  switch (mark.kind) {
    case "line": {
      const dash = mark.dash.length > 0 ? ` stroke-dasharray="${mark.dash.join(" ")}"` : "";
      return `<path d="${pathOf(mark.points)}" fill="none" stroke="${mark.colour}" stroke-width="${mark.width}" stroke-linejoin="round"${dash}${opacityOf(mark.opacity)}/>`;
    }
    case "area":
      return `<path d="${pathOf(mark.points)}Z" fill="${mark.colour}"${opacityOf(mark.opacity)}/>`;
    case "dot":
      return `<circle cx="${short(mark.x)}" cy="${short(mark.y)}" r="${mark.radius}" fill="${mark.colour}"${opacityOf(mark.opacity)}/>`;
    case "text": {
      const at = `${short(mark.x)} ${short(mark.y)}`;
      const turn = mark.isUpright ? ` rotate(-90)` : "";
      const weight = mark.isBold ? ` font-weight="600"` : "";
      return `<text transform="translate(${at})${turn}" dy="0.35em" text-anchor="${mark.anchor}" font-size="${mark.size}" fill="${mark.colour}"${weight}>${escaped(mark.text)}</text>`;
    }
  }
}

/** "M0 0L1.5 2…": one decimal is finer than a pixel. */
export function pathOf(points: Float64Array): string {
  const parts: string[] = [];
  for (let at = 0; at < points.length; at += 2) parts.push(`${short(points[at]!)} ${short(points[at + 1]!)}`);
  return parts.length > 0 ? `M${parts.join("L")}` : "";
}

function short(value: number): string {
  return String(Number(value.toFixed(1)));
}

function opacityOf(opacity: number): string {
  return opacity === 1 ? "" : ` opacity="${opacity}"`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
