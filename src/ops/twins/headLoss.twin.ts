// float64 twin of headLoss.ts: logits, cross-entropy of the first `lossRows` rows, and its gradients.
import { at, build, type Matrix, product, transpose } from "./matrix.twin";

/** Loss of each row, and the gradient of (inverseTokens · their sum) by the logits; zero from row `lossRows` on. */
export function crossEntropy(
  logits: Matrix,
  targets: ArrayLike<number>,
  lossRows: number,
  inverseTokens: number,
): { losses: Float64Array; dlogits: Matrix } {
  const totals = Float64Array.from({ length: logits.rows }, (_, r) => {
    let highest = Number.NEGATIVE_INFINITY;
    for (let v = 0; v < logits.columns; v++) highest = Math.max(highest, at(logits, r, v));
    let sum = 0;
    for (let v = 0; v < logits.columns; v++) sum += Math.exp(at(logits, r, v) - highest);
    return highest + Math.log(sum);
  });
  return {
    losses: totals.map((total, r) => (r < lossRows ? total - at(logits, r, targets[r]!) : 0)),
    dlogits: build(logits.rows, logits.columns, (r, v) =>
      r < lossRows
        ? inverseTokens * (Math.exp(at(logits, r, v) - totals[r]!) - (v === targets[r] ? 1 : 0))
        : 0,
    ),
  };
}

/** hidden [R, C], weight [V, C], targets [R]. */
export function headLossTwin(
  hidden: Matrix,
  weight: Matrix,
  targets: ArrayLike<number>,
  { lossRows, inverseTokens }: { lossRows: number; inverseTokens: number },
) {
  const { losses, dlogits } = crossEntropy(
    product(hidden, transpose(weight)),
    targets,
    lossRows,
    inverseTokens,
  );
  return {
    losses,
    loss: inverseTokens * losses.reduce((sum, loss) => sum + loss, 0),
    gradients: { hidden: product(dlogits, weight), weight: product(transpose(dlogits), hidden) },
  };
}
