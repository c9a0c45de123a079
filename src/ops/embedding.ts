// Token embedding. Shapes: tokens [N], weight [V, C], y [N, C].
import backward from "../../shaders/embedding_backward.wgsl?raw";
import forward from "../../shaders/embedding_forward.wgsl?raw";
import weightLib from "../../shaders/lib/weight.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { defineKernel, defineOp, grid, weightBits, width4 } from "./op";
import { rowBlocks } from "./rowBlocks";

const forwardKernel = defineKernel("embedding_forward", weightLib, forward);
const backwardKernel = defineKernel("embedding_backward", backward);

export type EmbeddingInputs = {
  readonly weight: Tensor;
  readonly tokens: Tensor;
  /** Positions sorted by token [N], and where each token's run starts [V + 1]: only full fine-tuning needs them. */
  readonly tokenOrder?: Tensor | undefined;
  readonly tokenStart?: Tensor | undefined;
};

export const embedding = defineOp<EmbeddingInputs, { readonly label: string }, undefined>({
  name: "embedding",

  forward(trace, { weight, tokens }, { label }) {
    const N = tokens.shape[0]!;
    const y = trace.activation(label, [N, weight.shape[1]!]);
    const C4 = width4(y);
    for (const { block, firstRow } of rowBlocks(weight)) {
      const constants = { N, C4, FIRST: firstRow, ROWS: block.shape[0]!, ...weightBits(block) };
      trace.call(forwardKernel, constants, { tokens, W: block, y }, grid(N * C4));
    }
    return { output: y, saved: undefined };
  },

  backward(trace, dy, { weight, tokenOrder, tokenStart }, _saved, { label }) {
    const target = trace.gradientTarget(weight);
    if (!target) return;
    if (!tokenOrder || !tokenStart)
      throw new Error(`${label}: expected tokenOrder and tokenStart to train it`);
    const [V] = weight.shape as [number, number];
    const C4 = width4(dy);
    trace.call(backwardKernel, { V, C4 }, { dy, tokenOrder, tokenStart, dW: target.tensor }, grid(V * C4));
  },
});
