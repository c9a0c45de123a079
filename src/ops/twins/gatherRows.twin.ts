// float64 twin of gatherRows.ts: the first `lossRows` of `rowIndex` are kept, the other rows of y are zero.
import { at, build, type Matrix } from "./matrix.twin";

export const gatherForward = (x: Matrix, rowIndex: ArrayLike<number>, lossRows: number): Matrix =>
  build(rowIndex.length, x.columns, (r, k) => (r < lossRows ? at(x, rowIndex[r]!, k) : 0));

export function gatherBackward(x: Matrix, rowIndex: ArrayLike<number>, lossRows: number, dy: Matrix): Matrix {
  const gradient = build(x.rows, x.columns, () => 0);
  for (let r = 0; r < lossRows; r++) {
    for (let k = 0; k < x.columns; k++) gradient.values[rowIndex[r]! * x.columns + k]! += at(dy, r, k);
  }
  return gradient;
}
