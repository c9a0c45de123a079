// The gated activation silu(gate)·up. Shapes: all [N, C]. Shazeer 2020.
import backward from "../../shaders/swiglu_backward.wgsl?raw";
import forward from "../../shaders/swiglu_forward.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { checkShape, defineKernel, defineOp, grid } from "./op";

const forwardKernel = defineKernel("swiglu_forward", forward);
const backwardKernel = defineKernel("swiglu_backward", backward);

export type SwigluInputs = { readonly gate: Tensor; readonly up: Tensor };

export const swiglu = defineOp<SwigluInputs, { readonly label: string }, undefined>({
  name: "swiglu",

  forward(trace, { gate, up }, { label }) {
    checkShape(label, "up", up, gate.shape);
    const y = trace.activation(label, gate.shape);
    const SIZE4 = y.sizeBytes / 16;
    trace.call(forwardKernel, { SIZE4 }, { gate, up, y }, grid(SIZE4));
    return { output: y, saved: undefined };
  },

  backward(trace, dy, { gate, up }, _saved, { label }) {
    const dgate = trace.firstGradient(gate) ?? trace.activation(`${label} unused`, gate.shape);
    const dup = trace.firstGradient(up) ?? trace.activation(`${label} unused`, up.shape);
    const SIZE4 = dy.sizeBytes / 16;
    trace.call(backwardKernel, { SIZE4 }, { dy, gate, up, dgate, dup }, grid(SIZE4));
  },
});
