// Merging and generating: what a tuned model says must not depend on whether its adapter is merged.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { main as finetune } from "./finetune";
import { main as generate } from "./generate";
import { main as merge } from "./merge";
import { captured, temporaryFolder, writeTinyData, writeTinyModel } from "./testing/tinyModel";

const work = temporaryFolder();
const model = writeTinyModel(join(work, "model"));
const adapter = join(work, "adapter");

const say = async (...args: string[]) => {
  const { code, out } = await captured(() =>
    generate(["--prompt", "the cat", "--max-new-tokens", "12", ...args]),
  );
  expect(code).toBe(0);
  return out;
};

describe("merge and generate", () => {
  it("say the same with the adapter beside the model and inside it", async () => {
    const data = writeTinyData(work);
    const settings =
      "--rank 4 --target q_proj,v_proj,up_proj --steps 8 --lr 0.05 --schedule constant --batch-size 5";
    await captured(() =>
      finetune(["--model", model, "--data", data, ...settings.split(" "), "--out", adapter]),
    );

    const merged = join(work, "merged");
    const { code, out } = await captured(() =>
      merge(["--model", model, "--adapter", adapter, "--out", merged]),
    );
    expect(code).toBe(0);
    expect(out).toContain("6 weights merged");
    expect(readdirSync(merged).sort()).toEqual([
      "README.md",
      "config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    const tuned = await say("--model", model, "--adapter", adapter, "--greedy");
    expect(await say("--model", merged, "--greedy")).toBe(tuned);
    expect(await say("--model", model, "--greedy")).not.toBe(tuned);
  });

  it("write 16 bits when asked", async () => {
    const out = join(work, "half");
    await captured(() => merge(["--model", model, "--adapter", adapter, "--out", out, "--dtype", "bf16"]));
    expect(JSON.parse(readFileSync(join(out, "config.json"), "utf8")).dtype).toBe("bfloat16");
    await say("--model", out, "--greedy");
  });

  it("refuse what cannot be", async () => {
    const other = writeTinyModel(join(work, "other"), { hidden_size: 24 });
    const out = join(work, "refused");
    await expect(merge(["--model", other, "--adapter", adapter, "--out", out])).rejects.toThrow(
      "model.layers.0.mlp.up_proj: expected weight [24, 24] as in the loaded model, got weight [24, 16]",
    );
    await expect(merge(["--model", model, "--adapter", adapter, "--out", model])).rejects.toThrow(
      "--out: expected another folder than --model",
    );
    await expect(merge(["--model", model, "--adapter", model, "--out", out])).rejects.toThrow(
      "--adapter: expected",
    );
    expect(readdirSync(work)).not.toContain("refused");
  });
});

describe("generate", () => {
  it("repeats itself greedily and with one seed, and not with another", async () => {
    const base = ["--model", model];
    expect(await say(...base, "--greedy")).toBe(await say(...base, "--temperature", "0"));
    const sampled = await say(...base, "--seed", "5");
    expect(await say(...base, "--seed", "5")).toBe(sampled);
    expect(await say(...base, "--seed", "6")).not.toBe(sampled);
  });

  it.each([
    [["--greedy", "--top-k", "3"], "--top-k: expected none beside --greedy"],
    [["--temperature", "-1"], "--temperature: expected a number from 0, got -1"],
    [["--top-p", "0"], "--top-p: expected a number above 0 and up to 1, got 0"],
    [["--max-new-tokens", "0"], "--max-new-tokens: expected a whole number from 1, got 0"],
  ])("refuses %j", async (args, message) => {
    await expect(generate(["--model", model, "--prompt", "a", ...args])).rejects.toThrow(message);
  });

  it("asks for a prompt", async () => {
    await expect(generate(["--model", model])).rejects.toThrow(
      "--prompt: expected a text to go on from, got none",
    );
  });
});
