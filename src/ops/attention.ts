// Causal grouped-query attention with right padding. Shapes: q, o [B·T, H·D], k, v [B·T, KV·D], lengths [B].
import backwardKv from "../../shaders/attention_backward_kv.wgsl?raw";
import backwardQ from "../../shaders/attention_backward_q.wgsl?raw";
import forward from "../../shaders/attention_forward.wgsl?raw";
import type { Constants } from "../gpu/kernel";
import type { Tensor } from "../gpu/tensor";
import { checkShape, defineKernel, defineOp, rowsOf } from "./op";

const forwardKernel = defineKernel("attention_forward", forward);
const backwardQKernel = defineKernel("attention_backward_q", backwardQ);
const backwardKvKernel = defineKernel("attention_backward_kv", backwardKv);

export type AttentionInputs = {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  readonly lengths: Tensor;
};
export interface AttentionAttributes {
  readonly label: string;
  readonly batchSize: number;
  readonly sequenceLength: number;
  readonly numAttentionHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
}

function constantsOf(attributes: AttentionAttributes): Constants {
  const { sequenceLength, numAttentionHeads, numKeyValueHeads, headDim } = attributes;
  return {
    T: sequenceLength,
    HEADS: numAttentionHeads,
    KV_HEADS: numKeyValueHeads,
    D4: headDim / 4,
    SCALE: 1 / Math.sqrt(headDim),
  };
}

export const attention = defineOp<AttentionInputs, AttentionAttributes, { o: Tensor; stats: Tensor }>({
  name: "attention",

  forward(trace, { q, k, v, lengths }, attributes) {
    const { label, batchSize, sequenceLength, numAttentionHeads, numKeyValueHeads, headDim } = attributes;
    const N = rowsOf(q);
    checkShape(label, "q", q, [batchSize * sequenceLength, numAttentionHeads * headDim]);
    checkShape(label, "k", k, [N, numKeyValueHeads * headDim]);
    checkShape(label, "v", v, [N, numKeyValueHeads * headDim]);
    const o = trace.activation(label, q.shape);
    const stats = trace.activation(`${label} stats`, [N * numAttentionHeads * 2]); // (lse, delta) pairs
    trace.call(forwardKernel, constantsOf(attributes), { q, k, v, lengths, o, stats }, [
      Math.ceil(sequenceLength / 64),
      numAttentionHeads,
      batchSize,
    ]);
    return { output: o, saved: { o, stats } };
  },

  backward(trace, dout, { q, k, v, lengths }, { o, stats }, attributes) {
    const dq = trace.gradientTarget(q);
    const dk = trace.gradientTarget(k);
    const dv = trace.gradientTarget(v);
    const { label, batchSize, sequenceLength, numAttentionHeads, numKeyValueHeads } = attributes;
    const constants = constantsOf(attributes);
    const blocks = Math.ceil(sequenceLength / 64);
    // A gradient that nobody needs (say, of k when only q_proj of the lowest layer is adapted) goes to scratch.
    const scratch = (of: Tensor) => trace.activation(`${label} unused`, of.shape);
    trace.call(
      backwardQKernel,
      constants,
      { q, k, v, lengths, o, stats, dout, dq: dq?.tensor ?? scratch(q) },
      [blocks, numAttentionHeads, batchSize],
    );
    if (!dk && !dv) return;
    trace.call(
      backwardKvKernel,
      constants,
      { q, k, v, lengths, stats, dout, dk: dk?.tensor ?? scratch(k), dv: dv?.tensor ?? scratch(v) },
      [blocks, numKeyValueHeads, batchSize],
    );
  },
});
