// The three matrix products behind every linear layer and the output head, and the sums for biases.
// Shapes: x, dx [N, in], weight [out, in], y, dy [N, out]. Low-rank tails: see lowRank.ts.
import columnSum from "../../shaders/column_sum.wgsl?raw";
import loraLib from "../../shaders/lib/lora.wgsl?raw";
import quadLib from "../../shaders/lib/quad.wgsl?raw";
import tileLib from "../../shaders/lib/tile.wgsl?raw";
import weightLib from "../../shaders/lib/weight.wgsl?raw";
import linearBackwardInput from "../../shaders/linear_backward_input.wgsl?raw";
import linearBackwardInputTiled from "../../shaders/linear_backward_input_tiled.wgsl?raw";
import linearBackwardWeight from "../../shaders/linear_backward_weight.wgsl?raw";
import linearBackwardWeightTiled from "../../shaders/linear_backward_weight_tiled.wgsl?raw";
import linearForward from "../../shaders/linear_forward.wgsl?raw";
import linearForwardTiled from "../../shaders/linear_forward_tiled.wgsl?raw";
import type { Constants, KernelSource, Workgroups } from "../gpu/kernel";
import type { Launch } from "../gpu/program";
import type { Tensor } from "../gpu/tensor";
import { type TileShape, tileShape, tileShapes } from "../gpu/tiling";
import { cellRowsOf, dropoutTexts, dropoutWhile, type LowRank } from "./lowRank";
import { defineKernel, height4, rowsOf, weightBits, width4 } from "./op";
import { rowBlocks } from "./rowBlocks";
import { addParts, PART_ROWS, PART_TERMS, sumParts } from "./sumParts";
import type { GradientTarget, Trace } from "./trace";

const forwardKernel = defineKernel("linear_forward", quadLib, weightLib, loraLib, linearForward);
const inputKernel = defineKernel(
  "linear_backward_input",
  quadLib,
  ...dropoutTexts,
  weightLib,
  linearBackwardInput,
);
const weightKernel = defineKernel("linear_backward_weight", quadLib, linearBackwardWeight);
const forwardTiledKernel = defineKernel(
  "linear_forward_tiled",
  weightLib,
  loraLib,
  tileLib,
  linearForwardTiled,
);
const inputTiledKernel = defineKernel(
  "linear_backward_input_tiled",
  ...dropoutTexts,
  weightLib,
  tileLib,
  linearBackwardInputTiled,
);
const weightTiledKernel = defineKernel("linear_backward_weight_tiled", tileLib, linearBackwardWeightTiled);
const columnSumKernel = defineKernel("column_sum", columnSum);

export interface ForwardOperands {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly y: Tensor;
  readonly bias?: Tensor | undefined;
  readonly residual?: Tensor | undefined;
  /** The low-rank tail, added as scaling·S·Bᵀ. */
  readonly tail?: { readonly S: Tensor; readonly lowRank: LowRank } | undefined;
}

/** y = x·Wᵀ + scaling·S·Bᵀ + bias + residual. */
export function forwardProduct(trace: Trace, operands: ForwardOperands): void {
  for (const { block, firstRow } of rowBlocks(operands.weight)) {
    forwardBlock(trace, { ...operands, weight: block }, firstRow);
  }
}

/** The columns of y that `weight`, rows of the whole from `firstRow` on, gives. */
function forwardBlock(
  trace: Trace,
  { x, weight, y, bias, residual, tail }: ForwardOperands,
  firstRow: number,
): void {
  const { nothing } = trace.inputs;
  const N = rowsOf(x);
  const cells = tail?.lowRank.ranks.length ?? 1;
  const OUT4 = height4(weight);
  const constants = {
    IN4: width4(weight),
    OUT4,
    Y4: width4(y),
    FIRST4: firstRow / 4,
    CELL_ROWS: cellRowsOf(N, cells),
    HAS_TAIL: tail !== undefined,
    HAS_BIAS: bias !== undefined,
    HAS_RESIDUAL: residual !== undefined,
    ...weightBits(weight),
  };
  const bindings = {
    x,
    W: weight,
    S: tail?.S ?? nothing,
    factors: tail?.lowRank.factors ?? nothing,
    bias: bias ?? nothing,
    residual: residual ?? nothing,
    y,
    table: tail?.lowRank.table ?? nothing,
  };
  const tiles = tilesOf(trace, N / cells, OUT4, cells);
  if (tiles) callTiled(trace, forwardTiledKernel, constants, bindings, tiles);
  else trace.call(forwardKernel, { ...constants, N, ONE_BLOCK: N <= 4 }, bindings, quadGroups(OUT4, N));
}

/** Workgroups of a product in registers: 8×4 invocations, each of four columns and 16 rows. */
const quadGroups = (columns4: number, rows: number, parts = 1): Workgroups => [
  Math.ceil(columns4 / 8),
  Math.ceil(rows / 64),
  parts,
];

/** A tiled product in the tile that the rule picks, and in the others. */
interface Tiles {
  readonly picked: Launch;
  readonly others: readonly Launch[];
}

/**
 * Tile and workgroups of a tiled product of `rows` × 4·`columns4` results in each cell, each sum in `parts`.
 * @returns undefined where results stay in registers alone
 */
function tilesOf({ tiling }: Trace, rows: number, columns4: number, cells = 1, parts = 1): Tiles | undefined {
  if (tiling.memory === "registers") return undefined;
  const inTilesOf = (shape: TileShape): Launch => {
    const rowTiles = Math.ceil(rows / (4 * shape.ROWS4));
    const workgroups = [cells * rowTiles, Math.ceil(columns4 / shape.COLUMNS4), parts] as const;
    return { constants: { ...shape }, workgroups };
  };
  const picked = tileShape(tiling, Math.ceil(rows / 4), columns4, cells * parts);
  const others = tiling.shape ? [] : tileShapes.filter((shape) => shape !== picked);
  return { picked: inTilesOf(picked), others: others.map(inTilesOf) };
}

function callTiled(
  trace: Trace,
  kernel: KernelSource,
  constants: Constants,
  bindings: Readonly<Record<string, Tensor>>,
  { picked, others }: Tiles,
): void {
  const whole = (tile: Launch): Launch => ({ ...tile, constants: { ...constants, ...tile.constants } });
  const launch = whole(picked);
  trace.call(kernel, launch.constants, bindings, launch.workgroups, others.map(whole));
}

export interface InputGradientOperands {
  readonly dy: Tensor;
  readonly weight: Tensor;
  readonly dx: GradientTarget;
  /** The low-rank tail, added as mask∘(U·A). */
  readonly tail?: { readonly U: Tensor; readonly lowRank: LowRank } | undefined;
}

/** dx (+)= dy·W + mask∘(U·A). */
export function inputGradient(trace: Trace, { dy, weight, dx, tail }: InputGradientOperands): void {
  rowBlocks(weight).forEach(({ block, firstRow }, i) => {
    const part = i === 0 ? { dx, tail } : { dx: { ...dx, accumulate: true } };
    inputGradientBlock(trace, { dy, weight: block, ...part }, firstRow);
  });
}

/** What the columns of dy that `weight` gave, rows of the whole from `firstRow` on, add to dx. */
function inputGradientBlock(
  trace: Trace,
  { dy, weight, dx, tail }: InputGradientOperands,
  firstRow: number,
): void {
  const { nothing, step, cells: cellSteps } = trace.inputs;
  const N = rowsOf(dy);
  const cells = tail?.lowRank.ranks.length ?? 1;
  const [OUT4, IN4] = [height4(weight), width4(weight)];
  const constants = {
    N,
    IN4,
    OUT4,
    DY4: width4(dy),
    FIRST4: firstRow / 4,
    CELL_ROWS: cellRowsOf(N, cells),
    HAS_TAIL: tail !== undefined,
    ACCUMULATE: dx.accumulate,
    DROPOUT: tail ? dropoutWhile(trace, tail.lowRank) : 0,
    ...weightBits(weight),
  };
  const bindings = {
    step,
    dy,
    W: weight,
    U: tail?.U ?? nothing,
    factors: tail?.lowRank.factors ?? nothing,
    dx: dx.tensor,
    table: tail?.lowRank.table ?? nothing,
    cells: cellSteps,
  };
  const parts = tail ? 1 : Math.ceil((4 * OUT4) / PART_TERMS);
  const tiles = tilesOf(trace, N / cells, IN4, cells, parts);
  if (!tiles) {
    trace.call(inputKernel, constants, bindings, quadGroups(IN4, N));
    return;
  }
  const tiled = { ...constants, PART4: tail ? OUT4 : PART_TERMS / 4 };
  if (parts === 1) {
    callTiled(trace, inputTiledKernel, tiled, bindings, tiles);
    return;
  }
  const sums = trace.activation(`${dx.tensor.label} parts`, [parts * N, 4 * IN4]);
  callTiled(trace, inputTiledKernel, { ...tiled, ACCUMULATE: false }, { ...bindings, dx: sums }, tiles);
  sumParts(trace, sums, parts, dx);
}

/** Results of at least this many 4×4 tiles fill a GPU by themselves; smaller ones are split over rows. */
const TILES_WITHOUT_SPLIT = 1024;

/** dyᵀ·x into the gradient of a matrix, if it has one. */
export function weightGradient(trace: Trace, dy: Tensor, x: Tensor, parameter: Tensor): void {
  const target = trace.gradientTarget(parameter);
  if (!target) return;
  const N = rowsOf(x);
  const OUT4 = height4(parameter);
  const IN4 = width4(parameter);
  const split = OUT4 * IN4 < TILES_WITHOUT_SPLIT;
  const partRows = split ? PART_ROWS : Math.ceil(N / 4) * 4;
  const parts = Math.ceil(N / partRows);
  const sums = split
    ? trace.activation(`${parameter.label} parts`, [parts * OUT4 * 4, parameter.shape[1]!])
    : target.tensor;
  const constants = { N, IN4, OUT4, PART_ROWS: partRows, ACCUMULATE: !split };
  const tiles = tilesOf(trace, 4 * OUT4, IN4, 1, parts);
  if (tiles) callTiled(trace, weightTiledKernel, constants, { dy, x, sums }, tiles);
  else trace.call(weightKernel, constants, { dy, x, sums }, quadGroups(IN4, 4 * OUT4, parts));
  if (split) addParts(trace, sums, parts, parameter);
}

/** Column sums of dy into the gradient of a vector, if it has one; weighted by x·rstd for a norm's weight. */
export function sumColumns(
  trace: Trace,
  dy: Tensor,
  parameter: Tensor,
  weighted?: { readonly x: Tensor; readonly rstd: Tensor },
): void {
  if (!trace.needsGradient(parameter)) return;
  const N = rowsOf(dy);
  const parts = Math.ceil(N / PART_ROWS);
  const { nothing } = trace.inputs;
  const sums = trace.activation(`${parameter.label} parts`, [parts, parameter.shape[0]!]);
  trace.call(
    columnSumKernel,
    { N, OUT4: width4(dy), PART_ROWS, WEIGHTED: weighted !== undefined },
    { dy, x: weighted?.x ?? nothing, rstd: weighted?.rstd ?? nothing, sums },
    [Math.ceil(width4(dy) / 64), parts, 1],
  );
  addParts(trace, sums, parts, parameter);
}
