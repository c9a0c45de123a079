// A linear layer with an optional low-rank adapter: y = x·Wᵀ + s·(dropout(x)·Aᵀ)·Bᵀ + bias + residual.
// Shapes: x [N, in], weight [out, in], loraA [R, in], loraB [out, R]. Hu et al. 2021, section 4.1.
import loraBackwardUp from "../../shaders/lora_backward_up.wgsl?raw";
import loraForwardDown from "../../shaders/lora_forward_down.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { checkShape, defineKernel, defineOp, height4, rowsOf, width4 } from "./op";
import {
  type Dropout,
  dropoutTexts,
  forwardProduct,
  inputGradient,
  sumColumns,
  weightGradient,
} from "./product";
import { addParts } from "./sumParts";
import type { Trace } from "./trace";

const downKernel = defineKernel("lora_forward_down", ...dropoutTexts, loraForwardDown);
const upKernel = defineKernel("lora_backward_up", loraBackwardUp);

/** Rows of dy that one workgroup of lora_backward_up reduces; fixed in the kernel. */
const UP_ROWS = 32;

/** The trained factors of one linear layer, and how they enter it. */
export interface LowRank {
  readonly loraA: Tensor;
  readonly loraB: Tensor;
  /** loraAlpha / rank, or loraAlpha / √rank with rsLoRA. */
  readonly scaling: number;
  /** Inputs of the adapter to drop while training. */
  readonly dropout?: Dropout | undefined;
}

export type LinearInputs = {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias?: Tensor | undefined;
  /** Added to the result, e.g. the residual stream. */
  readonly residual?: Tensor | undefined;
  readonly loraA?: Tensor | undefined;
  readonly loraB?: Tensor | undefined;
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
    forwardProduct(trace, { x, weight, y, bias, residual, tail: S && lowRank && { S, ...lowRank } });
    return { output: y, saved: { S } };
  },

  backward(trace, dy, { x, weight, bias, residual }, { S }, { label, lowRank }) {
    let tail: { U: Tensor; loraA: Tensor; dropout: Dropout | undefined } | undefined;
    if (S && lowRank) {
      const { loraA, dropout } = lowRank;
      const U = projectUpBackward(trace, dy, S, lowRank, label);
      weightGradient(trace, U, x, loraA, dropout);
      tail = { U, loraA, dropout };
    }
    const dx = trace.gradientTarget(x);
    if (dx) inputGradient(trace, { dy, weight, dx, tail });
    weightGradient(trace, dy, x, weight);
    if (bias) sumColumns(trace, dy, bias);
    if (residual) trace.passGradient(residual, dy);
  },
});

/** y [N, out] of a linear layer, with its adapter when `lowRank` is given. */
export function linear(
  trace: Trace,
  inputs: Omit<LinearInputs, "loraA" | "loraB">,
  attributes: LinearAttributes,
): Tensor {
  return linearOp(
    trace,
    { ...inputs, loraA: attributes.lowRank?.loraA, loraB: attributes.lowRank?.loraB },
    attributes,
  );
}

/** S = dropout(x)·Aᵀ [N, R]. */
function projectDown(trace: Trace, x: Tensor, lowRank: LowRank, label: string): Tensor {
  const { loraA, loraB } = lowRank;
  const dropout = trace.training ? lowRank.dropout : undefined;
  const { step, nothing } = trace.inputs;
  const N = rowsOf(x);
  const rank = loraA.shape[0]!;
  checkShape(label, "lora_A", loraA, [rank, x.shape[1]]);
  checkShape(label, "lora_B", loraB, [undefined, rank]);
  const S = trace.activation(`${label} S`, [N, rank]);
  trace.call(
    downKernel,
    { N, IN4: width4(x), RANK4: width4(S), DROPOUT: dropout?.probability ?? 0 },
    { step, x, loraA, S, stream: dropout?.stream ?? nothing },
    [width4(S), Math.ceil(N / 64), 1],
  );
  return S;
}

/** U = s·dy·B [N, R], and dB, from one read of dy. */
function projectUpBackward(
  trace: Trace,
  dy: Tensor,
  S: Tensor,
  { loraB, scaling }: LowRank,
  label: string,
): Tensor {
  const N = rowsOf(dy);
  const parts = Math.ceil(N / UP_ROWS);
  const U = trace.activation(`${label} U`, S.shape);
  const sums = trace.activation(`${loraB.label} parts`, [parts * height4(loraB) * 4, loraB.shape[1]!]);
  trace.call(
    upKernel,
    { N, OUT4: height4(loraB), RANK4: width4(loraB), SCALING: scaling },
    { dy, loraB, S, U, sums },
    [Math.ceil(width4(loraB) / 16), parts, 1],
  );
  addParts(trace, sums, parts, loraB);
  return U;
}
