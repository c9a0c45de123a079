// Root-mean-square norm: y = x / rms(x) · weight. Shapes: x, y [N, C], weight [C]. Zhang & Sennrich 2019.
import reduceLib from "../../shaders/lib/reduce.wgsl?raw";
import weightLib from "../../shaders/lib/weight.wgsl?raw";
import backwardInput from "../../shaders/rms_norm_backward_input.wgsl?raw";
import forward from "../../shaders/rms_norm_forward.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { checkShape, defineKernel, defineOp, grid, rowConstants, weightBits, width4 } from "./op";
import { sumColumns } from "./product";
import type { GradientTarget, Trace } from "./trace";

const forwardKernel = defineKernel("rms_norm_forward", weightLib, reduceLib, forward);
const backwardKernel = defineKernel("rms_norm_backward_input", weightLib, reduceLib, backwardInput);

export type RmsNormInputs = { readonly x: Tensor; readonly weight: Tensor };
export interface RmsNormAttributes {
  readonly label: string;
  readonly eps: number;
}

export const rmsNorm = defineOp<RmsNormInputs, RmsNormAttributes, { rstd: Tensor }>({
  name: "rmsNorm",

  forward(trace, { x, weight }, attributes) {
    const y = trace.activation(attributes.label, x.shape);
    return { output: y, saved: { rstd: forwardRows(trace, x, weight, y, attributes) } };
  },

  backward(trace, dy, { x, weight }, { rstd }) {
    backwardRows(trace, dy, weight, { x, rstd }, trace.gradientTarget(x));
  },
});

/** Writes the normed rows of x to y; returns 1 / rms of each [N]. */
export function forwardRows(
  trace: Trace,
  x: Tensor,
  weight: Tensor,
  y: Tensor,
  { label, eps }: RmsNormAttributes,
): Tensor {
  const [N, C] = x.shape as [number, number];
  checkShape(label, "weight", weight, [C]);
  const rstd = trace.activation(`${label} rstd`, [N]);
  trace.call(
    forwardKernel,
    { N, C, C4: width4(x), EPS: eps, ...weightBits(weight), ...rowConstants(trace) },
    { x, W: weight, y, rstd },
    grid(N, 1),
  );
  return rstd;
}

/** The gradient of x where it has a place, and that of the weight where it is trained. */
export function backwardRows(
  trace: Trace,
  dy: Tensor,
  weight: Tensor,
  { x, rstd }: { readonly x: Tensor; readonly rstd: Tensor },
  dx: GradientTarget | undefined,
): void {
  if (dx) {
    const [N, C] = x.shape as [number, number];
    const constants = { N, C, C4: width4(x), ACCUMULATE: dx.accumulate };
    trace.call(
      backwardKernel,
      { ...constants, ...weightBits(weight), ...rowConstants(trace) },
      { dy, x, W: weight, rstd, dx: dx.tensor },
      grid(N, 1),
    );
  }
  sumColumns(trace, dy, weight, { x, rstd });
}
