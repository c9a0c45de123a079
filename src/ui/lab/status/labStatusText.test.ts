import { describe, expect, test } from "vitest";
import type { LabState } from "../../../studio/stores/labState";
import { cellsOfDraft, resultOf, seriesOf, shownOf } from "../testing/experiment";
import { labBlocker, labDetailText, labProgress, labStatusText } from "./labStatusText";

type Studio = Parameters<typeof labStatusText>[0];
type Lab = Parameters<typeof labStatusText>[1];

const studio = {
  gpu: { status: "ready" },
  model: { status: "ready", progress: 1, info: { name: "fable-1m" } },
  data: { status: "ready", info: { name: "calendar" } },
  run: { status: "idle", history: { steps: [], evaluations: [], deltas: [] }, warnings: [] },
} as unknown as Studio;
const cells = cellsOfDraft({ ranks: [1, 8], targetSets: [{ modules: ["q_proj"] }], seeds: "0, 1" });
const [a, b, c, d] = cells.map(({ id }) => id) as [string, string, string, string];
const estimate = {
  ...{ cells: cells.map((cell) => ({ ...cell, trainableParameters: 1 })), races: [], budgetBytes: 1 },
  ...{ totalSteps: 400, problems: [] },
} as NonNullable<LabState["estimate"]>;
const idle: Lab = { estimate, status: "idle", measure: "validationLoss", hasSaved: false, shown: undefined };
const running = shownOf(cells, {
  states: {
    [a]: { status: "running", step: 20 },
    [b]: { status: "running", step: 20 },
    [c]: { status: "queued", step: 0 },
    [d]: { status: "failed", step: 10, reason: "NaN" },
  },
  series: { [a]: seriesOf(Array.from({ length: 20 }, () => 2)) },
});
const ended = shownOf(cells, {
  states: Object.fromEntries(cells.map(({ id }) => [id, { status: "done", step: 100 }])),
  results: [resultOf(a, 2), resultOf(b, 2.1), resultOf(c, 1), resultOf(d, 1.1)],
});

describe("labStatusText", () => {
  test.each<[Partial<Lab>, string]>([
    [{}, "Ready to run 4 cells · fable-1m · calendar"],
    [{ status: "starting" }, "Planning the experiment on the GPU…"],
    [
      // 5 ms a step: 80 more of these two, then 100 of the one that waits.
      { status: "running", shown: running },
      "Step 20 of 100 · 2 of 4 cells training · 1 waiting · 1 ended · 1 failed · 0:01 left",
    ],
    [
      { status: "paused", shown: running },
      "Paused · step 20 of 100 · 2 of 4 cells training · 1 waiting · 1 ended · 1 failed",
    ],
    [{ status: "done", shown: ended }, "Done · 4 cells · best: rank 8 · q, 1.0500"],
    [{ status: "stopped", shown: running }, "Stopped · 1 of 4 cells ended · 1 failed"],
    [
      { status: "interrupted", shown: running },
      "Interrupted · 1 of 4 cells ended · 1 failed · can go on from its last autosave, under Experiments",
    ],
    [{ status: "opened", shown: ended }, "Opened · Rank experiment · 4 cells · best: rank 8 · q, 1.0500"],
  ])("%#: %s", (change, expected) => {
    expect(labStatusText(studio, { ...idle, ...change })).toBe(expected);
  });
});

describe("labBlocker", () => {
  const problems = [{ field: "seeds", message: "seeds: expected a number, got x" }];

  test("nothing in the way", () => expect(labBlocker(studio, idle)).toBeUndefined());
  test("what is wrong with the form", () => {
    expect(labBlocker(studio, { ...idle, estimate: { ...estimate, problems } })).toBe(
      "Fix this first: seeds: expected a number, got x",
    );
  });
  test("a single run going on, in the studio", () => {
    const busy = { ...studio, run: { ...studio.run, status: "running" } } as Studio;
    expect(labBlocker(busy, idle)).toBe("A run is going on.");
  });
  test("an experiment going on", () => {
    expect(labBlocker(studio, { ...idle, status: "paused" })).toBe("An experiment is going on.");
  });
});

test("the detail line", () => {
  expect(labDetailText(studio, idle)).toBe("400 steps in all");
  expect(labDetailText(studio, { ...idle, status: "running", shown: running, hasSaved: true })).toBe(
    "Rank experiment · fable-1m · calendar · autosaved",
  );
});

test("progress counts what a cell will not train any more as done", () => {
  expect(labProgress({ shown: running })).toBeCloseTo((20 + 20 + 0 + 100) / 400, 12);
  expect(labProgress({ shown: ended })).toBe(1);
  expect(labProgress({ shown: undefined })).toBe(0);
});
