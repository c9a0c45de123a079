// Every contestant of every kind of case, at its smallest: sets up, agrees with this engine, is timed.
import { beforeAll, describe, expect, it } from "vitest";
import { type Gpu, openGpu } from "../src/gpu/device";
import {
  forwardCases,
  fullStepCases,
  fusionCases,
  generationCases,
  linearCases,
  quickSizes,
  stepCases,
} from "./cases";
import { type Case, holdContest } from "./contest";
import { llamaConfig } from "./inputs";

const once = { samples: 0, msPerContestant: 0, msPerSample: 0 };
const tiny = {
  ...{ rank: 4, sequenceLength: 16, targetModules: ["q_proj"] },
  config: llamaConfig({
    ...{ hiddenSize: 32, intermediateSize: 48, layers: 1, heads: 4, keyValueHeads: 2, vocabSize: 64 },
  }),
};
const sizes = { ...quickSizes, step: [tiny], generation: [tiny], newTokens: 4 };

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu(navigator.gpu);
});

const kinds: readonly [string, (device: Gpu, all: typeof sizes) => Case[]][] = [
  ["the linear layer with gradients", linearCases],
  ["the linear layer forward", forwardCases],
  ["a training step", stepCases],
  ["generation", generationCases],
  ["fused against separate kernels", fusionCases],
  ["LoRA against full fine-tuning", fullStepCases],
];

describe.each(kinds)("%s", (_name, casesOf) => {
  it("agrees between all contestants", { timeout: 240_000 }, async () => {
    const [smallest] = casesOf(gpu, sizes);
    const { contestants } = await holdContest(smallest!, once);
    expect(contestants.filter(({ skipped }) => skipped !== undefined)).toEqual([]);
    expect(contestants.length).toBeGreaterThan(1);
    expect(contestants.every(({ timing }) => timing!.medianMs > 0)).toBe(true);
  });
});
