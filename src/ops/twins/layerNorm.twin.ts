// float64 twin of layerNorm.ts: y = (x − mean) / sqrt(variance + eps) · weight + bias. Ba et al. 2016.
import { at, build, columnSums, type Matrix, times } from "./matrix.twin";

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const row = (x: Matrix, n: number): number[] => [...x.values.subarray(n * x.columns, (n + 1) * x.columns)];

/** (x − mean)·rstd and rstd by row. */
function normalised(x: Matrix, eps: number): { z: Matrix; rstd: number[] } {
  const rows = Array.from({ length: x.rows }, (_, n) => row(x, n));
  const means = rows.map(meanOf);
  const rstd = rows.map((values, n) => 1 / Math.sqrt(meanOf(values.map((v) => (v - means[n]!) ** 2)) + eps));
  return { z: build(x.rows, x.columns, (n, k) => (at(x, n, k) - means[n]!) * rstd[n]!), rstd };
}

/** y [N, C] of x [N, C], weight and bias [C]. */
export function layerNormForward(x: Matrix, weight: Float64Array, bias: Float64Array, eps: number): Matrix {
  const { z } = normalised(x, eps);
  return build(x.rows, x.columns, (n, k) => at(z, n, k) * weight[k]! + bias[k]!);
}

export function layerNormBackward(x: Matrix, weight: Float64Array, eps: number, dy: Matrix) {
  const { z, rstd } = normalised(x, eps);
  const g = build(x.rows, x.columns, (n, k) => at(dy, n, k) * weight[k]!);
  const slopes = rstd.map((_, n) => meanOf(row(times(g, z), n)));
  const means = rstd.map((_, n) => meanOf(row(g, n)));
  return {
    x: build(x.rows, x.columns, (n, k) => rstd[n]! * (at(g, n, k) - means[n]! - at(z, n, k) * slopes[n]!)),
    weight: columnSums(times(dy, z)),
    bias: columnSums(dy),
  };
}
