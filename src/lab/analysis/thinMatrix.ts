// Decompositions of thin matrices, on ml-matrix in float64: all that the analysis needs, because an adapter's
// factors are thin and a weight only ever meets a thin matrix.
import { Matrix, QrDecomposition, SingularValueDecomposition } from "ml-matrix";
import { RandomStream } from "../../random/philox";

/** left · diag(singularValues) · rightᵀ, singular values falling; both sides have orthonormal columns. */
export interface ThinSvd {
  readonly left: Matrix;
  readonly singularValues: readonly number[];
  readonly right: Matrix;
}

/** [rows, columns] from row-major values. */
export function matrixOf(values: ArrayLike<number>, rows: number, columns: number): Matrix {
  const matrix = Matrix.zeros(rows, columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) matrix.set(row, column, values[row * columns + column]!);
  }
  return matrix;
}

/**
 * values = basis · rest, with orthonormal columns in basis [n, k], k = min(n, m), for values [n, m]. A matrix
 * without full rank has one too. A wide matrix is its own rest.
 */
export function orthonormalise(values: Matrix): { readonly basis: Matrix; readonly rest: Matrix } {
  if (values.columns > values.rows) return { basis: Matrix.eye(values.rows), rest: values };
  const qr = new QrDecomposition(values);
  return { basis: qr.orthogonalMatrix, rest: qr.upperTriangularMatrix };
}

/** Singular value decomposition with k = min(rows, columns) columns on each side. */
export function svd(values: Matrix): ThinSvd {
  const found = new SingularValueDecomposition(values, { autoTranspose: true });
  const order = found.diagonal
    .map((_, index) => index)
    .sort((a, b) => found.diagonal[b]! - found.diagonal[a]!);
  const kept = order.slice(0, Math.min(values.rows, values.columns));
  return {
    left: found.leftSingularVectors.subMatrixColumn(kept),
    singularValues: kept.map((index) => found.diagonal[index]!),
    right: found.rightSingularVectors.subMatrixColumn(kept),
  };
}

/** Singular values above the rounding of float64, as numpy.linalg.matrix_rank counts them. */
export function numericalRank(singularValues: readonly number[], largerExtent: number): number {
  const least = (singularValues[0] ?? 0) * largerExtent * Number.EPSILON;
  return singularValues.filter((value) => value > least).length;
}

/** Standard normal values [rows, columns], row-major from one stream: the same numbers in oracle/philox.py. */
export function gaussian(rows: number, columns: number, seed: number, stream: string): Matrix {
  const random = new RandomStream(seed, stream);
  const matrix = Matrix.zeros(rows, columns);
  for (let index = 0; index < rows * columns; index++) {
    matrix.set(Math.floor(index / columns), index % columns, random.normal(index));
  }
  return matrix;
}

/** The first `count` columns; none are allowed. */
export function firstColumns(matrix: Matrix, count: number): Matrix {
  return matrix.subMatrixColumn(Array.from({ length: count }, (_, column) => column));
}
