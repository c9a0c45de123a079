// Where everything of a heat map lies, in pixels, and which cells share a colour.
import { type ColourScale, hexAt } from "./colourScale";

export interface HeatMapAxis {
  readonly name: string;
  /** One for each row or column. */
  readonly labels: readonly string[];
}

/** Values row by row; null where there is nothing. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly at: (row: number, column: number) => number | null;
}

export interface HeatMapLayout {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Of the cells. */
  readonly right: number;
  readonly bottom: number;
  /** Rows and columns that carry a label. */
  readonly rowTicks: readonly number[];
  readonly columnTicks: readonly number[];
}

export const fontSize = 11;
const characterWidth = 6.4;
/** Room below the cells for labels, the axis' name and the legend. */
const footHeight = 74;
const leastWidth = 200;

/** @param room for the cells, in pixels; a cell takes from one pixel to `most` */
export function layOut(
  grid: Pick<Grid, "rows" | "columns">,
  rowAxis: HeatMapAxis,
  columnAxis: HeatMapAxis,
  room: { readonly width: number; readonly height: number },
  most: { readonly width: number; readonly height: number },
): HeatMapLayout {
  const cellWidth = cellSize(room.width, grid.columns, most.width);
  const cellHeight = cellSize(room.height, grid.rows, most.height);
  const longest = Math.max(1, ...rowAxis.labels.map((label) => label.length));
  const left = Math.ceil(longest * characterWidth) + 26;
  const top = 6;
  const right = left + cellWidth * grid.columns;
  const bottom = top + cellHeight * grid.rows;
  const widest = Math.max(1, ...columnAxis.labels.map((label) => label.length)) * characterWidth + 6;
  return {
    width: Math.max(right + 14, left + leastWidth),
    height: bottom + footHeight,
    left,
    top,
    cellWidth,
    cellHeight,
    right,
    bottom,
    rowTicks: ticks(grid.rows, cellHeight, fontSize + 3),
    columnTicks: ticks(grid.columns, cellWidth, widest),
  };
}

/** Whole pixels where there is room for them, so that edges are sharp. */
function cellSize(room: number, count: number, most: number): number {
  const size = Math.min(most, room / Math.max(1, count));
  return size >= 1 ? Math.floor(size) : size;
}

/** Every one, every second, fifth, tenth…: as many as have room. */
function ticks(count: number, size: number, needed: number): number[] {
  const step = [1, 2, 4, 8, 16, 32, 64, 128, 256].find((each) => each * size >= needed) ?? Math.max(1, count);
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
}

/** Levels of colour: more than an eye tells apart. */
const levels = 64;

/** One path for each colour, so that four thousand cells are 64 elements. @returns colour → path data */
export function cellPaths(grid: Grid, layout: HeatMapLayout, scale: ColourScale): Map<string, string> {
  const { left, top, cellWidth, cellHeight } = layout;
  const gapX = cellWidth >= 6 ? 1 : 0;
  const gapY = cellHeight >= 6 ? 1 : 0;
  const paths = new Map<string, string[]>();
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      const value = grid.at(row, column);
      if (value === null) continue;
      const share = Math.min(1, Math.max(0, (value - scale.low) / (scale.high - scale.low)));
      const level = Math.round(share * (levels - 1)) / (levels - 1);
      const colour = hexAt(scale, scale.low + level * (scale.high - scale.low));
      const path = paths.get(colour) ?? [];
      const x = left + column * cellWidth;
      const y = top + row * cellHeight;
      path.push(`M${x} ${y}h${cellWidth - gapX}v${cellHeight - gapY}h${gapX - cellWidth}z`);
      paths.set(colour, path);
    }
  }
  return new Map([...paths].map(([colour, path]) => [colour, path.join("")]));
}

/** The cell at a place of the picture, if there is one. */
export function cellAt(
  { left, top, cellWidth, cellHeight }: HeatMapLayout,
  { rows, columns }: Grid,
  x: number,
  y: number,
): readonly [row: number, column: number] | undefined {
  const row = Math.floor((y - top) / cellHeight);
  const column = Math.floor((x - left) / cellWidth);
  return row >= 0 && row < rows && column >= 0 && column < columns ? [row, column] : undefined;
}
