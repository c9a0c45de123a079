// The command as a person runs it, on a model of a few thousand parameters.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tinyTokenizerFiles } from "../formats/testing/tinyTokenizer";
import { loadTokenizer } from "../formats/tokenizer";
import { readAdapter } from "./files";
import { main } from "./finetune";
import { captured, readJsonLines, temporaryFolder, writeTinyData, writeTinyModel } from "./testing/tinyModel";

const work = temporaryFolder();
const model = writeTinyModel(join(work, "model"));
const data = writeTinyData(work);
const settings = "--rank 2 --alpha 4 --target q_proj,down_proj --dropout 0.1 --batch-size 2";
const base = ["--model", model, "--data", data, ...settings.split(" ")];
const bytesOf = (folder: string, name = "adapter_model.safetensors") => readFileSync(join(folder, name));

const metricsOf = (folder: string) =>
  readJsonLines<{ step: number; loss: number; tokens: number }>(join(folder, "metrics.jsonl"));
const summaryOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, "summary.json"), "utf8")) as {
    trainable_parameters: number;
    total_parameters: number;
    evaluations: { step: number; loss: number }[];
  };
const tokensOf = (folder: string) => metricsOf(folder).map(({ tokens }) => tokens);
const lossesOf = (folder: string) => metricsOf(folder).map(({ loss }) => loss);

async function finetune(out: string, ...args: string[]) {
  const folder = join(work, out);
  const result = await captured(() => main([...base, "--out", folder, ...args]));
  return { folder, ...result };
}

describe("finetune", () => {
  it("writes a PEFT folder, metrics, summary and checkpoint", async () => {
    const args = [
      "--steps",
      "12",
      "--eval-data",
      data,
      "--eval-every",
      "6",
      "--schedule",
      "constant",
      "--lr",
      "0.02",
    ];
    const { folder, code, out } = await finetune("whole", ...args);
    expect(code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual([
      "README.md",
      "adapter_config.json",
      "adapter_model.safetensors",
      "checkpoint.safetensors",
      "metrics.jsonl",
      "summary.json",
    ]);
    const adapter = await readAdapter(folder, "out");
    expect(adapter.config).toMatchObject({ r: 2, loraAlpha: 4, baseModelNameOrPath: model });
    expect([...adapter.factors.keys()].sort()).toEqual([
      "model.layers.0.mlp.down_proj",
      "model.layers.0.self_attn.q_proj",
      "model.layers.1.mlp.down_proj",
      "model.layers.1.self_attn.q_proj",
    ]);
    for (const { loraB } of adapter.factors.values()) expect(loraB.some((value) => value !== 0)).toBe(true);

    const metrics = readJsonLines<Record<string, number>>(join(folder, "metrics.jsonl"));
    expect(metrics.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    for (const line of metrics) {
      expect(Object.keys(line)).toEqual(["step", "loss", "learning_rate", "grad_norm", "tokens", "step_ms"]);
      expect(line.learning_rate).toBeCloseTo(0.02, 12);
    }
    const summary = summaryOf(folder);
    expect(summary).toMatchObject({
      outcome: "done",
      step: 12,
      model,
      data,
      examples: 5,
      // Two layers with A and B of rank 2: q_proj 16 → 16, down_proj 24 → 16.
      trainable_parameters: 2 * (2 * (16 + 16) + 2 * (24 + 16)),
      first_loss: metrics[0]!.loss,
      last_loss: metrics[11]!.loss,
    });
    expect(summary.evaluations.map(({ step }) => step)).toEqual([0, 6, 12]);
    expect(summary.evaluations[2]!.loss).toBeLessThan(summary.evaluations[0]!.loss - 0.1);
    expect(readFileSync(join(folder, "README.md"), "utf8")).toContain("| Steps | 12 of 12 |");
    expect(out).toContain("5 examples");
    expect(out).toContain("step 12 of 12 · loss");
  });

  it("trains beside a base in fewer bits, and says so", async () => {
    const { folder } = await finetune("nf4", "--steps", "2", "--base-bits", "4", "--double-quant");
    expect(summaryOf(folder)).toMatchObject({ quantisation: "nf4-double" });
    expect(readFileSync(join(folder, "README.md"), "utf8")).toContain("on a base in 4 bits (NF4, double");
    await expect(main(["--resume", folder, "--base-bits", "8"])).rejects.toThrow(
      "--base-bits: expected 4 bits (NF4, double quantisation) as in the run to resume, got 8 bits (int8)",
    );
    const full = ["--model", model, "--data", data, "--method", "full", "--base-bits", "8"];
    await expect(main([...full, "--out", join(folder, "full")])).rejects.toThrow(
      "method: expected lora or bitfit on a base in fewer bits, got full",
    );
  });

  it("gives the same bytes for the same seed, and others for another", async () => {
    const one = await finetune("seed-a", "--steps", "4");
    const two = await finetune("seed-b", "--steps", "4");
    const other = await finetune("seed-c", "--steps", "4", "--seed", "1");
    expect(bytesOf(one.folder).equals(bytesOf(two.folder))).toBe(true);
    expect(bytesOf(one.folder).equals(bytesOf(other.folder))).toBe(false);
  });

  it("prints where a step's time goes with --profile, and trains to the same bytes", async () => {
    const { folder, code, out } = await finetune("profiled", "--steps", "4", "--profile");
    expect(code).toBe(0);
    expect(bytesOf(folder).equals(bytesOf(join(work, "seed-a")))).toBe(true);
    expect(out).toMatch(/Profile of step 4: \d+ dispatches in 1 submission\n/);
    // Every kernel of the step is there, or the reason why none is.
    expect(out).toMatch(
      / {2}lora_(project +8|forward_down_tiled +4) × +\d+\.\d\d ms|does not offer timestamp queries/,
    );
    expect(out).toMatch(/CPU time to encode and submit: \d+\.\d\d ms a step \(mean of 3\)/);
    expect(out).toMatch(/GPU memory: weights \d+\.\d MB/);
  });

  it("takes the examples in file order with --no-shuffle, wrapping at the end", async () => {
    const { folder } = await finetune("order", "--no-shuffle", "--steps", "5");
    const { tokenizerJson, tokenizerConfig } = tinyTokenizerFiles();
    const tokenizer = loadTokenizer(tokenizerJson, tokenizerConfig);
    const lengths = readJsonLines<{ prompt: string; completion: string }>(data).map(
      ({ prompt, completion }) =>
        tokenizer.encode(prompt, { addSpecialTokens: true }).length +
        tokenizer.encode(completion, { addSpecialTokens: false }).length +
        1, // end of text
    );
    const expected = [0, 1, 2, 3, 4].map((step) => lengths[(2 * step) % 5]! + lengths[(2 * step + 1) % 5]!);
    expect(new Set(lengths).size).toBeGreaterThan(2);
    expect(tokensOf(folder)).toEqual(expected);
  });

  it("goes on from Ctrl-C to the bytes of a run that never stopped", async () => {
    const args = ["--steps", "24", "--grad-accum", "2", "--checkpoint-every", "7", "--eval-data", data];
    const whole = await finetune("uninterrupted", ...args);
    const interrupt = (text: string) => {
      if (text.startsWith("step 10 of 24")) process.emit("SIGINT", "SIGINT");
    };
    const folder = join(work, "interrupted");
    const stopped = await captured(() => main([...base, "--out", folder, ...args]), interrupt);
    expect(stopped.code, stopped.error).toBe(130);
    expect(stopped.out).toMatch(/Stopped at step \d+ of 24/);
    expect(metricsOf(folder).length).toBeLessThan(24);
    expect((await readAdapter(folder, "out")).factors.size).toBe(4);

    const copy = join(work, "resumed");
    const resumed = await captured(() => main(["--resume", folder, "--out", copy]));
    expect(resumed.code, resumed.error).toBe(0);
    for (const name of ["adapter_model.safetensors", "adapter_config.json", "checkpoint.safetensors"]) {
      expect(bytesOf(copy, name).equals(bytesOf(whole.folder, name)), name).toBe(true);
    }
    expect(lossesOf(copy)).toEqual(lossesOf(whole.folder));

    // The same in the run's own folder, after it was killed while it wrote: what is beyond the checkpoint goes.
    writeFileSync(join(folder, "metrics.jsonl"), '{"step": 99, "lo', { flag: "a" });
    const inPlace = await captured(() => main(["--resume", folder]));
    expect(inPlace.code, inPlace.error).toBe(0);
    expect(bytesOf(folder).equals(bytesOf(whole.folder))).toBe(true);
    expect(lossesOf(folder)).toEqual(lossesOf(whole.folder));

    await expect(main(["--resume", folder, "--rank", "3"])).rejects.toThrow(
      "--rank: expected 2 as in the run",
    );
  });

  it("starts from an adapter of --init-adapter", async () => {
    const first = await finetune("first", "--steps", "3");
    const kept = await finetune("kept", "--steps", "1", "--init-adapter", first.folder, "--lr", "0");
    expect(bytesOf(kept.folder).equals(bytesOf(first.folder))).toBe(true);
    await expect(
      finetune("other", "--init-adapter", first.folder, "--rank-pattern", '{"q_proj":1}'),
    ).rejects.toThrow("--rank-pattern: expected what --init-adapter has");
  });

  it("writes nothing over what is there", async () => {
    const { folder } = await finetune("once", "--steps", "1");
    const before = bytesOf(folder);
    await expect(main([...base, "--out", folder])).rejects.toThrow("--out: expected a new or empty folder");
    await expect(main([...base, "--out", model, "--overwrite"])).rejects.toThrow(
      "--out: expected another folder than --model",
    );
    expect(bytesOf(folder).equals(before)).toBe(true);
    const again = await captured(() => main([...base, "--out", folder, "--overwrite", "--steps", "2"]));
    expect(again.code).toBe(0);
    expect(readJsonLines(join(folder, "metrics.jsonl"))).toHaveLength(2);
  });

  it("keeps the last good state when the loss is no number any more", async () => {
    const { folder, code, error } = await finetune(
      "lost",
      "--steps",
      "30",
      "--lr",
      "1e38",
      "--max-grad-norm",
      "0",
    );
    expect(code).toBe(1);
    expect(error).toMatch(/step \d+: expected a finite loss/);
    expect(error).toMatch(/The state after step 0/);
    for (const { loraA } of (await readAdapter(folder, "out")).factors.values()) {
      expect(loraA.every(Number.isFinite)).toBe(true);
    }
    expect(JSON.parse(readFileSync(join(folder, "summary.json"), "utf8"))).toMatchObject({
      outcome: "failed",
    });
  });

  it("names the flag or file of bad input, before it writes anything", async () => {
    const bad = join(work, "bad.jsonl");
    writeFileSync(bad, '{"prompt": "a", "completion": "b"}\n{"prompt": \n');
    const out = join(work, "never");
    const run = (...args: string[]) => main(["--out", out, ...args]);
    await expect(run("--data", data)).rejects.toThrow(
      "--model: expected a model folder or a Hub id, got none",
    );
    await expect(run("--model", "/nowhere", "--data", data)).rejects.toThrow(
      "--model: expected a folder, got nothing",
    );
    await expect(run("--model", model, "--data", "/nowhere")).rejects.toThrow("--data: expected a file");
    await expect(run("--model", model, "--data", bad)).rejects.toThrow("bad.jsonl: line 2: expected JSON");
    await expect(run("--model", model, "--data", data, "--dtype", "f16")).rejects.toThrow(
      "--dtype: expected none",
    );
    await expect(run("--model", model, "--data", data, "--rank", "17")).rejects.toThrow(
      "rank: expected at most 16",
    );
    await expect(run("--model", model, "--data", data, "--target", "c_attn")).rejects.toThrow(
      "target modules:",
    );
    await expect(run("--model", model, "--data", data, "--method", "bitfit")).rejects.toThrow("with biases");
    expect(existsSync(out)).toBe(false);
  });
});

describe("finetune of whole models", () => {
  it("writes a folder from which the next run goes on", async () => {
    const folder = join(work, "full");
    const args = "--method full --steps 2 --batch-size 2 --eval-every 0".split(" ");
    args.push("--data", data, "--eval-data", data);
    await captured(() => main(["--model", model, ...args, "--out", folder]));
    expect(readdirSync(folder)).toContain("tokenizer.json");
    expect(JSON.parse(readFileSync(join(folder, "config.json"), "utf8")).dtype).toBe("float32");
    const first = summaryOf(folder);
    expect(first.trainable_parameters).toBe(first.total_parameters);
    expect(first.evaluations[1]!.loss).toBeLessThan(first.evaluations[0]!.loss - 0.01);
    const next = join(work, "full-next");
    await captured(() => main(["--model", folder, ...args, "--out", next]));
    expect(summaryOf(next).evaluations[0]!.loss).toBeCloseTo(first.evaluations[1]!.loss, 5);
  });

  it("trains biases alone", async () => {
    const biased = writeTinyModel(join(work, "biased"), { attention_bias: true });
    const args = ["--data", data, "--method", "bitfit", "--steps", "2", "--out", join(work, "bitfit")];
    const { code } = await captured(() => main(["--model", biased, ...args]));
    expect(code).toBe(0);
    expect(summaryOf(join(work, "bitfit")).trainable_parameters).toBe(2 * (16 + 8 + 8 + 16));
  });
});
