import { describe, expect, it } from "vitest";
import { datasetFiles } from "./datasets";

describe("public/datasets", () => {
  const files = datasetFiles();

  it("holds exactly what `node corpus/build.mjs datasets` writes", async () => {
    for (const [path, text] of Object.entries(files)) {
      const response = await fetch(`/datasets/${path}`);
      expect((await response.text()) === text, `${path} is what its generator writes`).toBe(true);
    }
  });

  it("shares no prompt between the splits", () => {
    for (const name of ["calendar", "restaurants"]) {
      const prompts = (split: string) =>
        files[`${name}/${split}.jsonl`]!.trim()
          .split("\n")
          .map((line) => (JSON.parse(line) as { prompt: string }).prompt);
      const train = new Set(prompts("train"));
      expect(train.size).toBe(1600);
      expect(prompts("validation").filter((prompt) => train.has(prompt))).toEqual([]);
    }
  });
});
