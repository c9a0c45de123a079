import { describe, expect, it } from "vitest";
import type { Dtype } from "../gpu/tensor";
import { activation, checkOp, frozen, trained } from "./checkOp";
import { rmsNorm } from "./rmsNorm";
import { normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { matrix } from "./twins/matrix.twin";
import { rmsNormBackward, rmsNormForward } from "./twins/rmsNorm.twin";

const device = await defaultDevice(navigator.gpu);

interface Case {
  N: number;
  C: number;
  dtype?: Dtype;
  trainWeight?: boolean;
  deviation?: number;
  eps?: number;
}

function check({ N, C, dtype = "f32", trainWeight = false, deviation = 1, eps = 1e-5 }: Case) {
  const name = `rmsNorm ${N} ${C} ${dtype}`;
  const weight = normal(`${name} weight`, [C], { mean: 1, deviation: 0.3, dtype });
  return checkOp(device, {
    operands: {
      x: activation(normal(`${name} x`, [N, C], { deviation })),
      weight: trainWeight ? trained(weight) : frozen(weight),
    },
    dOutput: normal(`${name} dy`, [N, C]),
    build: (trace, { x, weight }) => rmsNorm(trace, { x, weight }, { label: "norm", eps }),
    twin: ({ x, weight }, dOutput) => {
      const gradients = rmsNormBackward(matrix(x, N, C), weight, eps, matrix(dOutput, N, C));
      return {
        output: rmsNormForward(matrix(x, N, C), weight, eps).values,
        gradients: { x: gradients.x.values, weight: gradients.weight },
      };
    },
    tolerance: { forward: 1e-6, backward: 2e-6 },
  });
}

describe("rmsNorm", () => {
  const cases: Case[] = [
    // With one column dx is what eps leaves of two terms that cancel: a large eps keeps it well-conditioned.
    { N: 1, C: 1, trainWeight: true, eps: 0.5 },
    { N: 131, C: 13, trainWeight: true },
    { N: 5, C: 299, dtype: "f16" },
    { N: 7, C: 258, dtype: "bf16" },
    { N: 3, C: 48, deviation: 2e-3 },
  ];
  it.each(cases)("agrees with its twin: %j", async (c) => {
    const errors = await check(c);
    expect(errors.size).toBe(c.trainWeight ? 3 : 2);
  });
});
