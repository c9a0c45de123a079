import { describe, expect, it } from "vitest";
import { activation, checkOp, frozen, type Operand } from "./checkOp";
import { rotary, rotaryAngles } from "./rotary";
import { segmentsOf } from "./segments";
import { array, normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { matrix } from "./twins/matrix.twin";
import { rotaryBackward, rotaryForward } from "./twins/rotary.twin";

const device = await defaultDevice(navigator.gpu);

interface Case {
  N: number;
  T: number;
  heads: number;
  headDim: number;
  position: number;
  ropeTheta: number;
  /** Tokens of the examples in each sequence. */
  lengths?: number[][];
}

function check(c: Case): Promise<Map<string, number>> {
  const { N, T, heads, headDim, position, ropeTheta, lengths } = c;
  const segments = lengths && segmentsOf(lengths, T);
  const name = JSON.stringify(c);
  const shape = [N, heads * headDim];
  const attributes = { label: "rotary", sequenceLength: T, headDim };
  const twinAttributes = {
    headDim,
    sequenceLength: T,
    start: position,
    ropeTheta,
    ...(segments && { segments }),
  };
  const positions = position + T;
  const frequencies = Float32Array.from({ length: headDim / 2 }, (_, i) => ropeTheta ** ((-2 * i) / headDim));
  const operands: Record<string, Operand> = {
    x: activation(normal(`${name} x`, shape)),
    angles: frozen(array([positions * headDim], rotaryAngles(positions, frequencies))),
  };
  if (segments) operands.segments = frozen(array([2 * N], segments, "u32"));
  return checkOp(device, {
    operands,
    step: { position },
    dOutput: normal(`${name} dy`, shape),
    build: (trace, { x, angles, segments }) =>
      rotary(trace, { x: x!, angles: angles!, segments }, attributes),
    twin: ({ x }, dOutput) => ({
      output: rotaryForward(matrix(x!, N, heads * headDim), twinAttributes).values,
      gradients: { x: rotaryBackward(matrix(dOutput, N, heads * headDim), twinAttributes).values },
    }),
    // The table's angles are products in f32, as in Transformers: at position p they are off by p·2^-24 and more.
    tolerance: { forward: 1e-5, backward: 1e-5 },
  });
}

describe("rotary", () => {
  const cases: Case[] = [
    { N: 1, T: 1, heads: 1, headDim: 2, position: 0, ropeTheta: 10_000 },
    { N: 14, T: 7, heads: 3, headDim: 14, position: 0, ropeTheta: 10_000 },
    { N: 130, T: 65, heads: 2, headDim: 16, position: 0, ropeTheta: 500_000 },
    { N: 1, T: 1, heads: 4, headDim: 12, position: 37, ropeTheta: 1000 },
    {
      N: 22,
      T: 11,
      heads: 2,
      headDim: 6,
      position: 0,
      ropeTheta: 100,
      lengths: [
        [4, 7],
        [3, 1, 5],
      ],
    },
  ];
  it.each(cases)("agrees with its twin: %j", async (c) => {
    const errors = await check(c);
    expect([...errors.keys()]).toEqual(["output", "d x"]);
  });
});
