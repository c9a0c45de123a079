import { describe, expect, it } from "vitest";
import type { Dtype } from "../gpu/tensor";
import { relativeError } from "./checkOp";
import { loraDeltaNorm, loraMerge } from "./loraDelta";
import { type TestAdapters, testAdapters } from "./testing/adapters";
import { array, normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { Harness } from "./testing/harness";
import { type Matrix, matrix, plus, product, scale } from "./twins/matrix.twin";

const device = await defaultDevice(navigator.gpu);

interface Case {
  inFeatures: number;
  outFeatures: number;
  rank: number;
  dtype: Dtype;
}

type Features = Pick<Case, "inFeatures" | "outFeatures">;

/** scaling·B·A of one cell, or nothing where it does not adapt the layer. */
function deltaOf(adapters: TestAdapters, cell: number, { inFeatures, outFeatures }: Features): Matrix {
  const rank = adapters.ranks[cell]!;
  const factors = adapters.factorsOf(adapters.factors.values, cell);
  if (!factors) return matrix(new Float64Array(outFeatures * inFeatures), outFeatures, inFeatures);
  const B = matrix(factors.loraB, outFeatures, rank);
  return scale(product(B, matrix(factors.loraA, rank, inFeatures)), adapters.scalings[cell]!);
}

const normOf = ({ values }: Matrix): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

const cases: Case[] = [
  { inFeatures: 1, outFeatures: 1, rank: 1, dtype: "f32" },
  { inFeatures: 37, outFeatures: 70, rank: 3, dtype: "f16" },
  { inFeatures: 131, outFeatures: 66, rank: 20, dtype: "bf16" },
  { inFeatures: 64, outFeatures: 36, rank: 72, dtype: "f32" },
];

describe.each(cases)("loraDelta, %j", ({ inFeatures, outFeatures, rank, dtype }) => {
  const name = `delta ${inFeatures} ${outFeatures} ${rank}`;
  const weight = normal(`${name} W`, [outFeatures, inFeatures], { dtype });
  const adapters = testAdapters(name, [rank], { inFeatures, outFeatures });
  const delta = deltaOf(adapters, 0, { inFeatures, outFeatures });

  it("merges W + s·B·A, and writes the norm of s·B·A to its entry alone", async () => {
    const harness = await Harness.open(device, { training: false });
    const { trace } = harness;
    const lowRank = {
      factors: await harness.upload("factors", adapters.factors),
      table: await harness.upload("table", adapters.table),
      ...{ ranks: [rank], dropout: 0 },
    };
    const merged = await harness.upload(
      "merged",
      array(weight.shape, weight.values.slice().fill(Number.NaN)),
    );
    const stats = await harness.upload("stats", array([8], [0, 1, 2, 3, 4, Number.NaN, 6, 7]));
    const W = await harness.upload("W", weight);
    loraMerge(trace, W, lowRank, merged);
    loraDeltaNorm(trace, W, lowRank, stats, 5);
    await harness.keep("merged", merged, "parameter");
    await harness.keep("stats", stats);
    const results = await harness.run();
    const wanted = plus(matrix(weight.values, outFeatures, inFeatures), delta);
    expect(relativeError(results.get("merged")!.values, wanted.values)).toBeLessThan(1e-6);
    const norm = normOf(delta);
    const entries = results.get("stats")!.values;
    expect(entries[5]! / norm).toBeCloseTo(1, 5);
    entries[5] = 5;
    expect([...entries]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

it("writes the norm of each cell of a race to an entry of its own", async () => {
  const features = { inFeatures: 33, outFeatures: 70 };
  const adapters = testAdapters("delta race", [3, 0, 64, 8], features);
  const harness = await Harness.open(device, { training: false });
  const lowRank = {
    factors: await harness.upload("factors", adapters.factors),
    table: await harness.upload("table", adapters.table),
    ...{ ranks: adapters.ranks, dropout: 0 },
  };
  const W = await harness.upload("W", normal("delta race W", [features.outFeatures, features.inFeatures]));
  const stats = await harness.upload(
    "stats",
    array([7], [1, 2, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 7]),
  );
  loraDeltaNorm(harness.trace, W, lowRank, stats, 2);
  await harness.keep("stats", stats);
  const entries = [...(await harness.run()).get("stats")!.values];
  expect(entries.slice(0, 2)).toEqual([1, 2]);
  expect(entries[6]).toBe(7);
  adapters.ranks.forEach((_, cell) => {
    const norm = normOf(deltaOf(adapters, cell, features));
    expect(Math.abs(entries[2 + cell]! - norm)).toBeLessThanOrEqual(1e-5 * norm);
  });
});
