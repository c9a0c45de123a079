// float64 twin of positionEmbedding.ts: each row gets its position's row of the weight added.
import { at, build, type Matrix } from "./matrix.twin";

export interface PositionTwinAttributes {
  /** Rows of one sequence; row n stands at start + n mod T, less where its example begins. */
  readonly sequenceLength: number;
  readonly start?: number;
  /** (first, end) of each row's example. */
  readonly segments?: ArrayLike<number>;
}

const positionOf = (n: number, { sequenceLength, start = 0, segments }: PositionTwinAttributes): number =>
  start + (n % sequenceLength) - (segments?.[2 * n] ?? 0);

/** x, y [N, C], weight [P, C] */
export const positionForward = (x: Matrix, weight: Matrix, attributes: PositionTwinAttributes): Matrix =>
  build(x.rows, x.columns, (n, k) => at(x, n, k) + at(weight, positionOf(n, attributes), k));

/** d weight [P, C], for examples that start at position 0; padding's rows, of no example, add nothing */
export function positionBackward(dy: Matrix, positions: number, attributes: PositionTwinAttributes): Matrix {
  return build(positions, dy.columns, (position, k) => {
    let sum = 0;
    for (let n = 0; n < dy.rows; n++) {
      const isPadding = attributes.segments?.[2 * n + 1] === 0;
      if (!isPadding && positionOf(n, attributes) === position) sum += at(dy, n, k);
    }
    return sum;
  });
}
