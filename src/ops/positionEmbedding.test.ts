import { describe, expect, it } from "vitest";
import type { Dtype } from "../gpu/tensor";
import { activation, checkOp, frozen, trained } from "./checkOp";
import { positionEmbedding } from "./positionEmbedding";
import { normal } from "./testing/arrays";
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
}

describe("positionEmbedding", () => {
  const cases: Case[] = [
    { N: 1, T: 1, C: 1, positions: 1, train: true },
    { N: 21, T: 7, C: 13, positions: 9, train: true },
    { N: 134, T: 67, C: 6, positions: 67, dtype: "bf16" },
    { N: 3, T: 3, C: 30, positions: 40, start: 37, dtype: "f16" },
  ];
  it.each(cases)("agrees with its twin: %j", async (c) => {
    const { N, T, C, positions, start = 0, dtype = "f32", train = false } = c;
    const name = JSON.stringify(c);
    const weight = normal(`${name} weight`, [positions, C], { dtype });
    const errors = await checkOp(device, {
      operands: {
        x: activation(normal(`${name} x`, [N, C])),
        weight: train ? trained(weight) : frozen(weight),
      },
      step: { position: start },
      dOutput: normal(`${name} dy`, [N, C]),
      build: (trace, operands) => positionEmbedding(trace, operands, { label: "wpe", sequenceLength: T }),
      twin: ({ x, weight }, dOutput) => ({
        output: positionForward(matrix(x, N, C), matrix(weight, positions, C), T, start).values,
        gradients: { x: dOutput, weight: positionBackward(matrix(dOutput, N, C), positions, T).values },
      }),
      tolerance: { forward: 1e-6, backward: 1e-6 },
    });
    expect(errors.size).toBe(train ? 3 : 2);
  });
});
