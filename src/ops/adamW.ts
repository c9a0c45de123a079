// Clipping and the optimizer's update over the one flat buffer that holds everything trained.
// Shapes: params, grads, m, v: the same number of f32 values, a multiple of four. Loshchilov & Hutter 2019.
import adamwSource from "../../shaders/adamw.wgsl?raw";
import gradNormSource from "../../shaders/grad_norm.wgsl?raw";
import gradNormPartsSource from "../../shaders/grad_norm_parts.wgsl?raw";
import reduceLib from "../../shaders/lib/reduce.wgsl?raw";
import stepLib from "../../shaders/lib/step.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { defineKernel, grid, ROW_WORKGROUP, reduceConstants } from "./op";
import type { Trace } from "./trace";

const partsKernel = defineKernel("grad_norm_parts", reduceLib, gradNormPartsSource);
const normKernel = defineKernel("grad_norm", reduceLib, gradNormSource);
const updateKernel = defineKernel("adamw", stepLib, adamwSource);

export interface OptimizerState {
  readonly params: Tensor;
  readonly grads: Tensor;
  /** First and second moments. */
  readonly m: Tensor;
  readonly v: Tensor;
  /** Entry 1 gets the gradient's norm, entry 2 the factor that clips it. */
  readonly stats: Tensor;
}

export interface AdamWAttributes {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** Largest global gradient norm; 0 means no clipping. */
  readonly maxGradNorm: number;
}

/** Two dispatches for the norm, one for the update. */
export function adamW(trace: Trace, state: OptimizerState, attributes: AdamWAttributes): void {
  const { params, grads, m, v, stats } = state;
  const { beta1, beta2, eps, weightDecay, maxGradNorm } = attributes;
  const SIZE4 = grads.sizeBytes / 16;
  const PARTS = Math.min(1024, Math.ceil(SIZE4 / ROW_WORKGROUP));
  const parts = trace.activation("gradient norm parts", [PARTS]);
  trace.call(partsKernel, { SIZE4, PARTS, ...reduceConstants }, { grads, parts }, [PARTS, 1, 1]);
  trace.call(normKernel, { PARTS, MAX_NORM: maxGradNorm, ...reduceConstants }, { parts, stats }, [1, 1, 1]);
  trace.call(
    updateKernel,
    { SIZE4, BETA2: beta2, REST1: 1 - beta1, REST2: 1 - beta2, EPS: eps, WEIGHT_DECAY: weightDecay },
    { step: trace.inputs.step, stats, grads, params, m, v },
    grid(SIZE4),
  );
}
