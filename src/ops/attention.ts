// Causal grouped-query attention within each example, over all its earlier positions or a window of them.
// Shapes: q, o [B·T, H·D], k, v [B·T, KV·D], segments [B·T, 2] (see segments.ts).
import backwardKv from "../../shaders/attention_backward_kv.wgsl?raw";
import backwardKvTiled from "../../shaders/attention_backward_kv_tiled.wgsl?raw";
import backwardQ from "../../shaders/attention_backward_q.wgsl?raw";
import backwardQTiled from "../../shaders/attention_backward_q_tiled.wgsl?raw";
import forward from "../../shaders/attention_forward.wgsl?raw";
import forwardTiled from "../../shaders/attention_forward_tiled.wgsl?raw";
import attentionLib from "../../shaders/lib/attention.wgsl?raw";
import rowsLib from "../../shaders/lib/attentionRows.wgsl?raw";
import quadLib from "../../shaders/lib/quad.wgsl?raw";
import spansLib from "../../shaders/lib/spans.wgsl?raw";
import type { Constants } from "../gpu/kernel";
import { pad4, type Tensor } from "../gpu/tensor";
import { paddedLike, padHeads, unpadHeads } from "./heads";
import { checkShape, defineKernel, defineOp, rowsOf } from "./op";
import type { Trace } from "./trace";

const forwardKernel = defineKernel("attention_forward", quadLib, spansLib, forward);
const backwardQKernel = defineKernel("attention_backward_q", quadLib, spansLib, backwardQ);
const backwardKvKernel = defineKernel("attention_backward_kv", quadLib, backwardKv);
const forwardTiledKernel = defineKernel("attention_forward_tiled", attentionLib, forwardTiled);
const backwardQTiledKernel = defineKernel(
  "attention_backward_q_tiled",
  attentionLib,
  rowsLib,
  backwardQTiled,
);
const backwardKvTiledKernel = defineKernel(
  "attention_backward_kv_tiled",
  attentionLib,
  rowsLib,
  backwardKvTiled,
);

export type AttentionInputs = {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  readonly segments: Tensor;
};
export interface AttentionAttributes {
  readonly label: string;
  readonly batchSize: number;
  readonly sequenceLength: number;
  readonly numAttentionHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  /** Positions back that a query sees, its own included; all unless given. */
  readonly window?: number | null;
}

function constantsOf(attributes: AttentionAttributes): Constants {
  const { sequenceLength, numAttentionHeads, numKeyValueHeads, headDim, window } = attributes;
  return {
    T: sequenceLength,
    HEADS: numAttentionHeads,
    KV_HEADS: numKeyValueHeads,
    D4: pad4(headDim) / 4,
    SCALE: 1 / Math.sqrt(headDim),
    WINDOW: window ?? sequenceLength,
  };
}

const isTiled = ({ tiling }: Trace): boolean => tiling.memory === "workgroup";

/** What backward reads again; heads padded to whole vec4s. */
interface Saved {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  readonly o: Tensor;
  readonly stats: Tensor;
}

export const attention = defineOp<AttentionInputs, AttentionAttributes, Saved>({
  name: "attention",

  forward(trace, { q, k, v, segments }, attributes) {
    const { label, batchSize, sequenceLength, numAttentionHeads, numKeyValueHeads, headDim } = attributes;
    const N = rowsOf(q);
    checkShape(label, "q", q, [batchSize * sequenceLength, numAttentionHeads * headDim]);
    checkShape(label, "k", k, [N, numKeyValueHeads * headDim]);
    checkShape(label, "v", v, [N, numKeyValueHeads * headDim]);
    const padded = {
      q: padHeads(trace, q, headDim),
      k: padHeads(trace, k, headDim),
      v: padHeads(trace, v, headDim),
    };
    const output = trace.activation(label, q.shape);
    const o = paddedLike(trace, output, headDim);
    const stats = trace.activation(`${label} stats`, [N * numAttentionHeads * 2]); // (lse, delta) pairs
    const constants = constantsOf(attributes);
    const bindings = { ...padded, segments, o, stats };
    const groups = [Math.ceil(sequenceLength / 64), numAttentionHeads, batchSize] as const;
    trace.call(isTiled(trace) ? forwardTiledKernel : forwardKernel, constants, bindings, groups);
    unpadHeads(trace, o, output, headDim);
    return { output, saved: { ...padded, o, stats } };
  },

  backward(trace, dOutput, { q, k, v, segments }, { o, stats, ...padded }, attributes) {
    const { label, batchSize, sequenceLength, numAttentionHeads, numKeyValueHeads, headDim } = attributes;
    const constants = constantsOf(attributes);
    const blocks = Math.ceil(sequenceLength / 64);
    const dout = padHeads(trace, dOutput, headDim);
    const operands = { ...padded, segments, stats, dout };
    // A gradient that nobody needs (say, of k when only q_proj of the lowest layer is adapted) goes to scratch.
    const target = (of: Tensor) => trace.firstGradient(of) ?? trace.activation(`${label} unused`, of.shape);
    const targetQ = target(q);
    const dq = paddedLike(trace, targetQ, headDim);
    const groupsQ = [blocks, numAttentionHeads, batchSize] as const;
    trace.call(
      isTiled(trace) ? backwardQTiledKernel : backwardQKernel,
      constants,
      { ...operands, o, dq },
      groupsQ,
    );
    unpadHeads(trace, dq, targetQ, headDim);
    if (!trace.needsGradient(k) && !trace.needsGradient(v)) return;
    const targetK = target(k);
    const targetV = target(v);
    const dk = paddedLike(trace, targetK, headDim);
    const dv = paddedLike(trace, targetV, headDim);
    const groupsKv = [blocks, numKeyValueHeads, batchSize] as const;
    const kernelKv = isTiled(trace) ? backwardKvTiledKernel : backwardKvKernel;
    trace.call(kernelKv, constants, { ...operands, dk, dv }, groupsKv);
    unpadHeads(trace, dk, targetK, headDim);
    unpadHeads(trace, dv, targetV, headDim);
  },
});
