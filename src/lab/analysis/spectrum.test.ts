// Factored and dense computation must agree, for thin, wide and rank-deficient factors alike.
import { Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { amplificationOf } from "./amplification";
import type { LowRankChange } from "./lowRankAdapter";
import { spectrumOf, svdOfChange } from "./spectrum";
import { gaussian, svd } from "./thinMatrix";
import { topDirections } from "./topDirections";
import { normOf, type Weight } from "./weight";

function change(
  out: number,
  rank: number,
  into: number,
  scaling = 2,
  zero: "A" | "B" | "" = "",
): LowRankChange {
  const values = (rows: number, columns: number, half: "A" | "B") => {
    const size = half === zero ? 0 : 1;
    return Float32Array.from(gaussian(rows, columns, 5, half).to1DArray(), (value) => size * value);
  };
  return {
    path: "layers.0.q_proj",
    scaling,
    rank,
    outFeatures: out,
    inFeatures: into,
    loraA: values(rank, into, "A"),
    loraB: values(out, rank, "B"),
  };
}

/** Float32, so that the weight's own values are the reference. */
function weight(out: number, into: number, fall = 1): Weight {
  const { left, right } = svd(gaussian(out, into, 9, "weight"));
  const values = left
    .mmul(Matrix.diag(left.to2DArray()[0]!.map((_, i) => fall ** i)))
    .mmul(right.transpose());
  return { values: Float32Array.from(values.to1DArray()), outFeatures: out, inFeatures: into };
}

const dense = ({ loraA, loraB, scaling, rank, inFeatures, outFeatures }: LowRankChange) =>
  Matrix.mul(
    Matrix.from1DArray(outFeatures, rank, loraB).mmul(Matrix.from1DArray(rank, inFeatures, loraA)),
    scaling,
  );

const distance = (a: Matrix, b: Matrix) => Matrix.sub(a, b).norm("frobenius") / (b.norm("frobenius") || 1);

describe("svdOfChange", () => {
  const shapes = [
    [1, 1, 1],
    [40, 1, 24],
    [24, 8, 40],
    [17, 5, 13],
    [3, 7, 5], // more directions than the weight has
    [5, 4, 3],
  ] as const;
  for (const [out, rank, into] of shapes) {
    it(`puts ΔW [${out}, ${into}] of rank ${rank} together again`, () => {
      const given = change(out, rank, into);
      const { left, singularValues, right } = svdOfChange(given);
      const k = Math.min(out, rank, into);
      expect(singularValues).toHaveLength(k);
      expect([...singularValues].sort((a, b) => b - a)).toEqual(singularValues);
      expect(
        distance(left.mmul(Matrix.diag([...singularValues])).mmul(right.transpose()), dense(given)),
      ).toBeLessThan(1e-12);
      for (const side of [left, right]) {
        expect(distance(side.transpose().mmul(side), Matrix.eye(k))).toBeLessThan(1e-12);
      }
      expect(spectrumOf(given, svdOfChange(given), 4).relativeNorm! * 4).toBeCloseTo(
        dense(given).norm("frobenius"),
        9,
      );
    });
  }

  it("sees that a factor repeats itself", () => {
    const given = change(20, 4, 30);
    given.loraB.forEach((_, at) => {
      given.loraB[at] = given.loraB[at - (at % 4)]!; // four equal columns
    });
    const found = svdOfChange(given);
    const { effectiveRank, stableRank } = spectrumOf(given, found, null);
    expect(effectiveRank).toBeCloseTo(1, 9);
    expect(stableRank).toBeCloseTo(1, 9);
    expect(amplificationOf(given, found, weight(20, 30), 0)).toMatchObject({ rank: 1 });
  });

  it("knows a change of nothing", () => {
    const given = change(20, 4, 30, 2, "B");
    const found = svdOfChange(given);
    expect(spectrumOf(given, found, 3)).toMatchObject({
      norm: 0,
      effectiveRank: 0,
      stableRank: 0,
      relativeNorm: 0,
    });
    expect(amplificationOf(given, found, weight(20, 30), 0)).toBeNull();
  });

  it("counts equal singular values in full", () => {
    const given = { ...change(4, 4, 4, 3), loraA: identity(4), loraB: identity(4) };
    const { effectiveRank, stableRank, norm } = spectrumOf(given, svdOfChange(given), null);
    expect([effectiveRank, stableRank, norm]).toEqual([
      expect.closeTo(4, 9),
      expect.closeTo(4, 9),
      expect.closeTo(6, 9),
    ]);
  });

  it("refuses factors that are not finite", () => {
    const given = change(8, 2, 8);
    given.loraA[3] = Number.NaN;
    expect(() => svdOfChange(given)).toThrow("layers.0.q_proj.lora_A: expected finite values, got NaN");
  });
});

describe("topDirections", () => {
  for (const [out, into, fall] of [
    [60, 90, 0.7],
    [90, 60, 0.98],
    [50, 50, 1],
    [6, 4, 0.5],
  ] as const) {
    it(`finds the largest of a [${out}, ${into}] whose values fall by ${fall}`, () => {
      const given = weight(out, into, fall);
      const full = svd(Matrix.from1DArray(out, into, given.values));
      const { left, right, singularValues } = topDirections(given, 5, 0, "start");
      const expected = full.singularValues.slice(0, 5);
      expected.forEach((value, index) => {
        expect(singularValues[index]! / value).toBeCloseTo(1, 6);
      });
      const caught = left
        .transpose()
        .mmul(Matrix.from1DArray(out, into, given.values))
        .mmul(right);
      expect(caught.norm("frobenius") / Math.hypot(...expected)).toBeCloseTo(1, 7);
    });
  }

  it("does not turn round and round on a weight of zeros", () => {
    const zeros = { values: new Float32Array(200), outFeatures: 10, inFeatures: 20 };
    expect(topDirections(zeros, 3, 0, "start").singularValues).toEqual([0, 0, 0]);
  });
});

describe("amplificationOf", () => {
  it("is the share of W along the change's own directions", () => {
    const given = change(30, 3, 20);
    const found = svdOfChange(given);
    // W = 5·ΔW/‖ΔW‖ + nothing: its strongest directions are those of ΔW.
    const norm = Math.hypot(...found.singularValues);
    const values = Float32Array.from(Matrix.mul(dense(given), 5 / norm).to1DArray());
    const amplified = amplificationOf(given, found, { values, outFeatures: 30, inFeatures: 20 }, 0)!;
    expect(amplified.throughChange).toBeCloseTo(5, 5);
    expect(amplified.throughWeight).toBeCloseTo(5, 5);
    expect(amplified.factor).toBeCloseTo(norm / 5, 5);
    expect(amplified.throughRandom).toBeLessThan(2);
  });

  it("refuses the weight of another model", () => {
    const given = change(12, 3, 20);
    expect(() => amplificationOf(given, svdOfChange(given), weight(20, 12), 0)).toThrow(
      "layers.0.q_proj: expected weight [12, 20] as the adapter has it, got [20, 12]",
    );
  });

  it("measures a weight as long as its values are", () => {
    expect(normOf({ values: Float32Array.of(3, -4) })).toBe(5);
  });
});

const identity = (size: number) =>
  Float32Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0));
