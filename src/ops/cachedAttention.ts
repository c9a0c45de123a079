// Attention of new rows over a cache of keys and values, for decoding one sequence. No backward: see attention.ts.
// Shapes: q, o [T, H·D], k, v [T, KV·D], keys, values [context, KV·pad4(D)].
import cachedSource from "../../shaders/attention_cached.wgsl?raw";
import appendSource from "../../shaders/cache_append.wgsl?raw";
import reduceLib from "../../shaders/lib/reduce.wgsl?raw";
import stepLib from "../../shaders/lib/step.wgsl?raw";
import { pad4, type Tensor } from "../gpu/tensor";
import type { AttentionAttributes } from "./attention";
import { paddedLike, padHeads, unpadHeads } from "./heads";
import { checkShape, defineKernel, grid, rowConstants, rowsOf, width4 } from "./op";
import type { Trace } from "./trace";

const appendKernel = defineKernel("cache_append", stepLib, appendSource);
const cachedKernel = defineKernel("attention_cached", stepLib, reduceLib, cachedSource);

export interface KeyValueCache {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/** Shape of a layer's cached keys, and of its values: every head starts at a vec4. */
export function cacheShapeOf(
  context: number,
  { numKeyValueHeads, headDim }: Pick<AttentionAttributes, "numKeyValueHeads" | "headDim">,
): [number, number] {
  return [context, numKeyValueHeads * pad4(headDim)];
}

/** Appends k and v to the cache at the step's position, then attends from each new row to all before and itself. */
export function cachedAttention(
  trace: Trace,
  { q, k, v, cache }: { q: Tensor; k: Tensor; v: Tensor; cache: KeyValueCache },
  { label, numAttentionHeads, numKeyValueHeads, headDim, window }: AttentionAttributes,
): Tensor {
  if (trace.training) throw new Error(`${label}: expected a trace for decoding, got one for training`);
  const { step } = trace.inputs;
  const N = rowsOf(q);
  const CONTEXT = cache.keys.shape[0]!;
  checkShape(label, "q", q, [N, numAttentionHeads * headDim]);
  checkShape(label, "k", k, [N, numKeyValueHeads * headDim]);
  checkShape(label, "v", v, [N, numKeyValueHeads * headDim]);
  const cacheShape = cacheShapeOf(CONTEXT, { numKeyValueHeads, headDim });
  checkShape(label, "cache.keys", cache.keys, cacheShape);
  checkShape(label, "cache.values", cache.values, cacheShape);
  for (const [x, rows] of [
    [k, cache.keys],
    [v, cache.values],
  ] as const) {
    const padded = padHeads(trace, x, headDim);
    const C4 = width4(padded);
    trace.call(appendKernel, { N, C4, CONTEXT }, { step, x: padded, cache: rows }, grid(N * C4));
  }
  const output = trace.activation(label, q.shape);
  const o = paddedLike(trace, output, headDim);
  trace.call(
    cachedKernel,
    {
      HEADS: numAttentionHeads,
      KV_HEADS: numKeyValueHeads,
      D4: pad4(headDim) / 4,
      SCALE: 1 / Math.sqrt(headDim),
      WINDOW: window ?? CONTEXT,
      CONTEXT,
      ...rowConstants(trace),
    },
    { step, q: padHeads(trace, q, headDim), keys: cache.keys, values: cache.values, o },
    [N, numAttentionHeads, 1],
  );
  unpadHeads(trace, o, output, headDim);
  return output;
}
