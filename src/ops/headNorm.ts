// Root-mean-square norm over each head: rmsNorm's kernels on one row per head. Shapes: x, y [N, H·D], weight [D].
import { pad4, type Tensor } from "../gpu/tensor";
import { paddedLike, padHeads, unpadHeads } from "./heads";
import { checkShape, defineOp, rowsOf } from "./op";
import { backwardRows, forwardRows, type RmsNormAttributes, type RmsNormInputs } from "./rmsNorm";

/** Heads as rows: padded x [N, H·pad4(D)] as [N·H, D], in place. */
function headRows(padded: Tensor, headDim: number): Tensor {
  const heads = padded.shape[1]! / pad4(headDim);
  return { ...padded, shape: [rowsOf(padded) * heads, headDim] };
}

export const headNorm = defineOp<RmsNormInputs, RmsNormAttributes, { x: Tensor; rstd: Tensor }>({
  name: "headNorm",

  forward(trace, { x, weight }, { label, eps }) {
    const D = weight.shape[0]!;
    checkShape(label, "x", x, [rowsOf(x), Math.floor(x.shape[1]! / D) * D]);
    const padded = padHeads(trace, x, D);
    const output = trace.activation(label, x.shape);
    const y = paddedLike(trace, output, D);
    const rstd = forwardRows(trace, headRows(padded, D), weight, headRows(y, D), { label, eps });
    unpadHeads(trace, y, output, D);
    return { output, saved: { x: padded, rstd } };
  },

  backward(trace, dOutput, { x, weight }, saved) {
    const D = weight.shape[0]!;
    const dy = headRows(padHeads(trace, dOutput, D), D);
    const rows = { x: headRows(saved.x, D), rstd: saved.rstd };
    const target = trace.firstGradient(x);
    const dx = target && paddedLike(trace, target, D);
    backwardRows(trace, dy, weight, rows, dx && { tensor: headRows(dx, D), accumulate: false });
    if (target && dx) unpadHeads(trace, dx, target, D);
  },
});
