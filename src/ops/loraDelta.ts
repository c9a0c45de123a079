// What an adapter does to its weight: the merged matrix, and the size of the change.
// Shapes: weight [out, in], A [R, in], B [out, R]. Hu et al. 2021, sections 4.1 and 7.
import loraLib from "../../shaders/lib/lora.wgsl?raw";
import reduceLib from "../../shaders/lib/reduce.wgsl?raw";
import weightLib from "../../shaders/lib/weight.wgsl?raw";
import deltaNormSource from "../../shaders/lora_delta_norm.wgsl?raw";
import mergeSource from "../../shaders/lora_merge.wgsl?raw";
import { pad4, type Tensor } from "../gpu/tensor";
import type { LowRank } from "./lowRank";
import { defineKernel, reduceConstants, weightBits, width4 } from "./op";
import type { Trace } from "./trace";

const mergeKernel = defineKernel("lora_merge", weightLib, loraLib, mergeSource);
const deltaNormKernel = defineKernel("lora_delta_norm", reduceLib, loraLib, deltaNormSource);

/** merged = weight + scaling·B·A, in f32. @throws when the adapter is of several cells */
export function loraMerge(trace: Trace, weight: Tensor, lowRank: LowRank, merged: Tensor): void {
  const { factors, table, ranks } = lowRank;
  if (ranks.length !== 1) throw new Error(`merge: expected the adapter of one cell, got ${ranks.length}`);
  const OUT = pad4(weight.shape[0]!);
  const IN4 = width4(weight);
  trace.call(mergeKernel, { IN4, OUT, ...weightBits(weight) }, { W: weight, factors, table, merged }, [
    Math.ceil(IN4 / 8),
    Math.ceil(OUT / 8),
    1,
  ]);
}

/** Writes each cell's ‖scaling·B·A‖_F to `stats`, from entry `index`. @param weight the adapted one, for its shape */
export function loraDeltaNorm(
  trace: Trace,
  weight: Tensor,
  { factors, table, ranks }: LowRank,
  stats: Tensor,
  index: number,
): void {
  const [OUT, IN] = weight.shape.map(pad4) as [number, number];
  trace.call(deltaNormKernel, { IN, OUT, INDEX: index, ...reduceConstants }, { factors, table, stats }, [
    1,
    1,
    ranks.length,
  ]);
}
