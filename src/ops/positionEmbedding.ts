// Learned positions, added in place. Shapes: x [B·T, C], weight [P, C], P the most positions, segments [B·T, 2] (see
// segments.ts).
import stepLib from "../../shaders/lib/step.wgsl?raw";
import weightLib from "../../shaders/lib/weight.wgsl?raw";
import backward from "../../shaders/position_embedding_backward.wgsl?raw";
import forward from "../../shaders/position_embedding_forward.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { checkShape, defineKernel, defineOp, grid, rowsOf, weightBits, width4 } from "./op";
import { rowBlocks } from "./rowBlocks";

const forwardKernel = defineKernel("position_embedding_forward", stepLib, weightLib, forward);
const backwardKernel = defineKernel("position_embedding_backward", backward);

export type PositionInputs = {
  readonly x: Tensor;
  readonly weight: Tensor;
  /** Positions count from where a row's example begins; without them, from the sequence's first row. */
  readonly segments?: Tensor | undefined;
};
export interface PositionAttributes {
  readonly label: string;
  /** Rows of one sequence: row n stands at the step's position + n mod T, or at its place in its example. */
  readonly sequenceLength: number;
}

export const positionEmbedding = defineOp<PositionInputs, PositionAttributes, undefined>({
  name: "positionEmbedding",

  forward(trace, { x, weight, segments }, { label, sequenceLength: T }) {
    const [POSITIONS, C] = weight.shape as [number, number];
    const N = rowsOf(x);
    checkShape(label, "x", x, [N, C]);
    if (T > POSITIONS) throw new Error(`${label}: expected at most ${POSITIONS} positions, got ${T}`);
    const C4 = width4(x);
    const constants = { N, T, C4, POSITIONS, SEGMENTED: segments ? 1 : 0 };
    const bindings = { step: trace.inputs.step, segments: segments ?? trace.inputs.nothing, x };
    for (const { block, firstRow } of rowBlocks(weight)) {
      const rows = { FIRST: firstRow, ROWS: block.shape[0]!, ...weightBits(block) };
      trace.call(forwardKernel, { ...constants, ...rows }, { ...bindings, W: block }, grid(N * C4));
    }
    return { output: trace.alias(x, label), saved: undefined };
  },

  // Training starts every example at position 0.
  backward(trace, dy, { x, weight, segments }, _saved, { label, sequenceLength: T }) {
    const target = trace.gradientTarget(weight);
    if (target) {
      if (!segments) throw new Error(`${label}: expected segments to train the positions by, got none`);
      const C4 = width4(dy);
      trace.call(backwardKernel, { N: rowsOf(dy), T, C4 }, { dy, segments, dW: target.tensor }, grid(T * C4));
    }
    trace.passGradient(x, dy);
  },
});
