import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linearTicks, logTicks } from "./ticks";

describe("linearTicks", () => {
  test.each([
    [1.1, 3.3, [1, 1.5, 2, 2.5, 3, 3.5]],
    [0.02, 0.09, [0.02, 0.04, 0.06, 0.08, 0.1]],
    [2, 2, [2, 2.02]],
    [0, 0, [0, 0.2]],
  ])("%f to %f", (low, high, expected) => {
    expect(linearTicks(low, high, 5)).toEqual(expected);
  });

  test("cover the range, ascend, and stay few", () => {
    const value = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(value, value, (left, right) => {
        const [low, high] = [Math.min(left, right), Math.max(left, right)];
        const ticks = linearTicks(low, high, 5);
        expect(ticks.length).toBeLessThanOrEqual(8);
        expect(ticks[0]!).toBeLessThanOrEqual(low * (1 + 1e-9));
        expect(ticks.at(-1)!).toBeGreaterThanOrEqual(high * (1 - 1e-9));
        expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
      }),
    );
  });
});

test.each([
  [0.3, 4, [0.2, 0.5, 1, 2, 5]],
  [1, 10, [1, 2, 5, 10]],
  [1.2, 1.3, [1, 2]],
])("logTicks from %f to %f", (low, high, expected) => {
  expect(logTicks(low, high)).toEqual(expected);
});
