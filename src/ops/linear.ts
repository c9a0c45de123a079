// A linear layer with an optional low-rank adapter: y = x·Wᵀ + s·(dropout(x)·Aᵀ)·Bᵀ + bias + residual.
// Shapes: x [N, in], weight [out, in], A [R, in], B [out, R]. Hu et al. 2021, section 4.1.
import type { Tensor } from "../gpu/tensor";
import { type LowRank, lowRankGradients, projectDown } from "./lowRank";
import { checkShape, defineOp, rowsOf } from "./op";
import { forwardProduct, inputGradient, sumColumns, weightGradient } from "./product";
import type { Trace } from "./trace";

export type LinearInputs = {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias?: Tensor | undefined;
  /** Added to the result, e.g. the residual stream. */
  readonly residual?: Tensor | undefined;
  readonly factors?: Tensor | undefined;
};

export interface LinearAttributes {
  readonly label: string;
  readonly lowRank?: LowRank | undefined;
}

const linearOp = defineOp<LinearInputs, LinearAttributes, { S: Tensor | undefined }>({
  name: "linear",

  forward(trace, { x, weight, bias, residual }, { label, lowRank }) {
    const [outFeatures, inFeatures] = weight.shape as [number, number];
    const N = rowsOf(x);
    checkShape(label, "x", x, [N, inFeatures]);
    if (bias) checkShape(label, "bias", bias, [outFeatures]);
    if (residual) checkShape(label, "residual", residual, [N, outFeatures]);
    const S = lowRank && projectDown(trace, x, lowRank, label);
    const y = trace.activation(label, [N, outFeatures]);
    forwardProduct(trace, { x, weight, y, bias, residual, tail: S && lowRank && { S, lowRank } });
    return { output: y, saved: { S } };
  },

  backward(trace, dy, { x, weight, bias, residual }, { S }, { label, lowRank }) {
    const U = S && lowRank && lowRankGradients(trace, { x, dy, S }, lowRank, label);
    const dx = trace.gradientTarget(x);
    if (dx) inputGradient(trace, { dy, weight, dx, tail: U && lowRank && { U, lowRank } });
    weightGradient(trace, dy, x, weight);
    if (bias) sumColumns(trace, dy, bias);
    if (residual) trace.passGradient(residual, dy);
  },
});

/** y [N, out] of a linear layer, with its adapter when `lowRank` is given. */
export function linear(
  trace: Trace,
  inputs: Omit<LinearInputs, "factors">,
  attributes: LinearAttributes,
): Tensor {
  return linearOp(trace, { ...inputs, factors: attributes.lowRank?.factors }, attributes);
}
