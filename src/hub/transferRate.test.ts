import { expect, test } from "vitest";
import { type Progress, TransferRate } from "./transferRate";

test("measures over the last seconds, and counts what was there before as done but not as speed", () => {
  let nowMs = 0;
  const reports: Progress[] = [];
  const rate = new TransferRate(
    "downloading",
    100_000,
    40_000,
    (progress) => reports.push(progress),
    () => nowMs,
  );
  expect(reports.at(-1)).toMatchObject({ doneBytes: 40_000, bytesPerSecond: 0 });
  expect(reports.at(-1)!.secondsLeft).toBeUndefined();
  for (let step = 0; step < 10; step++) {
    nowMs += 1000;
    rate.add(1000);
  }
  expect(reports.at(-1)).toMatchObject({ doneBytes: 50_000, bytesPerSecond: 1000, secondsLeft: 50 });
  // A pause: the speed falls to what the last seconds gave.
  nowMs += 60_000;
  rate.report();
  expect(reports.at(-1)!.bytesPerSecond).toBeLessThan(20);
});

test("reports at most ten times a second", () => {
  let nowMs = 0;
  let count = 0;
  const rate = new TransferRate(
    "checking",
    1000,
    0,
    () => count++,
    () => nowMs,
  );
  for (let i = 0; i < 1000; i++) {
    nowMs += 1;
    rate.add(1);
  }
  expect(count).toBeLessThanOrEqual(11);
});
