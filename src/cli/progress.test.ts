import { describe, expect, it } from "vitest";
import type { StepEvent } from "../train/events";
import { durationText, Progress } from "./progress";

const step = (number: number): StepEvent => ({
  type: "step",
  step: number,
  loss: 3 / number,
  learningRate: 0.1,
  gradNorm: 1,
  targetTokens: 5,
  tokens: 50,
  stepMs: 500,
});

function show(isTTY: boolean, use: (progress: Progress) => void, columns = 100): string {
  let text = "";
  const progress = new Progress(100, { isTTY, columns, write: (part) => (text += part) });
  use(progress);
  return text;
}

describe("Progress", () => {
  it("redraws one line on a terminal", () => {
    const text = show(true, (progress) => {
      progress.onEvent(step(1));
      progress.onEvent(step(50));
      progress.onEvent({ type: "evaluation", step: 50, loss: 1.25 });
      progress.onEvent(step(51));
      progress.end();
    });
    const clear = "\r\x1b[2K";
    expect(text.split(clear)).toEqual([
      "",
      `[${"░".repeat(24)}] 1/100 · loss 3.0000 · 100 tokens/s · 0:50 left`,
      `[${"█".repeat(12)}${"░".repeat(12)}] 50/100 · loss 0.0600 · 100 tokens/s · 0:25 left`,
      "step 50 of 100 · evaluation loss 1.2500\n",
      `[${"█".repeat(12)}${"░".repeat(12)}] 51/100 · loss 0.0588 · 100 tokens/s · 0:25 left\n`,
    ]);
  });

  it("keeps the line within the terminal's width", () => {
    const text = show(true, (progress) => progress.onEvent(step(1)), 40);
    expect(text.replace("\r\x1b[2K", "")).toHaveLength(39);
    const unknown = show(true, (progress) => progress.onEvent(step(1)), 0);
    expect(unknown).toMatch(/left$/);
  });

  it("writes some twenty lines where there is no terminal", () => {
    const text = show(false, (progress) => {
      for (let number = 1; number <= 100; number++) progress.onEvent(step(number));
      progress.end();
    });
    const lines = text.trimEnd().split("\n");
    expect(lines).toHaveLength(21);
    expect(lines[0]).toBe("step 1 of 100 · loss 3.0000 · 100 tokens/s · 0:50 left");
    expect(lines.at(-1)).toBe("step 100 of 100 · loss 0.0300 · 100 tokens/s · 0:00 left");
    expect(text).not.toContain("\r");
  });
});

describe("durationText", () => {
  it("shows minutes and hours", () => {
    expect([0, 59_600, 75_000, 3_725_000].map(durationText)).toEqual(["0:00", "1:00", "1:15", "1:02:05"]);
  });
});
