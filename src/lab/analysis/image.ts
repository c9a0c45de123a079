// ΔW or W as a picture: a block of it, value by value, or more of it with each dot the strongest value of a patch.
import type { LowRankChange } from "./lowRankAdapter";

/** Part of a matrix, in rows (outputs) and columns (inputs). */
export interface Block {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

export interface MatrixImage {
  readonly block: Block;
  /** Values that one dot stands for: a patch × patch square. */
  readonly patch: number;
  /** Dots: rows × columns, row-major; of each patch the value farthest from zero. */
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  /** Largest magnitude in the block. */
  readonly largest: number;
}

/** Most dots along each side: what a screen shows. */
const mostDots = 256;

/** Fits a wanted block into a matrix: nothing outside of it, at least one value. */
export function clampBlock(block: Block, outFeatures: number, inFeatures: number): Block {
  const clamp = (value: number, least: number, most: number) =>
    Math.max(least, Math.min(most, Math.floor(value)));
  const row = clamp(block.row, 0, outFeatures - 1);
  const column = clamp(block.column, 0, inFeatures - 1);
  return {
    row,
    column,
    rows: clamp(block.rows, 1, outFeatures - row),
    columns: clamp(block.columns, 1, inFeatures - column),
  };
}

/** A block of ΔW, of which one row exists at a time. */
export function changeImage(change: LowRankChange, wanted: Block): MatrixImage {
  const { loraA, loraB, rank, scaling, inFeatures } = change;
  return imageOf(wanted, change.outFeatures, inFeatures, (row, { column, columns }, values) => {
    values.fill(0);
    for (let r = 0; r < rank; r++) {
      const b = scaling * loraB[row * rank + r]!;
      for (let c = 0, at = r * inFeatures + column; c < columns; c++, at++) values[c]! += b * loraA[at]!;
    }
  });
}

/** A block of a weight. */
export function weightImage(
  weight: { readonly values: Float32Array; readonly outFeatures: number; readonly inFeatures: number },
  wanted: Block,
): MatrixImage {
  const { inFeatures } = weight;
  return imageOf(wanted, weight.outFeatures, inFeatures, (row, { column, columns }, values) => {
    for (let c = 0; c < columns; c++) values[c] = weight.values[row * inFeatures + column + c]!;
  });
}

/** @param fillRow writes a row's values within the block */
function imageOf(
  wanted: Block,
  outFeatures: number,
  inFeatures: number,
  fillRow: (row: number, block: Block, values: Float64Array) => void,
): MatrixImage {
  const block = clampBlock(wanted, outFeatures, inFeatures);
  const patch = Math.ceil(Math.max(block.rows, block.columns) / mostDots);
  const rows = Math.ceil(block.rows / patch);
  const columns = Math.ceil(block.columns / patch);
  const values = new Float32Array(rows * columns);
  const line = new Float64Array(block.columns);
  let largest = 0;
  for (let r = 0; r < block.rows; r++) {
    fillRow(block.row + r, block, line);
    const start = Math.floor(r / patch) * columns;
    for (let c = 0; c < block.columns; c++) {
      const at = start + Math.floor(c / patch);
      const magnitude = Math.abs(line[c]!);
      if (magnitude > Math.abs(values[at]!)) values[at] = line[c]!;
      if (magnitude > largest) largest = magnitude;
    }
  }
  return { block, patch, rows, columns, values, largest };
}
