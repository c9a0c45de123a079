// φ has known values for subspaces made to order.
import { describe, expect, it } from "vitest";
import type { LowRankChange } from "./lowRankAdapter";
import { type SimilarityGrid, similarityOf, similarityToRandom } from "./similarity";
import { gaussian } from "./thinMatrix";

/** A's rows are the input's axes `axes`, the first one strongest; B's columns are random. */
function alongAxes(axes: readonly number[], inFeatures: number, seed: number): LowRankChange {
  const rank = axes.length;
  const outFeatures = 30;
  const loraA = new Float32Array(rank * inFeatures);
  axes.forEach((axis, row) => {
    loraA[row * inFeatures + axis] = 10 - row;
  });
  const loraB = Float32Array.from(gaussian(outFeatures, rank, seed, "B").to1DArray());
  return { path: "layers.0.v_proj", scaling: 1, rank, inFeatures, outFeatures, loraA, loraB };
}

const values = (grid: SimilarityGrid) => grid.map((row) => row.map((value) => Number(value.toFixed(9))));

describe("similarityOf", () => {
  it("counts shared directions over the smaller number", () => {
    const { right } = similarityOf(alongAxes([4, 1, 2], 9, 0), alongAxes([2, 4], 9, 1));
    expect(values(right)).toEqual([
      [0, 1],
      [0, 0.5],
      [1, 1],
    ]);
  });

  it("is 1 on the diagonal of an adapter with itself, whatever the scaling", () => {
    const given = alongAxes([3, 1, 7, 5], 9, 0);
    const { left, right } = similarityOf(given, { ...given, scaling: -0.25 });
    for (let i = 0; i < 4; i++) {
      expect(left[i]![i]).toBeCloseTo(1, 12);
      expect(right[i]![i]).toBeCloseTo(1, 12);
    }
  });

  it("turns with the two adapters", () => {
    const [one, other] = [alongAxes([0, 3, 5], 9, 0), alongAxes([3, 5, 6, 7], 9, 2)];
    const there = similarityOf(one, other).left;
    const back = similarityOf(other, one).left;
    expect(values(there)).toEqual(values(there.map((row, i) => row.map((_, j) => back[j]![i]!))));
  });

  it("has no row for a direction that is not there", () => {
    const one = alongAxes([0, 3, 5], 9, 0);
    one.loraA.fill(0, 9); // only the first row is left
    const { left, right } = similarityOf(one, alongAxes([3, 5], 9, 1));
    expect([right.length, left.length]).toEqual([1, 3]);
    one.loraB.fill(0);
    expect(similarityOf(one, one).left).toEqual([]);
  });

  it("refuses adapters of different models", () => {
    expect(() => similarityOf(alongAxes([0], 9, 0), alongAxes([0], 8, 0))).toThrow(
      "layers.0.v_proj: expected two adapters of one model, got weights [30, 9] and [30, 8]",
    );
  });
});

describe("similarityToRandom", () => {
  it("is what chance gives: about j of n dimensions", () => {
    const given = alongAxes([0, 1, 2, 3, 4, 5, 6, 7], 400, 0);
    const { right } = similarityToRandom(given, 0);
    // E φ(8, 8) = 8/400 for two random subspaces.
    expect(right.at(-1)!.at(-1)).toBeGreaterThan(0.005);
    expect(right.at(-1)!.at(-1)).toBeLessThan(0.05);
    expect(similarityToRandom(given, 0)).toEqual(similarityToRandom(given, 0));
    expect(similarityToRandom(given, 1).right).not.toEqual(right);
  });
});
