import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunUpdate } from "../messages";
import { emptyHistory, extendHistory, paceOf, truncateHistory } from "./history";

const step = (n: number, stepMs = 10): RunUpdate & { type: "step" } => ({
  type: "step",
  step: n,
  loss: 3 / n,
  learningRate: 1e-3,
  gradNorm: 1,
  targetTokens: 8,
  tokens: 20,
  stepMs,
});
const evaluation = (n: number): RunUpdate & { type: "evaluation" } => ({
  type: "evaluation",
  step: n,
  loss: 2,
});

describe("extendHistory", () => {
  it("is the same however the updates are batched", () => {
    const updates: RunUpdate[] = [
      evaluation(0),
      step(1),
      { type: "delta", step: 1, norms: { a: 0.5 } },
      step(2),
      evaluation(2),
      { type: "saved", step: 2 },
      step(3),
      { type: "rewound", step: 2 },
      step(3),
      { type: "end", step: 3, outcome: "done" },
    ];
    const whole = extendHistory(emptyHistory, updates);
    expect(whole.steps.map((event) => event.step)).toEqual([1, 2, 3]);
    expect(whole.evaluations.map((event) => event.step)).toEqual([0, 2]);
    expect(whole.deltas).toHaveLength(1);
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: updates.length })), (cuts) => {
        const bounds = [0, ...cuts.sort((a, b) => a - b), updates.length];
        const parts = bounds.slice(1).map((end, i) => updates.slice(bounds[i], end));
        expect(parts.reduce(extendHistory, emptyHistory)).toEqual(whole);
      }),
    );
  });

  it("keeps the later of two evaluations of one step, as a run stopped and resumed there makes", () => {
    const again = { ...evaluation(4), loss: 1 };
    expect(extendHistory(emptyHistory, [evaluation(0), evaluation(4), again]).evaluations).toEqual([
      evaluation(0),
      again,
    ]);
    const before = extendHistory(emptyHistory, [evaluation(4)]);
    expect(extendHistory(before, [again]).evaluations).toEqual([again]);
  });
});

it("truncates to what had happened at a step", () => {
  const history = extendHistory(emptyHistory, [evaluation(0), step(1), step(2), evaluation(2), step(3)]);
  expect(truncateHistory(history, 2)).toEqual(
    extendHistory(emptyHistory, [evaluation(0), step(1), step(2), evaluation(2)]),
  );
  expect(truncateHistory(history, -1)).toEqual(emptyHistory);
});

it("takes the pace from the last twenty steps, without the first, which compiles", () => {
  const steps = [step(1, 9000), ...Array.from({ length: 30 }, (_, i) => step(i + 2, i < 10 ? 500 : 40))];
  const history = extendHistory(emptyHistory, steps);
  expect(paceOf(history, 100)).toEqual({ tokensPerSecond: 500, etaMs: 69 * 40 });
  expect(paceOf(extendHistory(emptyHistory, [step(1)]), 100)).toEqual({});
});
