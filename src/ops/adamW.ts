// Clipping and the optimizer's update over the one flat buffer that holds everything trained, each cell of a race in
// a region of its own. Shapes: params, grads, m, v: the same number of f32 values. Loshchilov & Hutter 2019.
import adamwSource from "../../shaders/adamw.wgsl?raw";
import gradNormSource from "../../shaders/grad_norm.wgsl?raw";
import gradNormPartsSource from "../../shaders/grad_norm_parts.wgsl?raw";
import reduceLib from "../../shaders/lib/reduce.wgsl?raw";
import regionLib from "../../shaders/lib/region.wgsl?raw";
import stepLib from "../../shaders/lib/step.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { defineKernel, grid, ROW_WORKGROUP, reduceConstants, rowConstants } from "./op";
import type { Trace } from "./trace";

const partsKernel = defineKernel("grad_norm_parts", reduceLib, regionLib, gradNormPartsSource);
const normKernel = defineKernel("grad_norm", reduceLib, regionLib, gradNormSource);
const updateKernel = defineKernel("adamw", stepLib, regionLib, adamwSource);

export interface OptimizerState {
  readonly params: Tensor;
  readonly grads: Tensor;
  /** First and second moments. */
  readonly m: Tensor;
  readonly v: Tensor;
  /** Of each cell's four entries, the second gets the gradient's norm and the third the factor that clips it. */
  readonly stats: Tensor;
  /** Where each cell's region lies: the words of regionTable. */
  readonly regions: Tensor;
  /** Bytes of each cell's region, one behind the other. */
  readonly regionBytes: readonly number[];
}

export interface AdamWAttributes {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** Largest global gradient norm; 0 means no clipping. */
  readonly maxGradNorm: number;
}

const partsOf = (sizeBytes: number): number => Math.min(1024, Math.ceil(sizeBytes / 16 / ROW_WORKGROUP));

/** Words of one cell in the table: Region of shaders/lib/region.wgsl. */
const REGION_WORDS = 4;

/** Regions of these sizes, one behind the other. */
export function regionTable(regionBytes: readonly number[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(regionBytes.length * REGION_WORDS);
  let first4 = 0;
  regionBytes.forEach((sizeBytes, c) => {
    words.set([first4, sizeBytes / 16, partsOf(sizeBytes)], c * REGION_WORDS);
    first4 += sizeBytes / 16;
  });
  return words;
}

/** Two dispatches for the norm, one for the update. */
export function adamW(trace: Trace, state: OptimizerState, attributes: AdamWAttributes): void {
  const { params, grads, m, v, stats, regions, regionBytes } = state;
  const { beta1, beta2, eps, weightDecay, maxGradNorm } = attributes;
  const { step, cells } = trace.inputs;
  const count = regionBytes.length;
  const largest = Math.max(...regionBytes);
  const PARTS = partsOf(largest);
  const parts = trace.activation("gradient norm parts", [count * PARTS]);
  trace.call(partsKernel, { PARTS, ...rowConstants(trace) }, { grads, regions, parts }, [PARTS, 1, count]);
  trace.call(normKernel, { PARTS, MAX_NORM: maxGradNorm, ...reduceConstants }, { parts, regions, stats }, [
    1,
    1,
    count,
  ]);
  const [x, y] = grid(largest / 16);
  trace.call(
    updateKernel,
    { BETA2: beta2, REST1: 1 - beta1, REST2: 1 - beta2, EPS: eps, WEIGHT_DECAY: weightDecay },
    { step, stats, grads, params, m, v, regions, cells },
    [x, y, count],
  );
}
