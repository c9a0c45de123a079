// A base weight as the analysis meets it: one at a time, in float32, multiplied with thin matrices only.
import { Matrix } from "ml-matrix";

/** W [outFeatures, inFeatures], row-major. */
export interface Weight {
  readonly values: Float32Array;
  readonly outFeatures: number;
  readonly inFeatures: number;
}

/** ‖W‖_F, summed in float64. */
export function normOf({ values }: Pick<Weight, "values">): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]! ** 2;
  return Math.sqrt(sum);
}

/** W·X, [out, k], for X [in, k]. */
export function timesThin({ values, outFeatures, inFeatures }: Weight, thin: Matrix): Matrix {
  const k = thin.columns;
  const x = rowMajor(thin);
  const product = Matrix.zeros(outFeatures, k);
  const sums = new Float64Array(k);
  for (let o = 0; o < outFeatures; o++) {
    sums.fill(0);
    for (let i = 0, at = o * inFeatures; i < inFeatures; i++, at++) {
      const w = values[at]!;
      for (let c = 0, from = i * k; c < k; c++) sums[c]! += w * x[from + c]!;
    }
    for (let c = 0; c < k; c++) product.set(o, c, sums[c]!);
  }
  return product;
}

/** Wᵀ·Y, [in, k], for Y [out, k]. */
export function transposeTimesThin({ values, outFeatures, inFeatures }: Weight, thin: Matrix): Matrix {
  const k = thin.columns;
  const y = rowMajor(thin);
  const sums = new Float64Array(inFeatures * k);
  for (let o = 0; o < outFeatures; o++) {
    for (let i = 0, at = o * inFeatures; i < inFeatures; i++, at++) {
      const w = values[at]!;
      for (let c = 0; c < k; c++) sums[i * k + c]! += w * y[o * k + c]!;
    }
  }
  const product = Matrix.zeros(inFeatures, k);
  for (let index = 0; index < sums.length; index++) {
    product.set(Math.floor(index / k), index % k, sums[index]!);
  }
  return product;
}

function rowMajor(matrix: Matrix): Float64Array {
  const values = new Float64Array(matrix.rows * matrix.columns);
  for (let row = 0; row < matrix.rows; row++) {
    for (let column = 0; column < matrix.columns; column++) {
      values[row * matrix.columns + column] = matrix.get(row, column);
    }
  }
  return values;
}
