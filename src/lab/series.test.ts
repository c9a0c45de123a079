// Curves that grow without copying what is there, and forget what an interruption undid.
import { expect, it } from "vitest";
import { emptySeries, withTrainPoint, withValidationPoint } from "./series";

const point = (step: number, loss = step / 2) => ({ step, loss, timeMs: 10 * step, tokens: 100 * step });

it("grows point by point; a view that was handed out stays as it was", () => {
  let series = emptySeries;
  const seen = [];
  for (let step = 1; step <= 200; step++) {
    series = withTrainPoint(series, point(step));
    seen.push(series);
  }
  expect([...series.step]).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  expect(series.loss[199]).toBe(100);
  expect([...seen[9]!.step]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  // Room is made ahead: a hundred points do not mean a hundred buffers.
  expect(new Set(seen.map(({ step }) => step.buffer)).size).toBeLessThan(5);
});

it("takes back what came after the step at which a run went on", () => {
  let series = emptySeries;
  for (const step of [1, 2, 3, 4, 5]) series = withTrainPoint(series, point(step));
  series = withValidationPoint(series, point(4, 9));
  series = withTrainPoint(series, point(3, 7));
  series = withValidationPoint(series, point(4, 8));
  expect([...series.step]).toEqual([1, 2, 3]);
  expect([...series.loss]).toEqual([0.5, 1, 7]);
  expect([...series.validation.loss]).toEqual([8]);
});
