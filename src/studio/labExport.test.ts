// What an opened experiment says is missing, so that it can be run to the same numbers.
import { expect, it } from "vitest";
import { experimentSchema } from "../lab/experiment";
import { missingFor } from "./labExport";
import type { LoadedModel } from "./loadedModel";

const content = {
  ...{ createdAt: 0, experiment: experimentSchema.parse({}), base: null, results: [], series: {} },
  model: { name: "models/fable-1m", parameterCount: 5 },
  data: { name: "calendar/train.jsonl", fingerprint: "9-a", evaluationFingerprint: "3-b" },
};
const loaded = (name: string, parameterCount = 5) =>
  ({ info: { name, parameterCount }, folder: {} }) as LoadedModel;
const tokens = { fingerprint: "9-a", evaluationFingerprint: "3-b" };

it("knows the model of a sweep by its folder, and data by their tokens", () => {
  expect(missingFor(content, loaded("fable-1m"), tokens)).toBeUndefined();
  expect(missingFor(content, loaded("fable-1m", 6), tokens)).toContain("the model models/fable-1m");
  expect(missingFor(content, loaded("other"), tokens)).toContain("the model models/fable-1m");
  expect(missingFor(content, loaded("fable-1m"), { ...tokens, fingerprint: "9-c" })).toContain(
    "the training data calendar/train.jsonl",
  );
  const inBits = { ...content, model: { ...content.model, quantisation: "int8" as const } };
  expect(missingFor(inBits, loaded("fable-1m"), tokens)).toContain(
    "the model models/fable-1m with base weights in 8 bits (int8)",
  );
  expect(missingFor(content, undefined, undefined)).toMatch(/the model .* and the training data/);
});
