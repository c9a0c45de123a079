import { describe, expect, test } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatLargeCount,
  formatLoss,
  formatPercent,
  formatSmall,
} from "./format";

describe("numbers as people read them", () => {
  test.each([
    [formatCount(15360), "15,360"],
    [formatLargeCount(9999), "9,999"],
    [formatLargeCount(100_000), "100 K"],
    [formatLargeCount(1_048_576), "1 M"],
    [formatLargeCount(999_999), "1 M"],
    [formatLargeCount(134_515_008), "135 M"],
    [formatLargeCount(1.5e9), "1.5 B"],
    [formatBytes(0), "0 B"],
    [formatBytes(1536), "1.5 KiB"],
    [formatBytes(1024 ** 2 - 1), "1 MiB"],
    [formatBytes(200 * 1024 ** 2), "200 MiB"],
    [formatLoss(2.34), "2.3400"],
    [formatLoss(Number.NaN), "NaN"],
    [formatSmall(0.002), "0.002"],
    [formatSmall(2e-5), "2e-5"],
    [formatSmall(2.34e-5), "2.34e-5"],
    [formatSmall(1.23456), "1.23"],
    [formatSmall(0), "0"],
    [formatPercent(1.53), "1.53 %"],
    [formatPercent(100), "100 %"],
    [formatPercent(0.00123), "0.0012 %"],
    [formatDuration(75_000), "1:15"],
    [formatDuration(59_999), "1:00"],
    [formatDuration(3_725_000), "1:02:05"],
  ])("%s", (got, expected) => {
    expect(got).toBe(expected);
  });
});
