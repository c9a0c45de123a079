// Learned positions, added in place. Shapes: x [B·T, C], weight [P, C], P the most positions.
import stepLib from "../../shaders/lib/step.wgsl?raw";
import weightLib from "../../shaders/lib/weight.wgsl?raw";
import backward from "../../shaders/position_embedding_backward.wgsl?raw";
import forward from "../../shaders/position_embedding_forward.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { checkShape, defineKernel, defineOp, grid, rowsOf, weightBits, width4 } from "./op";

const forwardKernel = defineKernel("position_embedding_forward", stepLib, weightLib, forward);
const backwardKernel = defineKernel("position_embedding_backward", backward);

export type PositionInputs = { readonly x: Tensor; readonly weight: Tensor };
export interface PositionAttributes {
  readonly label: string;
  /** Rows of one sequence: position of row n is the step's position + n mod T. */
  readonly sequenceLength: number;
}

export const positionEmbedding = defineOp<PositionInputs, PositionAttributes, undefined>({
  name: "positionEmbedding",

  forward(trace, { x, weight }, { label, sequenceLength: T }) {
    const [POSITIONS, C] = weight.shape as [number, number];
    const N = rowsOf(x);
    checkShape(label, "x", x, [N, C]);
    if (T > POSITIONS) throw new Error(`${label}: expected at most ${POSITIONS} positions, got ${T}`);
    const C4 = width4(x);
    trace.call(
      forwardKernel,
      { N, T, C4, POSITIONS, ...weightBits(weight) },
      { step: trace.inputs.step, W: weight, x },
      grid(N * C4),
    );
    return { output: trace.alias(x, label), saved: undefined };
  },

  // Training starts every sequence at position 0.
  backward(trace, dy, { x, weight }, _saved, { sequenceLength: T }) {
    const target = trace.gradientTarget(weight);
    if (target) {
      const C4 = width4(dy);
      trace.call(backwardKernel, { N: rowsOf(dy), T, C4 }, { dy, dW: target.tensor }, grid(T * C4));
    }
    trace.passGradient(x, dy);
  },
});
