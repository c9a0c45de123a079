// The adapter of a linear layer, for every cell of a race at once: cells lie side by side in the rows, their factors
// in one flat buffer, and a small table says where. A run by itself is a race of one cell.
// Shapes: x [N, in], and of each cell, with n = N / cells rows: loraA [R, in], loraB [out, R], S, U [n, R].
import dropoutLib from "../../shaders/lib/dropout.wgsl?raw";
import loraLib from "../../shaders/lib/lora.wgsl?raw";
import philoxLib from "../../shaders/lib/philox.wgsl?raw";
import quadLib from "../../shaders/lib/quad.wgsl?raw";
import stepLib from "../../shaders/lib/step.wgsl?raw";
import backwardBTiled from "../../shaders/lora_backward_b_tiled.wgsl?raw";
import backwardDownTiled from "../../shaders/lora_backward_down_tiled.wgsl?raw";
import backwardFactors from "../../shaders/lora_backward_factors.wgsl?raw";
import backwardUTiled from "../../shaders/lora_backward_u_tiled.wgsl?raw";
import forwardDownTiled from "../../shaders/lora_forward_down_tiled.wgsl?raw";
import project from "../../shaders/lora_project.wgsl?raw";
import sumPartsSource from "../../shaders/lora_sum_parts.wgsl?raw";
import { pad4, type Tensor } from "../gpu/tensor";
import { defineKernel, grid, rowsOf, width4 } from "./op";
import { PART_ROWS } from "./sumParts";
import type { Trace } from "./trace";

/** Shared functions of kernels that may drop inputs of an adapter. */
export const dropoutTexts = [stepLib, philoxLib, dropoutLib, loraLib] as const;

const projectKernel = defineKernel("lora_project", quadLib, ...dropoutTexts, project);
const factorsKernel = defineKernel("lora_backward_factors", quadLib, ...dropoutTexts, backwardFactors);
const downTiledKernel = defineKernel("lora_forward_down_tiled", ...dropoutTexts, forwardDownTiled);
const backwardUTiledKernel = defineKernel("lora_backward_u_tiled", loraLib, backwardUTiled);
const backwardBTiledKernel = defineKernel("lora_backward_b_tiled", loraLib, backwardBTiled);
const downBackwardTiledKernel = defineKernel("lora_backward_down_tiled", ...dropoutTexts, backwardDownTiled);
const sumPartsKernel = defineKernel("lora_sum_parts", loraLib, sumPartsSource);

/** The trained factors of one linear layer in all cells, and how they enter it. */
export interface LowRank {
  /** The flat buffer of all factors; trained as one tensor. */
  readonly factors: Tensor;
  /** Where each cell's factors lie in it, and more: the words of lowRankTable. */
  readonly table: Tensor;
  /** Rank in each cell; 0 where the cell does not adapt this layer. */
  readonly ranks: readonly number[];
  /** Share of the adapter's inputs to drop while training, the same in all cells. */
  readonly dropout: number;
}

/** One cell's factors of one layer. */
export interface CellFactors {
  readonly rank: number;
  /** loraAlpha / rank, or loraAlpha / √rank with rsLoRA. */
  readonly scaling: number;
  /** Keys the layer's dropout mask, with the cell's seed. */
  readonly dropoutStream: number;
  /** Places in the flat buffer. */
  readonly loraAOffsetBytes: number;
  readonly loraBOffsetBytes: number;
}

/** Words of one cell in a layer's table: LoraCell of shaders/lib/lora.wgsl. */
const CELL_WORDS = 6;

/** A layer's table for the kernels; undefined where a cell does not adapt the layer. */
export function lowRankTable(cells: readonly (CellFactors | undefined)[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(cells.length * CELL_WORDS);
  const floats = new Float32Array(words.buffer);
  let before4 = 0;
  cells.forEach((cell, c) => {
    if (!cell) return;
    const rank4 = pad4(cell.rank) / 4;
    const places = [cell.loraAOffsetBytes / 16, cell.loraBOffsetBytes / 16, before4, rank4];
    words.set(places, c * CELL_WORDS);
    floats[c * CELL_WORDS + 4] = cell.scaling;
    words[c * CELL_WORDS + 5] = cell.dropoutStream;
    before4 += rank4;
  });
  return words;
}

interface Sizes {
  readonly cells: number;
  /** Rows of each cell. */
  readonly cellRows: number;
  /** Rank of all cells together and of the largest, in vec4s. */
  readonly total4: number;
  readonly most4: number;
}

function sizesOf(x: Tensor, { ranks }: LowRank): Sizes {
  const cells = ranks.length;
  const cellRows = cellRowsOf(rowsOf(x), cells);
  const ranks4 = ranks.map((rank) => pad4(rank) / 4);
  const total4 = ranks4.reduce((sum, rank4) => sum + rank4, 0);
  return { cells, cellRows, total4, most4: Math.max(...ranks4) };
}

/** Rows of each cell. @throws when the rows do not divide so that tiles of eight stay within a cell */
export function cellRowsOf(rows: number, cells: number): number {
  if (cells > 1 && rows % (8 * cells) !== 0) {
    throw new Error(`race: expected rows in multiples of eight for each of ${cells} cells, got ${rows}`);
  }
  return rows / cells;
}

export const dropoutWhile = (trace: Trace, { dropout }: LowRank): number => (trace.training ? dropout : 0);

/** S = dropout(x)·Aᵀ, cell after cell. */
export function projectDown(trace: Trace, x: Tensor, lowRank: LowRank, label: string): Tensor {
  const { factors, table } = lowRank;
  const { step, cells: cellSteps } = trace.inputs;
  const { cells, cellRows, total4, most4 } = sizesOf(x, lowRank);
  const S = trace.activation(`${label} S`, [cellRows, 4 * total4]);
  const DROPOUT = dropoutWhile(trace, lowRank);
  if (trace.tiling.memory === "workgroup") {
    const bindings = { step, x, factors, S, table, cells: cellSteps };
    const workgroups = [most4, Math.ceil(cellRows / 4), cells] as const;
    trace.call(downTiledKernel, { CELL_ROWS: cellRows, IN4: width4(x), DROPOUT }, bindings, workgroups);
  } else projectRows(trace, x, S, lowRank, { OF_B: 0, DROPOUT });
  return S;
}

/** U = s·dy·B, cell after cell, and the gradients of A and B. */
export function lowRankGradients(
  trace: Trace,
  { x, dy, S }: { readonly x: Tensor; readonly dy: Tensor; readonly S: Tensor },
  lowRank: LowRank,
  label: string,
): Tensor {
  const { factors, table } = lowRank;
  const U = trace.activation(`${label} U`, S.shape);
  const grads = trace.gradientTarget(factors)?.tensor;
  const DROPOUT = dropoutWhile(trace, lowRank);
  if (trace.tiling.memory === "workgroup") {
    const { cells, cellRows, most4 } = sizesOf(x, lowRank);
    const workgroups = [most4, Math.ceil(cellRows / 4), cells] as const;
    const bindings = { dy, factors, U, table };
    trace.call(backwardUTiledKernel, { CELL_ROWS: cellRows, OUT4: width4(dy) }, bindings, workgroups);
    if (grads) splitGradients(trace, { x, dy, S, U }, grads, lowRank, label);
    return U;
  }
  projectRows(trace, dy, U, lowRank, { OF_B: 1, DROPOUT: 0 });
  if (grads) {
    addGradient(trace, dy, S, grads, lowRank, { OF_B: 1, DROPOUT: 0 });
    addGradient(trace, x, U, grads, lowRank, { OF_B: 0, DROPOUT });
  }
  return U;
}

/** What tells S from U and dB from dA. */
type Variant = { readonly OF_B: 0 | 1; readonly DROPOUT: number };

function projectRows(
  trace: Trace,
  rows: Tensor,
  projected: Tensor,
  lowRank: LowRank,
  variant: Variant,
): void {
  const { factors, table } = lowRank;
  const { step, cells: cellSteps } = trace.inputs;
  const { cells, cellRows, most4 } = sizesOf(rows, lowRank);
  trace.call(
    projectKernel,
    { CELL_ROWS: cellRows, WIDTH4: width4(rows), ...variant },
    { step, rows, factors, projected, table, cells: cellSteps },
    [Math.ceil(cellRows / 16), Math.ceil(most4 / 2), cells],
  );
}

function addGradient(
  trace: Trace,
  rows: Tensor,
  projected: Tensor,
  grads: Tensor,
  lowRank: LowRank,
  variant: Variant,
): void {
  const { step, cells: cellSteps } = trace.inputs;
  const { cells, cellRows, most4 } = sizesOf(rows, lowRank);
  const WIDTH4 = width4(rows);
  trace.call(
    factorsKernel,
    { CELL_ROWS: cellRows, WIDTH4, ...variant },
    { step, rows, projected, grads, table: lowRank.table, cells: cellSteps },
    [Math.ceil(WIDTH4 / 4), Math.ceil(most4 / 2), cells],
  );
}

/** Partial sums that a cell has at most: with more rows, each part takes more of them. */
const MOST_PARTS = 64;

/** dB = s·dyᵀ·S and dA = Uᵀ·dropout(x) in parts, which gives a GPU more to do at once, and then their sums. */
function splitGradients(
  trace: Trace,
  { x, dy, S, U }: { readonly x: Tensor; readonly dy: Tensor; readonly S: Tensor; readonly U: Tensor },
  grads: Tensor,
  lowRank: LowRank,
  label: string,
): void {
  const { table } = lowRank;
  const { step, cells: cellSteps } = trace.inputs;
  const { cells, cellRows, total4, most4 } = sizesOf(x, lowRank);
  const [IN4, OUT4] = [width4(x), width4(dy)];
  const partRows = Math.max(PART_ROWS, Math.ceil(cellRows / MOST_PARTS / 4) * 4);
  const parts = Math.ceil(cellRows / partRows);
  const constants = { CELL_ROWS: cellRows, PARTS: parts, PART_ROWS: partRows };
  const workgroups = (width: number) => [Math.ceil(width / 32), Math.ceil(most4 / 2), cells * parts] as const;

  const sumsB = trace.activation(`${label} dB parts`, [parts * OUT4 * 4, 4 * total4]);
  trace.call(backwardBTiledKernel, { ...constants, OUT4 }, { dy, S, sums: sumsB, table }, workgroups(OUT4));
  const sumsA = trace.activation(`${label} dA parts`, [parts * 4 * total4, 4 * IN4]);
  trace.call(
    downBackwardTiledKernel,
    { ...constants, IN4, DROPOUT: dropoutWhile(trace, lowRank) },
    { step, x, U, sums: sumsA, table, cells: cellSteps },
    workgroups(IN4),
  );
  const [x64, y64] = grid(4 * most4 * Math.max(IN4, OUT4));
  const bindings = { sumsA, sumsB, table, grads };
  trace.call(sumPartsKernel, { IN4, OUT4, PARTS: parts }, bindings, [x64, y64, 2 * cells]);
}
