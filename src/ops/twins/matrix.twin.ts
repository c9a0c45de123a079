// Plain float64 matrices, row-major, for the twins: slow, and easy to see to be right.

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

export function matrix(values: Float64Array, rows: number, columns: number): Matrix {
  if (values.length !== rows * columns)
    throw new Error(`matrix: expected ${rows}×${columns} values, got ${values.length}`);
  return { rows, columns, values };
}

/** The matrix whose element (i, j) is `element(i, j)`. */
export function build(rows: number, columns: number, element: (i: number, j: number) => number): Matrix {
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) values[i * columns + j] = element(i, j);
  }
  return { rows, columns, values };
}

export const at = ({ values, columns }: Matrix, i: number, j: number): number => values[i * columns + j]!;

/** a·b */
export function product(a: Matrix, b: Matrix): Matrix {
  if (a.columns !== b.rows) throw new Error(`product: ${a.rows}×${a.columns} by ${b.rows}×${b.columns}`);
  return build(a.rows, b.columns, (i, j) => {
    let sum = 0;
    for (let k = 0; k < a.columns; k++) sum += at(a, i, k) * at(b, k, j);
    return sum;
  });
}

export const transpose = (a: Matrix): Matrix => build(a.columns, a.rows, (i, j) => at(a, j, i));
export const scale = (a: Matrix, factor: number): Matrix =>
  build(a.rows, a.columns, (i, j) => factor * at(a, i, j));
/** Element by element. */
export const times = (a: Matrix, b: Matrix): Matrix =>
  build(a.rows, a.columns, (i, j) => at(a, i, j) * at(b, i, j));
export const plus = (a: Matrix, b: Matrix): Matrix =>
  build(a.rows, a.columns, (i, j) => at(a, i, j) + at(b, i, j));
/** Sum of each column. */
export const columnSums = (a: Matrix): Float64Array =>
  Float64Array.from({ length: a.columns }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < a.rows; i++) sum += at(a, i, j);
    return sum;
  });
