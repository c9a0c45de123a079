// What an adapter does to its weight: the merged matrix, and the size of the change.
// Shapes: weight [out, in], loraA [R, in], loraB [out, R]. Hu et al. 2021, sections 4.1 and 7.
import reduceLib from "../../shaders/lib/reduce.wgsl?raw";
import weightLib from "../../shaders/lib/weight.wgsl?raw";
import deltaNormSource from "../../shaders/lora_delta_norm.wgsl?raw";
import mergeSource from "../../shaders/lora_merge.wgsl?raw";
import { pad4, type Tensor } from "../gpu/tensor";
import type { LowRank } from "./linear";
import { defineKernel, reduceConstants, weightBits, width4 } from "./op";
import type { Trace } from "./trace";

const mergeKernel = defineKernel("lora_merge", weightLib, mergeSource);
const deltaNormKernel = defineKernel("lora_delta_norm", reduceLib, deltaNormSource);

/** merged = weight + scaling·B·A, in f32. */
export function loraMerge(
  trace: Trace,
  weight: Tensor,
  { loraA, loraB, scaling }: LowRank,
  merged: Tensor,
): void {
  const OUT = pad4(weight.shape[0]!);
  const IN4 = width4(weight);
  trace.call(
    mergeKernel,
    { IN4, OUT, RANK4: width4(loraB), SCALING: scaling, ...weightBits(weight) },
    { W: weight, loraA, loraB, merged },
    [Math.ceil(IN4 / 8), Math.ceil(OUT / 8), 1],
  );
}

/** Writes ‖scaling·B·A‖_F to entry `index` of `stats`. */
export function loraDeltaNorm(
  trace: Trace,
  { loraA, loraB, scaling }: LowRank,
  stats: Tensor,
  index: number,
): void {
  trace.call(
    deltaNormKernel,
    {
      IN: pad4(loraA.shape[1]!),
      OUT: pad4(loraB.shape[0]!),
      RANK: pad4(loraA.shape[0]!),
      SCALING: scaling,
      INDEX: index,
      ...reduceConstants,
    },
    { loraA, loraB, stats },
    [1, 1, 1],
  );
}
