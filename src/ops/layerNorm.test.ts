import { describe, expect, it } from "vitest";
import type { Dtype } from "../gpu/tensor";
import { activation, checkOp, frozen, trained } from "./checkOp";
import { layerNorm } from "./layerNorm";
import { normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { layerNormBackward, layerNormForward } from "./twins/layerNorm.twin";
import { matrix } from "./twins/matrix.twin";

const device = await defaultDevice(navigator.gpu);

interface Case {
  N: number;
  C: number;
  dtype?: Dtype;
  train?: boolean;
  mean?: number;
  eps?: number;
}

function check({ N, C, dtype = "f32", train = false, mean = 0, eps = 1e-5 }: Case) {
  const name = `layerNorm ${N} ${C} ${dtype}`;
  const role = train ? trained : frozen;
  return checkOp(device, {
    operands: {
      x: activation(normal(`${name} x`, [N, C], { mean })),
      weight: role(normal(`${name} weight`, [C], { mean: 1, deviation: 0.3, dtype })),
      bias: role(normal(`${name} bias`, [C])),
    },
    dOutput: normal(`${name} dy`, [N, C]),
    build: (trace, operands) => layerNorm(trace, operands, { label: "norm", eps }),
    twin: ({ x, weight, bias }, dOutput) => {
      const gradients = layerNormBackward(matrix(x, N, C), weight, eps, matrix(dOutput, N, C));
      return {
        output: layerNormForward(matrix(x, N, C), weight, bias, eps).values,
        gradients: { ...gradients, x: gradients.x.values },
      };
    },
    tolerance: { forward: 4e-6, backward: 4e-6 },
  });
}

describe("layerNorm", () => {
  const cases: Case[] = [
    // With few columns dx is what eps leaves of terms that cancel: a large eps keeps it well-conditioned.
    { N: 1, C: 2, train: true, eps: 0.5 },
    { N: 131, C: 13, train: true },
    { N: 5, C: 299, dtype: "f16", mean: 3 },
    { N: 7, C: 258, dtype: "bf16" },
    { N: 3, C: 48, mean: -5, train: true },
  ];
  it.each(cases)("agrees with its twin: %j", async (c) => {
    const errors = await check(c);
    expect(errors.size).toBe(c.train ? 4 : 2);
  });
});
