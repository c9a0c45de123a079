// Layer norm: y = (x − mean(x)) / deviation(x) · weight + bias. Shapes: x, y [N, C], weight, bias [C]. Ba et al. 2016.
import backwardInput from "../../shaders/layer_norm_backward_input.wgsl?raw";
import forward from "../../shaders/layer_norm_forward.wgsl?raw";
import reduceLib from "../../shaders/lib/reduce.wgsl?raw";
import weightLib from "../../shaders/lib/weight.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { checkShape, defineKernel, defineOp, grid, rowConstants, weightBits, width4 } from "./op";
import { sumColumns } from "./product";

const forwardKernel = defineKernel("layer_norm_forward", weightLib, reduceLib, forward);
const backwardKernel = defineKernel("layer_norm_backward_input", weightLib, reduceLib, backwardInput);

export type LayerNormInputs = { readonly x: Tensor; readonly weight: Tensor; readonly bias: Tensor };
export interface LayerNormAttributes {
  readonly label: string;
  readonly eps: number;
}

/** x − mean(x) and 1 / deviation(x): all that backward needs, so that x itself may go. */
interface Saved {
  readonly centred: Tensor;
  readonly rstd: Tensor;
}

export const layerNorm = defineOp<LayerNormInputs, LayerNormAttributes, Saved>({
  name: "layerNorm",

  forward(trace, { x, weight, bias }, { label, eps }) {
    const [N, C] = x.shape as [number, number];
    checkShape(label, "weight", weight, [C]);
    checkShape(label, "bias", bias, [C]);
    const y = trace.activation(label, [N, C]);
    const centred = trace.activation(`${label} centred`, [N, C]);
    const rstd = trace.activation(`${label} rstd`, [N]);
    trace.call(
      forwardKernel,
      { N, C, C4: width4(x), EPS: eps, ...weightBits(weight), ...rowConstants(trace) },
      { x, W: weight, bias, y, centred, rstd },
      grid(N, 1),
    );
    return { output: y, saved: { centred, rstd } };
  },

  backward(trace, dy, { x, weight, bias }, { centred, rstd }) {
    const dx = trace.gradientTarget(x);
    if (dx) {
      const [N, C] = x.shape as [number, number];
      const constants = { N, C, C4: width4(x), ACCUMULATE: dx.accumulate };
      trace.call(
        backwardKernel,
        { ...constants, ...weightBits(weight), ...rowConstants(trace) },
        { dy, centred, W: weight, rstd, dx: dx.tensor },
        grid(N, 1),
      );
    }
    sumColumns(trace, dy, weight, { x: centred, rstd });
    sumColumns(trace, dy, bias);
  },
});
