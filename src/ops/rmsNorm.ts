// Root-mean-square norm: y = x / rms(x) · weight. Shapes: x, y [N, C], weight [C]. Zhang & Sennrich 2019.
import reduceLib from "../../shaders/lib/reduce.wgsl?raw";
import weightLib from "../../shaders/lib/weight.wgsl?raw";
import backwardInput from "../../shaders/rms_norm_backward_input.wgsl?raw";
import forward from "../../shaders/rms_norm_forward.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { checkShape, defineKernel, defineOp, grid, reduceConstants, rowsOf, weightBits, width4 } from "./op";
import { sumColumns } from "./product";

const forwardKernel = defineKernel("rms_norm_forward", weightLib, reduceLib, forward);
const backwardKernel = defineKernel("rms_norm_backward_input", weightLib, reduceLib, backwardInput);

export type RmsNormInputs = { readonly x: Tensor; readonly weight: Tensor };
export interface RmsNormAttributes {
  readonly label: string;
  readonly eps: number;
}

export const rmsNorm = defineOp<RmsNormInputs, RmsNormAttributes, { rstd: Tensor }>({
  name: "rmsNorm",

  forward(trace, { x, weight }, { label, eps }) {
    const [N, C] = x.shape as [number, number];
    checkShape(label, "weight", weight, [C]);
    const y = trace.activation(label, [N, C]);
    const rstd = trace.activation(`${label} rstd`, [N]);
    trace.call(
      forwardKernel,
      { N, C, C4: width4(x), EPS: eps, ...weightBits(weight), ...reduceConstants },
      { x, W: weight, y, rstd },
      grid(N, 1),
    );
    return { output: y, saved: { rstd } };
  },

  backward(trace, dy, { x, weight }, { rstd }) {
    const dx = trace.gradientTarget(x);
    if (dx) {
      const N = rowsOf(x);
      const constants = { N, C: x.shape[1]!, C4: width4(x), ACCUMULATE: dx.accumulate };
      trace.call(
        backwardKernel,
        { ...constants, ...weightBits(weight), ...reduceConstants },
        { dy, x, W: weight, rstd, dx: dx.tensor },
        grid(N, 1),
      );
    }
    sumColumns(trace, dy, weight, { x, rstd });
  },
});
