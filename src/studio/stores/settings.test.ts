import { expect, it } from "vitest";
import { trainConfigSchema } from "../../train/config";
import { defaultSettings, numberOf, toConfigInput, toSettings } from "./settings";

it("shows the defaults of a run, and means them", () => {
  expect(trainConfigSchema.parse(toConfigInput(defaultSettings))).toEqual(trainConfigSchema.parse({}));
});

it("means what a kept run was configured with", () => {
  const config = trainConfigSchema.parse({
    method: "lora",
    adapter: {
      rank: 3,
      loraAlpha: 5,
      loraDropout: 0.2,
      targetModules: ["o_proj"],
      initLoraWeights: "gaussian",
    },
    steps: 7,
    schedule: "cosine",
    warmupSteps: 2,
    shuffle: false,
  });
  expect(trainConfigSchema.parse(toConfigInput(toSettings(config)))).toEqual(config);
});

it("reads numbers as typed, and nothing as no number", () => {
  expect(numberOf("1e-3")).toBe(0.001);
  expect(numberOf(" 8 ")).toBe(8);
  expect(numberOf(4)).toBe(4);
  for (const field of ["", "  ", "eight", "1,5"]) expect(numberOf(field)).toBeNaN();
});
