import { describe, expect, test } from "vitest";
import type { StudioState } from "../../studio/stores/state";
import { detailText, statusText, trainBlocker } from "./statusText";

type Situation = Parameters<typeof statusText>[0];
type Run = StudioState["run"];

const record = { name: "animals · rank 8", step: 0, config: { steps: 100 } } as NonNullable<Run["record"]>;
const history: Run["history"] = {
  steps: [11, 12].map((step) => ({
    type: "step",
    step,
    loss: 2.345 + step - 12,
    learningRate: 1e-3,
    gradNorm: 1,
    targetTokens: 10,
    tokens: 100,
    stepMs: 500,
  })),
  evaluations: [
    { type: "evaluation", step: 0, loss: 3.5 },
    { type: "evaluation", step: 10, loss: 2.75 },
  ],
  deltas: [],
};
const idle: Run = { status: "idle", history: { steps: [], evaluations: [], deltas: [] }, warnings: [] };
const ready = {
  gpu: { status: "ready" },
  model: { status: "ready", progress: 1, info: { name: "fable-1m" } },
  data: { status: "ready", info: { name: "animals" } },
  run: idle,
} as Situation;

const inRun = (run: Partial<Run>): Situation => ({ ...ready, run: { ...idle, record, history, ...run } });
const noEstimate = {
  trainableParameters: 0,
  trainablePercent: 0,
  adaptedModules: 0,
  tokensPerStep: 0,
  memoryBytes: { weights: 0, activations: 0, trained: 0, gradients: 0, optimizer: 0 },
  largestBuffer: { bytes: 0, label: "" },
  remedies: [],
};
const withProblems = (...messages: string[]): Situation => ({
  ...ready,
  estimate: { ...noEstimate, problems: messages.map((message) => ({ message })) },
});

describe("statusText", () => {
  test.each<[Situation, string]>([
    [ready, "Ready to train · fable-1m · animals"],
    [{ ...ready, gpu: { status: "starting" } }, "Starting the GPU…"],
    [inRun({ status: "starting" }), "Preparing the run on the GPU…"],
    [
      inRun({ status: "running", history: idle.history }),
      "Step 0 of 100 · measuring the loss before training…",
    ],
    [
      inRun({ status: "running", tokensPerSecond: 812.4, etaMs: 75_000 }),
      "Step 12 of 100 · loss 2.3450 · validation 3.5000 → 2.7500 · 812 tokens/s · 1:15 left",
    ],
    [inRun({ status: "paused" }), "Step 12 of 100 · loss 2.3450 · validation 3.5000 → 2.7500 · paused"],
    [inRun({ status: "done" }), "Done · 12 steps · loss 2.3450 · validation 3.5000 → 2.7500 · took 0:01"],
    [
      inRun({ status: "stopped" }),
      "Done · stopped at step 12 of 100 · loss 2.3450 · validation 3.5000 → 2.7500 · took 0:01",
    ],
    [
      inRun({ status: "failed", record: { ...record, reason: "the loss is NaN." } }),
      "Failed at step 12 of 100 · the loss is NaN.",
    ],
  ])("%#: %s", (situation, expected) => {
    expect(statusText(situation)).toBe(expected);
  });

  test("a loading model shows how far it is", () => {
    const model = {
      status: "loading",
      progress: 0.4,
      source: { kind: "embedded", name: "fable-1m" },
    } as const;
    expect(statusText({ ...ready, model })).toBe("Loading fable-1m… 40 %");
  });
});

describe("trainBlocker", () => {
  test("nothing in the way", () => expect(trainBlocker(ready)).toBeUndefined());
  test("one problem is told, several are counted", () => {
    expect(trainBlocker(withProblems("rank: expected at least 1, got 0"))).toBe(
      "Fix this first: rank: expected at least 1, got 0",
    );
    expect(trainBlocker(withProblems("a", "b"))).toBe("Fix the 2 marked settings first.");
  });
  test("a run going on", () => expect(trainBlocker(inRun({ status: "paused" }))).toBe("A run is going on."));
  test("no data", () => {
    expect(trainBlocker({ ...ready, data: { ...ready.data, status: "failed", info: undefined } })).toBe(
      "Choose training data first.",
    );
  });
});

describe("detailText", () => {
  test("names the run and its last autosave", () => {
    expect(detailText(inRun({ status: "running", savedStep: 10 }))).toBe(
      "animals · rank 8 · autosaved at step 10",
    );
  });
  test("after a run, says why the next one cannot start", () => {
    const { estimate } = withProblems("a");
    expect(detailText({ ...inRun({ status: "done" }), estimate })).toBe("Fix this first: a");
  });
  test("a start that failed leaves its reason", () => {
    expect(detailText({ ...ready, run: { ...idle, problem: { message: "GPU memory: too little" } } })).toBe(
      "GPU memory: too little",
    );
  });
});
