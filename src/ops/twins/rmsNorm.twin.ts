// float64 twin of rmsNorm.ts: y = x / sqrt(mean x² + eps) · weight. Zhang & Sennrich 2019.
import { at, build, columnSums, type Matrix } from "./matrix.twin";

function rstdOf(x: Matrix, eps: number): Float64Array {
  return Float64Array.from({ length: x.rows }, (_, n) => {
    let squares = 0;
    for (let k = 0; k < x.columns; k++) squares += at(x, n, k) ** 2;
    return 1 / Math.sqrt(squares / x.columns + eps);
  });
}

/** y [N, C] of x [N, C], weight [C]. */
export function rmsNormForward(x: Matrix, weight: Float64Array, eps: number): Matrix {
  const rstd = rstdOf(x, eps);
  return build(x.rows, x.columns, (n, k) => at(x, n, k) * rstd[n]! * weight[k]!);
}

export function rmsNormBackward(x: Matrix, weight: Float64Array, eps: number, dy: Matrix) {
  const rstd = rstdOf(x, eps);
  const normed = build(x.rows, x.columns, (n, k) => at(x, n, k) * rstd[n]!);
  const g = build(x.rows, x.columns, (n, k) => at(dy, n, k) * weight[k]!);
  const mean = Float64Array.from({ length: x.rows }, (_, n) => {
    let sum = 0;
    for (let k = 0; k < x.columns; k++) sum += at(g, n, k) * at(normed, n, k);
    return sum / x.columns;
  });
  return {
    x: build(x.rows, x.columns, (n, k) => rstd[n]! * (at(g, n, k) - at(normed, n, k) * mean[n]!)),
    weight: columnSums(build(x.rows, x.columns, (n, k) => at(dy, n, k) * at(normed, n, k))),
  };
}
