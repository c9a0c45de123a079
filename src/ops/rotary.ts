// Rotary position embedding, in place. Shapes: x [B·T, H·D], angles [positions·D], (cos, sin) pairs by position,
// segments [B·T, 2] (see segments.ts).
import stepLib from "../../shaders/lib/step.wgsl?raw";
import source from "../../shaders/rotary.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { defineKernel, defineOp, grid, rowsOf, width4 } from "./op";
import type { Trace } from "./trace";

const kernel = defineKernel("rotary", stepLib, source);

export type RotaryInputs = {
  readonly x: Tensor;
  readonly angles: Tensor;
  /** Positions count from where a row's example begins; without them, from the sequence's first row. */
  readonly segments?: Tensor | undefined;
};
export interface RotaryAttributes {
  readonly label: string;
  /** Rows of one sequence: row n stands at the step's position + n mod T, or at its place in its example. */
  readonly sequenceLength: number;
  readonly headDim: number;
}

function rotate(
  trace: Trace,
  { x, angles, segments }: RotaryInputs,
  attributes: RotaryAttributes,
  direction: 1 | -1,
): void {
  const { sequenceLength, headDim } = attributes;
  const N = rowsOf(x);
  const HEADS = x.shape[1]! / headDim;
  const HALF = headDim / 2;
  trace.call(
    kernel,
    {
      N,
      T: sequenceLength,
      HEADS,
      HALF,
      WIDTH: 4 * width4(x),
      DIRECTION: direction,
      SEGMENTED: segments ? 1 : 0,
    },
    { step: trace.inputs.step, angles, segments: segments ?? trace.inputs.nothing, x },
    grid(N * HEADS * HALF),
  );
}

export const rotary = defineOp<RotaryInputs, RotaryAttributes, undefined>({
  name: "rotary",

  forward(trace, inputs, attributes) {
    rotate(trace, inputs, attributes, 1);
    return { output: trace.alias(inputs.x, attributes.label), saved: undefined };
  },

  // A rotation's transpose is the rotation back.
  backward(trace, dy, inputs, _saved, attributes) {
    rotate(trace, { ...inputs, x: dy }, attributes, -1);
    trace.passGradient(inputs.x, dy);
  },
});

/**
 * The table of angles for positions 0 … length − 1: [length, D/2] pairs (cos θ, sin θ), θ = position · frequency.
 * @param frequencies radians per position [D/2], in f32 as in transformers
 */
export function rotaryAngles(length: number, frequencies: Float32Array): Float32Array<ArrayBuffer> {
  const half = frequencies.length;
  const table = new Float32Array(length * half * 2);
  for (let position = 0; position < length; position++) {
    for (let i = 0; i < half; i++) {
      const angle = Math.fround(position * frequencies[i]!);
      table[(position * half + i) * 2] = Math.cos(angle);
      table[(position * half + i) * 2 + 1] = Math.sin(angle);
    }
  }
  return table;
}
