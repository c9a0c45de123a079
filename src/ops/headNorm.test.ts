import { describe, expect, it } from "vitest";
import { activation, checkOp, frozen, trained } from "./checkOp";
import { headNorm } from "./headNorm";
import { normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { matrix } from "./twins/matrix.twin";
import { rmsNormBackward, rmsNormForward } from "./twins/rmsNorm.twin";

const device = await defaultDevice(navigator.gpu);

describe("headNorm", () => {
  // Without padding, and with heads that are no multiple of four. The twin sees every head as a row.
  it.each([
    { N: 1, heads: 1, headDim: 4, train: false },
    { N: 13, heads: 3, headDim: 8, train: true },
    { N: 67, heads: 2, headDim: 10, train: true },
    { N: 5, heads: 3, headDim: 7, train: false },
  ])("is rmsNorm of each head: %j", async ({ N, heads, headDim, train }) => {
    const name = `headNorm ${N} ${heads} ${headDim}`;
    const weight = normal(`${name} weight`, [headDim], { mean: 1, deviation: 0.3 });
    const eps = 1e-5;
    const rows = (values: Float64Array) => matrix(values, N * heads, headDim);
    const errors = await checkOp(device, {
      operands: {
        x: activation(normal(`${name} x`, [N, heads * headDim])),
        weight: train ? trained(weight) : frozen(weight),
      },
      dOutput: normal(`${name} dy`, [N, heads * headDim]),
      build: (trace, operands) => headNorm(trace, operands, { label: "norm", eps }),
      twin: ({ x, weight }, dOutput) => {
        const gradients = rmsNormBackward(rows(x), weight, eps, rows(dOutput));
        return {
          output: rmsNormForward(rows(x), weight, eps).values,
          gradients: { x: gradients.x.values, weight: gradients.weight },
        };
      },
      tolerance: { forward: 1e-6, backward: 2e-6 },
    });
    expect(errors.size).toBe(train ? 3 : 2);
  });
});
