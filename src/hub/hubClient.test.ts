import { expect, inject, test } from "vitest";
import { checkEndpoint, checkModelId, describeRepository, searchModels } from "./hubClient";

const endpoint = inject("hubEndpoint");

test("finds models by a part of their name", async () => {
  const found = await searchModels({ endpoint }, "shards");
  expect(found).toMatchObject([{ id: "local/fable-1m-shards", isGated: false }]);
  expect(await searchModels({ endpoint }, "nothing like it")).toEqual([]);
});

test("lists all files of a repository over several pages, at a commit", async () => {
  const { commit, files } = await describeRepository({ endpoint }, "local/fable-1m", "main");
  expect(commit).toMatch(/^[0-9a-f]{40}$/);
  expect(files.map(({ path }) => path)).toContain("tokenizer_config.json");
  const weights = files.find(({ path }) => path === "model.safetensors")!;
  expect(weights).toMatchObject({ sizeBytes: 2_363_000, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  const config = files.find(({ path }) => path === "config.json")!;
  expect(config).toMatchObject({ gitSha1: expect.stringMatching(/^[0-9a-f]{40}$/) });
});

test("takes ids as they are typed and pasted", () => {
  expect(checkModelId(" Qwen/Qwen2.5-0.5B ")).toBe("Qwen/Qwen2.5-0.5B");
  expect(checkModelId("https://huggingface.co/Qwen/Qwen2.5-0.5B/tree/main")).toBe("Qwen/Qwen2.5-0.5B");
  expect(checkModelId("gpt2")).toBe("gpt2");
  for (const wrong of ["", "a/b/c", "../etc", "two words/x"])
    expect(() => checkModelId(wrong), wrong).toThrow(/expected a repository id/);
});

test("takes endpoints without their last slash", () => {
  expect(checkEndpoint("http://localhost:8080/")).toBe("http://localhost:8080");
  for (const wrong of ["", "hub", "ftp://hub"])
    expect(() => checkEndpoint(wrong), wrong).toThrow(/expected an address/);
});
