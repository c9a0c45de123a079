import { describe, expect, it } from "vitest";
import type { Dtype } from "../gpu/tensor";
import { activation, checkOp, frozen, type Operand, trained } from "./checkOp";
import { type LowRank, linear } from "./linear";
import { array, normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { dropoutMask, linearBackward, linearForward } from "./twins/linear.twin";
import { matrix } from "./twins/matrix.twin";

const device = await defaultDevice(navigator.gpu);

interface Case {
  N: number;
  inFeatures: number;
  outFeatures: number;
  rank?: number;
  dtype?: Dtype;
  bias?: boolean;
  residual?: boolean;
  trainWeight?: boolean;
  loraDropout?: number;
}

function check(c: Case) {
  const { N, inFeatures, outFeatures, rank = 0, dtype = "f32", loraDropout = 0 } = c;
  const name = JSON.stringify(c);
  const weight = normal(`${name} W`, [outFeatures, inFeatures], { deviation: inFeatures ** -0.5, dtype });
  const operands: Record<string, Operand> = {
    x: activation(normal(`${name} x`, [N, inFeatures])),
    weight: c.trainWeight ? trained(weight) : frozen(weight),
  };
  if (c.bias) operands.bias = trained(normal(`${name} bias`, [outFeatures]));
  if (c.residual) operands.residual = activation(normal(`${name} residual`, [N, outFeatures]));
  if (rank > 0) {
    operands.loraA = trained(normal(`${name} A`, [rank, inFeatures], { deviation: inFeatures ** -0.5 }));
    operands.loraB = trained(normal(`${name} B`, [outFeatures, rank]));
  }
  const scaling = 1.5;
  const dropoutStream = 77;
  if (loraDropout > 0) operands.stream = frozen(array([1], [dropoutStream], "u32"));
  const step = { seed: 4242, microStep: 9 };
  return checkOp(device, {
    operands,
    step,
    dOutput: normal(`${name} dy`, [N, outFeatures]),
    build: (trace, { x, weight, bias, residual, loraA, loraB, stream }) => {
      const dropout = stream && { probability: loraDropout, stream };
      const lowRank: LowRank | undefined = loraA && loraB ? { loraA, loraB, scaling, dropout } : undefined;
      return linear(trace, { x: x!, weight: weight!, bias, residual }, { label: "y", lowRank });
    },
    twin: (values, dOutput) => {
      const inputs = {
        x: matrix(values.x!, N, inFeatures),
        weight: matrix(values.weight!, outFeatures, inFeatures),
        bias: values.bias,
        residual: values.residual && matrix(values.residual, N, outFeatures),
        lowRank:
          values.loraA && values.loraB
            ? {
                loraA: matrix(values.loraA, rank, inFeatures),
                loraB: matrix(values.loraB, outFeatures, rank),
                scaling,
                ...(loraDropout > 0 && {
                  mask: dropoutMask(N, inFeatures, { p: loraDropout, dropoutStream, ...step }),
                }),
              }
            : undefined,
      };
      const { bias, ...gradients } = linearBackward(inputs, matrix(dOutput, N, outFeatures));
      const arrays = Object.fromEntries(
        Object.entries(gradients).map(([key, gradient]) => [key, gradient?.values]),
      );
      return { output: linearForward(inputs).values, gradients: { ...arrays, bias } };
    },
    tolerance: { forward: 1e-6, backward: 2e-6 },
  });
}

describe("linear", () => {
  const cases: Case[] = [
    { N: 1, inFeatures: 1, outFeatures: 1, rank: 1, bias: true, residual: true, trainWeight: true },
    { N: 7, inFeatures: 13, outFeatures: 11, rank: 3 },
    { N: 33, inFeatures: 68, outFeatures: 37, rank: 8, dtype: "f16", residual: true },
    { N: 67, inFeatures: 37, outFeatures: 130, rank: 20, dtype: "bf16", bias: true },
    { N: 65, inFeatures: 20, outFeatures: 66, rank: 64, loraDropout: 0.3 },
    { N: 130, inFeatures: 75, outFeatures: 34, rank: 72, loraDropout: 0.3, dtype: "bf16", residual: true },
    { N: 37, inFeatures: 131, outFeatures: 141, trainWeight: true, bias: true },
    { N: 70, inFeatures: 19, outFeatures: 23, dtype: "f16" },
  ];
  it.each(cases)("agrees with its twin: %j", async (c) => {
    const errors = await check(c);
    expect(errors.size).toBeGreaterThan(1);
  });
});
