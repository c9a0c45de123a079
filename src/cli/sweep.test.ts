// The sweep from the outside: what it writes and prints, that racing and resuming change no number, and its complaints.
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readExperimentFile } from "../lab/experimentFile";
import { main as finetune } from "./finetune";
import { main as generate } from "./generate";
import { main } from "./sweep";
import { captured, temporaryFolder, writeTinyData, writeTinyModel } from "./testing/tinyModel";

const folder = temporaryFolder();
const model = writeTinyModel(join(folder, "model"));
const data = writeTinyData(join(folder, "data"));
const path = (name: string) => join(folder, name);

const grid = ["--model", model, "--data", data, "--eval-data", data, "--ranks", "4"].concat([
  ...["--targets", "q_proj;q_proj,v_proj", "--seeds", "0,1", "--steps", "4", "--batch-size", "2"],
  ...[
    "--seq-len",
    "16",
    "--eval-every",
    "2",
    "--checkpoint-every",
    "2",
    "--score",
    "2",
    "--lr",
    "0.02",
    "--patience",
    "9",
  ],
]);
const cellIds = ["r4_q", "r4_q+v"].flatMap((setting) => [`${setting}_s0`, `${setting}_s1`]);

const resultsOf = (out: string) =>
  readExperimentFile(readFileSync(join(path(out), "results.json")), "results.json");
const numbersOf = (out: string) =>
  resultsOf(out).results.map(({ timeMs: _, memoryBytes: __, racedWith: ___, ...rest }) => rest);
const adapterOf = (out: string, id: string) => readFileSync(join(path(out), id, "adapter_model.safetensors"));

it("races a grid and leaves tables, curves and PEFT folders that generate loads", async () => {
  const { code, out } = await captured(() => main([...grid, "--out", path("race")]));
  expect(code).toBe(0);
  expect(out).toContain("4 cells in 1 race of at most 4");
  expect(out).toMatch(/step 4 of 4 · 4 cells · loss \d/);
  expect(out).toMatch(/\| Weights \| r = 4 \|/);
  expect(out).toMatch(/\| q, v \| (\*\*)?\d\.\d{4} ± \d\.\d{4}/);
  const { results, series, base } = resultsOf("race");
  expect(results.map(({ id }) => id)).toEqual(cellIds);
  expect(results.every(({ outcome, task }) => outcome === "done" && task?.count === 2)).toBe(true);
  expect([...series["r4_q+v_s1"]!.validation.step]).toEqual([0, 2, 4]);
  expect(base?.validationLoss).toBe(series.r4_q_s0!.validation.loss[0]);
  const lines = readFileSync(join(path("race"), "results.csv"), "utf8")
    .trimEnd()
    .split("\r\n");
  expect(lines).toHaveLength(5);
  for (const id of cellIds) {
    const names = ["README.md", "adapter_config.json", "adapter_model.safetensors"];
    expect(readdirSync(join(path("race"), id)).sort()).toEqual(names);
  }
  expect(existsSync(join(path("race"), "race"))).toBe(false); // nothing is under way

  const flags = ["--model", model, "--adapter", join(path("race"), "r4_q_s1"), "--prompt", "the cat"];
  expect((await captured(() => generate([...flags, "--max-new-tokens", "2"]))).code).toBe(0);
});

it("gives the same bytes one cell after the other, and after an interruption", async () => {
  // Taken while it runs: what a killed sweep leaves behind.
  let copied = false;
  const onWrite = () => {
    const state = join(path("alone"), "sweep.json");
    if (copied || !existsSync(state) || !readFileSync(state, "utf8").includes('"step": 4')) return;
    cpSync(path("alone"), path("killed"), { recursive: true });
    copied = true;
  };
  const timer = setInterval(onWrite, 1);
  const alone = await captured(() => main([...grid, "--sequential", "--out", path("alone")]));
  clearInterval(timer);
  expect(alone.code).toBe(0);
  expect(alone.out).toContain("4 cells in 4 races of at most 1");
  expect(numbersOf("alone")).toEqual(numbersOf("race"));
  for (const id of cellIds) expect(adapterOf("alone", id)).toEqual(adapterOf("race", id));

  expect(copied).toBe(true);
  expect(resultsOf("killed").results.length).toBeLessThan(4);
  const resumed = await captured(() => main(["--resume", path("killed")]));
  expect(resumed.code).toBe(0);
  expect(numbersOf("killed")).toEqual(numbersOf("race"));
  for (const id of cellIds) expect(adapterOf("killed", id)).toEqual(adapterOf("race", id));
});

it("packs, and trains on a base in fewer bits, as finetune does, and keeps both in its file", async () => {
  const settings = [
    ...["--target", "q_proj", "--rank", "4", "--pack", "--base-bits", "8", "--steps", "2"],
  ].concat([...["--batch-size", "1", "--seq-len", "48", "--lr", "0.02"]]);
  const files = ["--model", model, "--data", data, "--eval-data", data];
  const swept = await captured(() => main([...files, ...settings, "--score", "0", "--out", path("bits")]));
  expect(swept.code).toBe(0);
  expect(swept.out).toMatch(/\d sequences once packed/);
  const { experiment, model: base } = resultsOf("bits");
  expect(experiment.run.packing).toBe(true);
  expect(base.quantisation).toBe("int8");
  expect(readFileSync(join(path("bits"), "r4_q_s0", "README.md"), "utf8")).toContain(
    "on a base in 8 bits (int8)",
  );
  await captured(() => finetune([...files, ...settings, "--out", path("alike")]));
  expect(adapterOf("bits", "r4_q_s0")).toEqual(
    readFileSync(join(path("alike"), "adapter_model.safetensors")),
  );
  await expect(main(["--resume", path("bits"), "--base-bits", "16"])).rejects.toThrow(
    "--base-bits: expected 8 bits (int8) as in the run to resume, got 16 bits or as in its file",
  );
});

it("explains itself and names the flag that is wrong", async () => {
  const help = (await captured(() => main(["--help"]))).out;
  for (const flag of [
    "--ranks",
    "--targets",
    "--seeds",
    "--sequential",
    "--steps",
    "--lr",
    "--pack",
    "--base-bits",
  ]) {
    expect(help).toContain(flag);
  }
  const out = ["--out", path("bad")];
  const refuses = async (flags: string[], message: RegExp) =>
    expect(main(["--model", model, "--data", data, ...out, ...flags])).rejects.toThrow(message);
  await refuses(["--ranks", "1,x"], /^--ranks: expected numbers between commas, got "x"/);
  await refuses(["--ranks", "0"], /^--ranks: expected at least 1, got 0/);
  await refuses(["--seeds", "1,1"], /^--seeds: expected each value once/);
  await refuses(["--targets", "q_proj;;v_proj"], /^--targets: expected module names in each set.*after "q"/);
  await refuses(["--method", "bitfit"], /^--method: expected one of lora, full, got "bitfit"/);
  await refuses(["--ranks", "64"], /rank: expected at most 16/);
  await refuses(["--resume", path("nowhere")], /^--resume: expected a folder with results.json/);
  expect(existsSync(path("bad"))).toBe(false);
});
