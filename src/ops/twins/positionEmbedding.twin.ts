// float64 twin of positionEmbedding.ts: row n stands at position start + n mod T, and gets that position's row added.
import { at, build, type Matrix } from "./matrix.twin";

/** x, y [N, C], weight [P, C] */
export const positionForward = (x: Matrix, weight: Matrix, T: number, start: number): Matrix =>
  build(x.rows, x.columns, (n, k) => at(x, n, k) + at(weight, start + (n % T), k));

/** d weight [P, C], for sequences that start at position 0 */
export function positionBackward(dy: Matrix, positions: number, T: number): Matrix {
  return build(positions, dy.columns, (position, k) => {
    let sum = 0;
    for (let n = 0; n < dy.rows; n++) if (n % T === position) sum += at(dy, n, k);
    return sum;
  });
}
