import { describe, expect, test } from "vitest";
import type { RunHistory } from "../../studio/messages";
import { countUntil, lossRows, mostEvaluations, smooth } from "./lossRows";

function historyOf(losses: readonly number[], evaluations: readonly [number, number][] = []): RunHistory {
  return {
    steps: losses.map((loss, index) => ({
      type: "step" as const,
      step: index + 1,
      loss,
      learningRate: 1e-3,
      gradNorm: 1,
      targetTokens: 10,
      tokens: 20,
      stepMs: 5,
    })),
    evaluations: evaluations.map(([step, loss]) => ({ type: "evaluation" as const, step, loss })),
    deltas: [],
  };
}

describe("smooth", () => {
  test("weight 0 changes nothing", () => expect(smooth([3, 1, 2], 0)).toEqual([3, 1, 2]));
  test("a constant stays itself from the first point on", () => {
    for (const value of smooth([2, 2, 2, 2], 0.9)) expect(value).toBeCloseTo(2, 12);
  });
  test("weights by hand", () => {
    // (0.25·4 + 0.5·8) / 0.75
    expect(smooth([4, 8], 0.5)[1]).toBeCloseTo(20 / 3, 12);
  });
  test("a NaN does not spread", () => {
    expect(smooth([1, Number.NaN, 1], 0.5)).toEqual([1, Number.NaN, 1]);
  });
});

describe("lossRows", () => {
  const all = { smoothing: 0, first: 0, last: 100, buckets: 50 };

  test("training and validation meet in the rows of their steps", () => {
    const rows = lossRows(
      historyOf(
        [3, 2, 1],
        [
          [0, 3.5],
          [2, 2.5],
        ],
      ),
      all,
    );
    expect(rows).toEqual([
      { step: 0, train: undefined, smoothed: undefined, validation: 3.5 },
      { step: 1, train: 3, smoothed: 3 },
      { step: 2, train: 2, smoothed: 2, validation: 2.5 },
      { step: 3, train: 1, smoothed: 1 },
    ]);
  });

  test("the zoom cuts both, and smoothing still knows what came before", () => {
    const rows = lossRows(historyOf([4, 8, 6], [[1, 5]]), { ...all, smoothing: 0.5, first: 2, last: 2 });
    expect(rows).toEqual([{ step: 2, train: 8, smoothed: 20 / 3 }]);
  });

  test("10,000 steps make few rows and keep the extremes of 500 evaluations", () => {
    const losses = Array.from({ length: 10_000 }, (_, index) => 3 + Math.sin(index));
    const evaluations = Array.from({ length: 500 }, (_, index) => [index * 20, 3] as [number, number]);
    evaluations[321] = [6420, 7];
    const rows = lossRows(historyOf(losses, evaluations), { ...all, last: 10_000, buckets: 200 });
    expect(rows.length).toBeLessThanOrEqual(402 + mostEvaluations);
    expect(rows.filter(({ validation }) => validation !== undefined).length).toBeLessThanOrEqual(
      mostEvaluations,
    );
    expect(rows.find(({ step }) => step === 6420)?.validation).toBe(7);
  });

  test("a loss that is no number is left out", () => {
    expect(lossRows(historyOf([1, Number.NaN]), all)[1]).toEqual({
      step: 2,
      train: undefined,
      smoothed: undefined,
    });
  });
});

test("countUntil finds the place of a step", () => {
  const steps = [2, 4, 6].map((step) => ({ step }));
  expect([1, 2, 3, 6, 7].map((step) => countUntil(steps, step))).toEqual([0, 0, 1, 2, 3]);
});
