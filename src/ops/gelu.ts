// The activation gelu, in the tanh form that GPT-2 uses. Shapes: x, y [N, C]. Hendrycks & Gimpel 2016.
import backward from "../../shaders/gelu_backward.wgsl?raw";
import forward from "../../shaders/gelu_forward.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { defineKernel, defineOp, grid } from "./op";

const forwardKernel = defineKernel("gelu_forward", forward);
const backwardKernel = defineKernel("gelu_backward", backward);

export const gelu = defineOp<{ readonly x: Tensor }, { readonly label: string }, undefined>({
  name: "gelu",

  forward(trace, { x }, { label }) {
    const y = trace.activation(label, x.shape);
    const SIZE4 = y.sizeBytes / 16;
    trace.call(forwardKernel, { SIZE4 }, { x, y }, grid(SIZE4));
    return { output: y, saved: undefined };
  },

  backward(trace, dy, { x }) {
    const dx = trace.firstGradient(x);
    if (!dx) return;
    const SIZE4 = dy.sizeBytes / 16;
    trace.call(backwardKernel, { SIZE4 }, { dy, x, dx }, grid(SIZE4));
  },
});
