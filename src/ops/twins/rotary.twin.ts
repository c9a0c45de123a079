// float64 twin of rotary.ts: feature i of a head turns with feature i + D/2 (Llama in Transformers, rotate_half).
import { at, build, type Matrix } from "./matrix.twin";

export interface RotaryTwinAttributes {
  readonly headDim: number;
  /** Rows of one sequence; row n stands at start + n mod T, less where its example begins. */
  readonly sequenceLength: number;
  readonly start: number;
  /** (first, end) of each row's example; sequences are one example each unless given. */
  readonly segments?: ArrayLike<number>;
  readonly ropeTheta: number;
}

function rotate(x: Matrix, attributes: RotaryTwinAttributes, direction: 1 | -1): Matrix {
  const { headDim, sequenceLength, start, ropeTheta, segments } = attributes;
  const half = headDim / 2;
  return build(x.rows, x.columns, (n, column) => {
    const i = column % headDim;
    const pair = i % half;
    const position = start + (n % sequenceLength) - (segments?.[2 * n] ?? 0);
    const angle = direction * position * ropeTheta ** ((-2 * pair) / headDim);
    const other = i < half ? -at(x, n, column + half) : at(x, n, column - half);
    return at(x, n, column) * Math.cos(angle) + other * Math.sin(angle);
  });
}

/** x, y [N, H·D] */
export const rotaryForward = (x: Matrix, attributes: RotaryTwinAttributes): Matrix =>
  rotate(x, attributes, 1);
export const rotaryBackward = (dy: Matrix, attributes: RotaryTwinAttributes): Matrix =>
  rotate(dy, attributes, -1);
