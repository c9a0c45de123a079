import { describe, expect, it } from "vitest";
import type { Dtype } from "../gpu/tensor";
import { relativeError } from "./checkOp";
import { loraDeltaNorm, loraMerge } from "./loraDelta";
import { array, normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { Harness } from "./testing/harness";
import { matrix, plus, product, scale } from "./twins/matrix.twin";

const device = await defaultDevice(navigator.gpu);

interface Case {
  inFeatures: number;
  outFeatures: number;
  rank: number;
  dtype: Dtype;
}

const cases: Case[] = [
  { inFeatures: 1, outFeatures: 1, rank: 1, dtype: "f32" },
  { inFeatures: 37, outFeatures: 70, rank: 3, dtype: "f16" },
  { inFeatures: 131, outFeatures: 66, rank: 20, dtype: "bf16" },
  { inFeatures: 64, outFeatures: 36, rank: 72, dtype: "f32" },
];

describe.each(cases)("loraDelta, %j", ({ inFeatures, outFeatures, rank, dtype }) => {
  const name = `delta ${inFeatures} ${outFeatures} ${rank}`;
  const weight = normal(`${name} W`, [outFeatures, inFeatures], { dtype });
  const A = normal(`${name} A`, [rank, inFeatures]);
  const B = normal(`${name} B`, [outFeatures, rank]);
  const scaling = 0.75;
  const delta = scale(
    product(matrix(B.values, outFeatures, rank), matrix(A.values, rank, inFeatures)),
    scaling,
  );

  it("merges W + s·B·A, and writes the norm of s·B·A to its entry alone", async () => {
    const harness = await Harness.open(device, { training: false });
    const { trace } = harness;
    const lowRank = {
      loraA: await harness.upload("A", A),
      loraB: await harness.upload("B", B),
      scaling,
    };
    const merged = await harness.upload(
      "merged",
      array(weight.shape, weight.values.slice().fill(Number.NaN)),
    );
    const stats = await harness.upload("stats", array([8], [0, 1, 2, 3, 4, Number.NaN, 6, 7]));
    loraMerge(trace, await harness.upload("W", weight), lowRank, merged);
    loraDeltaNorm(trace, lowRank, stats, 5);
    await harness.keep("merged", merged, "parameter");
    await harness.keep("stats", stats);
    const results = await harness.run();
    const wanted = plus(matrix(weight.values, outFeatures, inFeatures), delta);
    expect(relativeError(results.get("merged")!.values, wanted.values)).toBeLessThan(1e-6);
    const norm = Math.sqrt(delta.values.reduce((sum, value) => sum + value * value, 0));
    const entries = results.get("stats")!.values;
    expect(entries[5]! / norm).toBeCloseTo(1, 5);
    entries[5] = 5;
    expect([...entries]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
