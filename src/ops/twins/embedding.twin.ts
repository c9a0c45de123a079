// float64 twin of embedding.ts: one row of the table per token.
import { at, build, type Matrix } from "./matrix.twin";

/** y [N, C] of tokens [N], weight [V, C]. */
export const embeddingForward = (tokens: ArrayLike<number>, weight: Matrix): Matrix =>
  build(tokens.length, weight.columns, (n, k) => at(weight, tokens[n]!, k));

/** dweight [V, C]: rows of tokens that occur more than once add up. */
export function embeddingBackward(tokens: ArrayLike<number>, vocabSize: number, dy: Matrix): Matrix {
  const gradient = build(vocabSize, dy.columns, () => 0);
  for (let n = 0; n < dy.rows; n++) {
    for (let k = 0; k < dy.columns; k++) gradient.values[tokens[n]! * dy.columns + k]! += at(dy, n, k);
  }
  return gradient;
}
