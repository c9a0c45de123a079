import { describe, expect, it } from "vitest";
import type { Dtype } from "../gpu/tensor";
import { type Tiling, workgroupTiling } from "../gpu/tiling";
import { activation, checkOp, frozen, trained } from "./checkOp";
import { headLoss } from "./headLoss";
import { inputGradient } from "./product";
import { indices, normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { Harness } from "./testing/harness";
import { headLossTwin } from "./twins/headLoss.twin";
import { matrix } from "./twins/matrix.twin";

const device = await defaultDevice(navigator.gpu);

interface Case {
  R: number;
  C: number;
  V: number;
  lossRows: number;
  dtype?: Dtype;
  trainWeight?: boolean;
  backwardTolerance?: number;
  blockBytes?: number;
  /** A weight over it lies in blocks of rows. */
  maxBindingBytes?: number;
}

function check(c: Case, tiling?: Tiling) {
  const { R, C, V, lossRows, dtype = "f32", trainWeight = false, backwardTolerance = 2e-6 } = c;
  const attributes = { label: "head", ...(c.blockBytes && { blockBytes: c.blockBytes }) };
  const name = `headLoss ${R} ${C} ${V}`;
  const weight = normal(`${name} weight`, [V, C], { deviation: 2 * C ** -0.5, dtype });
  const targets = indices(`${name} targets`, R, V);
  const counts = { lossRows, inverseTokens: 1 / 37 };
  return checkOp(device, {
    operands: {
      hidden: activation(normal(`${name} hidden`, [R, C])),
      weight: trainWeight ? trained(weight) : frozen(weight),
      targets: frozen(targets),
      stats: frozen(normal(`${name} stats`, [4])),
    },
    step: counts,
    build: (trace, operands) => headLoss(trace, operands, attributes),
    twin: ({ hidden, weight }) => {
      const result = headLossTwin(matrix(hidden, R, C), matrix(weight, V, C), targets.values, counts);
      return {
        output: result.losses,
        gradients: { hidden: result.gradients.hidden.values, weight: result.gradients.weight.values },
      };
    },
    tolerance: { forward: 1e-6, backward: backwardTolerance },
    tiling,
    maxBindingBytes: c.maxBindingBytes,
  });
}

describe("headLoss", () => {
  const cases: Case[] = [
    { R: 1, C: 1, V: 1, lossRows: 1 },
    { R: 7, C: 13, V: 131, lossRows: 7, trainWeight: true },
    { R: 66, C: 20, V: 70, lossRows: 61, dtype: "f16" },
    { R: 5, C: 33, V: 301, lossRows: 3, dtype: "bf16" },
    { R: 5, C: 8, V: 9, lossRows: 0 },
    // Two blocks of 128 rows at most, the second of three rows, one of which does not count.
    { R: 131, C: 13, V: 50, lossRows: 130, blockBytes: 129 * 52 * 4, trainWeight: true },
    { R: 66, C: 5, V: 9, lossRows: 20, blockBytes: 1 },
    // The weight in four blocks of 64 rows, the last of nine.
    { R: 70, C: 13, V: 201, lossRows: 69, dtype: "bf16", maxBindingBytes: 64 * 16 * 2 },
    // A sum of so many terms in order loses a few bits.
    { R: 2, C: 1, V: 131_077, lossRows: 2, backwardTolerance: 1e-5 },
  ];
  it.each(cases)("agrees with its twin: %j", async (c) => {
    const errors = await check(c);
    expect(errors.size).toBe(c.trainWeight ? 3 : 2);
  });

  it("agrees with its twin through workgroup memory, a sum over the vocabulary in two parts", async () => {
    const c: Case = {
      R: 67,
      C: 13,
      V: 4105,
      lossRows: 66,
      blockBytes: 65 * 4108 * 4,
      backwardTolerance: 1e-5,
    };
    expect((await check(c, workgroupTiling)).size).toBe(2);
  });

  it("has the same gradient to the last bit from a weight in blocks of rows", async () => {
    const [R, C, V] = [3, 5, 12_300]; // sums in two and two parts
    const harness = await Harness.open(device, { tiling: workgroupTiling });
    const dy = await harness.upload("dy", normal("blocks dy", [R, V]), "activation");
    const weight = normal("blocks weight", [V, C], { dtype: "bf16" });
    for (const [name, rows] of Object.entries({ whole: V, blocks: 8192 })) {
      const W = await harness.upload(name, weight, "parameter", rows * 8 * 2);
      expect(W.blocks?.length ?? 1).toBe(Math.ceil(V / rows));
      const dx = harness.trace.activation(name, [R, C]);
      inputGradient(harness.trace, { dy, weight: W, dx: { tensor: dx, accumulate: false } });
      await harness.keep(name, dx);
    }
    const results = await harness.run();
    expect(results.get("blocks")!.bytes).toEqual(results.get("whole")!.bytes);
  });

  it("adds the mean loss to the first entry of stats", async () => {
    const [R, C, V] = [70, 8, 50];
    const counts = { lossRows: 67, inverseTokens: 1 / 67 };
    const harness = await Harness.open(device, { step: counts, training: false });
    const [hidden, weight] = [normal("mean hidden", [R, C]), normal("mean weight", [V, C])];
    const [targets, stats] = [indices("mean targets", R, V), normal("mean stats", [4])];
    const operands = {
      hidden: await harness.upload("hidden", hidden, "activation"),
      weight: await harness.upload("weight", weight),
      targets: await harness.upload("targets", targets),
      stats: await harness.upload("stats", stats),
    };
    headLoss(harness.trace, operands, { label: "head" });
    await harness.keep("stats", operands.stats);
    const result = (await harness.run()).get("stats")!.values;
    const { loss } = headLossTwin(
      matrix(hidden.values, R, C),
      matrix(weight.values, V, C),
      targets.values,
      counts,
    );
    expect(result[0]! / (stats.values[0]! + loss)).toBeCloseTo(1, 6);
    expect(result.slice(1)).toEqual(stats.values.slice(1));
  });
});
