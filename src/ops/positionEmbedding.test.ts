import { describe, expect, it } from "vitest";
import type { Dtype } from "../gpu/tensor";
import { activation, checkOp, frozen, type Operand, trained } from "./checkOp";
import { positionEmbedding } from "./positionEmbedding";
import { segmentsOf } from "./segments";
import { array, normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { matrix } from "./twins/matrix.twin";
import { positionBackward, positionForward } from "./twins/positionEmbedding.twin";

const device = await defaultDevice(navigator.gpu);

interface Case {
  N: number;
  T: number;
  C: number;
  positions: number;
  start?: number;
  dtype?: Dtype;
  train?: boolean;
  /** Tokens of the examples in each sequence. */
  lengths?: number[][];
  /** A table over it lies in blocks of rows. */
  maxBindingBytes?: number;
}

describe("positionEmbedding", () => {
  const cases: Case[] = [
    { N: 1, T: 1, C: 1, positions: 1, train: true, lengths: [[1]] },
    { N: 21, T: 7, C: 13, positions: 9, train: true, lengths: [[7], [2, 4], [1, 1, 5]] },
    { N: 134, T: 67, C: 6, positions: 67, dtype: "bf16", maxBindingBytes: 64 * 8 * 2 },
    { N: 3, T: 3, C: 30, positions: 40, start: 37, dtype: "f16" },
  ];
  it.each(cases)("agrees with its twin: %j", async (c) => {
    const { N, T, C, positions, start = 0, dtype = "f32", train = false, lengths } = c;
    const segments = lengths && segmentsOf(lengths, T);
    const attributes = { sequenceLength: T, start, ...(segments && { segments }) };
    const name = JSON.stringify(c);
    const weight = normal(`${name} weight`, [positions, C], { dtype });
    const operands: Record<string, Operand> = {
      x: activation(normal(`${name} x`, [N, C])),
      weight: train ? trained(weight) : frozen(weight),
    };
    if (segments) operands.segments = frozen(array([2 * N], segments, "u32"));
    const errors = await checkOp(device, {
      operands,
      step: { position: start },
      maxBindingBytes: c.maxBindingBytes,
      dOutput: normal(`${name} dy`, [N, C]),
      build: (trace, { x, weight, segments }) =>
        positionEmbedding(trace, { x: x!, weight: weight!, segments }, { label: "wpe", sequenceLength: T }),
      twin: ({ x, weight }, dOutput) => ({
        output: positionForward(matrix(x!, N, C), matrix(weight!, positions, C), attributes).values,
        gradients: {
          x: dOutput,
          weight: positionBackward(matrix(dOutput, N, C), positions, attributes).values,
        },
      }),
      tolerance: { forward: 1e-6, backward: 1e-6 },
    });
    expect(errors.size).toBe(train ? 3 : 2);
  });
});
