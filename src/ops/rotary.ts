// Rotary position embedding, in place. Shapes: x [B·T, H·D], angles [positions·D], (cos, sin) pairs by position.
import stepLib from "../../shaders/lib/step.wgsl?raw";
import source from "../../shaders/rotary.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { defineKernel, defineOp, grid, rowsOf, width4 } from "./op";
import type { Trace } from "./trace";

const kernel = defineKernel("rotary", stepLib, source);

export type RotaryInputs = { readonly x: Tensor; readonly angles: Tensor };
export interface RotaryAttributes {
  readonly label: string;
  /** Rows of one sequence: position of row n is the step's position + n mod T. */
  readonly sequenceLength: number;
  readonly headDim: number;
}

function rotate(
  trace: Trace,
  x: Tensor,
  angles: Tensor,
  attributes: RotaryAttributes,
  direction: 1 | -1,
): void {
  const { sequenceLength, headDim } = attributes;
  const N = rowsOf(x);
  const HEADS = x.shape[1]! / headDim;
  const HALF = headDim / 2;
  trace.call(
    kernel,
    { N, T: sequenceLength, HEADS, HALF, WIDTH: 4 * width4(x), DIRECTION: direction },
    { step: trace.inputs.step, angles, x },
    grid(N * HEADS * HALF),
  );
}

export const rotary = defineOp<RotaryInputs, RotaryAttributes, undefined>({
  name: "rotary",

  forward(trace, { x, angles }, attributes) {
    rotate(trace, x, angles, attributes, 1);
    return { output: trace.alias(x, attributes.label), saved: undefined };
  },

  // A rotation's transpose is the rotation back.
  backward(trace, dy, { x, angles }, _saved, attributes) {
    rotate(trace, dy, angles, attributes, -1);
    trace.passGradient(x, dy);
  },
});

/**
 * The table of angles for positions 0 … length − 1: [length, D/2] pairs (cos θ, sin θ) with
 * θ = position · ropeTheta^(−2i/D). Computed in f64.
 */
export function rotaryAngles(length: number, headDim: number, ropeTheta: number): Float32Array {
  const half = headDim / 2;
  const table = new Float32Array(length * headDim);
  for (let i = 0; i < half; i++) {
    // Transformers keeps the frequencies in f32; the same rounding keeps far positions in step with it.
    const frequency = Math.fround(1 / ropeTheta ** ((2 * i) / headDim));
    for (let position = 0; position < length; position++) {
      const angle = Math.fround(position * frequency);
      table[(position * half + i) * 2] = Math.cos(angle);
      table[(position * half + i) * 2 + 1] = Math.sin(angle);
    }
  }
  return table;
}
