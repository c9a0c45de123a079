// `npm run bench:native`: whole training steps in Node through Dawn, beside PEFT on the same device, and what share of
// the device's own ceilings they reach.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { create, globals } from "webgpu";
import { type Gpu, openGpu } from "../../src/gpu/device";
import type { DispatchTime } from "../../src/gpu/kernelTimer";
import { Tuner } from "../../src/gpu/tuner";
import { type Entry, holdContest } from "../contest";
import type { CaseResult } from "../report";
import { measureCeilings } from "./ceilings";
import { longRunLines } from "./longRun";
import { Peft, type TorchCeilings } from "./peft";
import { nativeCases, quickCases } from "./shapes";
import { EngineStep, type NativeCase, stepFlops, timingWeights } from "./step";
import { barLines, ceilingLines, profileLines, stepLines } from "./table";

const help = `Usage: npm run bench:native -- [flags]

  --quick        tiny models, to see that all works: the figures say little
  --only TEXT    only cases whose id contains this: embedded, gpt2-1024, gpt2-4096, smollm2-135m, qwen2.5-0.5b;
                 several, separated by commas
  --alone        without PEFT; otherwise PYTHON (or python3) needs torch, transformers and peft
  --profile      also time each kernel
  --long-run     only whether 1,000 steps of a small model slow down or grow
  --json FILE    where to write the report
  --help         print this`;

const FORMAT = "lora-studio-bench-native";
const efforts = {
  quick: { samples: 3, msPerContestant: 1000, msPerSample: 1 },
  full: { samples: 7, msPerContestant: 3000, msPerSample: 200 },
} as const;

// Dawn frees its instance with this object, even under a working device.
const instances: GPU[] = [];

function openDawn(...flags: string[]): Promise<Gpu> {
  const gpu = create(flags);
  instances.push(gpu);
  return openGpu(gpu);
}

export async function main(args: string[]): Promise<number> {
  const { values: flags } = parseArgs({
    args,
    options: {
      quick: { type: "boolean" },
      only: { type: "string" },
      alone: { type: "boolean" },
      profile: { type: "boolean" },
      "long-run": { type: "boolean" },
      json: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (flags.help) {
    console.log(help);
    return 0;
  }
  Object.assign(globalThis, globals);
  const startedAt = new Date().toISOString();
  // Exact times: browsers round them to hide what pages do from each other, which is no concern here.
  const exact = "disable-dawn-features=timestamp_quantization";
  const gpu = await openDawn(exact);
  if (flags["long-run"]) {
    for (const line of await longRunLines(gpu, flags.quick ? 150 : 1000)) console.log(line);
    return 0;
  }
  const unchecked = await openDawn(exact, "enable-dawn-features=disable_robustness");
  const { description, vendor, architecture } = gpu.device.adapterInfo;
  const [matmulSize, copyBytes] = flags.quick ? [128, 2 ** 18] : [4096, 2 ** 28];

  const ceilings = await measureCeilings(gpu, matmulSize, copyBytes);
  const torch = flags.alone ? undefined : await startPeft(matmulSize, copyBytes);
  const machine = {
    adapter: gpu.name,
    driver: description || `${vendor} ${architecture}`,
    ...torch?.ceilings,
  };
  for (const line of ceilingLines(gpu.name, ceilings, torch?.ceilings)) console.log(line);

  const wanted = flags.only?.split(",") ?? [""];
  const chosen = (flags.quick ? quickCases : nativeCases).filter(({ id }) =>
    wanted.some((text) => id.includes(text)),
  );
  const results: CaseResult[] = [];
  const profiles: Record<string, readonly DispatchTime[]> = {};
  for (const size of chosen) {
    const { result, times } = await contest(size, { gpu, unchecked, peft: torch?.peft }, flags);
    results.push(result);
    for (const line of stepLines(result, ceilings, torch?.ceilings)) console.log(line);
    for (const line of barLines(result, gpu.isSoftware, ceilings, torch?.ceilings)) console.log(line);
    if (times) profiles[size.id] = times;
    for (const line of times ? profileLines(times) : []) console.log(line);
    const report = { format: FORMAT, startedAt, machine, ceilings, cases: results, profiles };
    if (flags.json) writeFileSync(flags.json, `${JSON.stringify(report, null, 2)}\n`); // what is known so far
  }
  torch?.peft.stop();
  return 0;
}

async function startPeft(
  matmulSize: number,
  copyBytes: number,
): Promise<{ peft: Peft; ceilings: TorchCeilings } | undefined> {
  try {
    return await Peft.start(matmulSize, copyBytes);
  } catch (error) {
    console.log(`Without PEFT: ${(error as Error).message}`);
    return undefined;
  }
}

/** Who takes part: this engine as browsers run it, the same without bounds checks where one row is enough, and PEFT. */
async function contest(
  size: NativeCase,
  { gpu, unchecked, peft }: { readonly gpu: Gpu; readonly unchecked: Gpu; readonly peft: Peft | undefined },
  { quick = false, profile = false }: { readonly quick?: boolean; readonly profile?: boolean },
): Promise<{ readonly result: CaseResult; readonly times: readonly DispatchTime[] | undefined }> {
  const { id, title, batchSize, sequenceLength, rank } = size;
  const weights = timingWeights(size.config);
  let times: readonly DispatchTime[] | undefined;
  const openProfiled = async () => {
    const step = await EngineStep.open(gpu, size, weights);
    const close = async () => {
      if (profile) times = await step.profile();
      step.close();
    };
    return {
      results: () => step.results(),
      run: () => step.run(),
      finish: () => step.finish(),
      close,
    };
  };
  const entries: Entry[] = [{ name: "LoRA Studio", open: openProfiled }];
  if (size.unchecked) {
    entries.push({
      name: "LoRA Studio, no bounds checks",
      open: () => EngineStep.open(unchecked, size, weights),
    });
  }
  if (!gpu.isSoftware) {
    // Software adapters have one tile.
    const byRule = { ...gpu, tuner: new Tuner(gpu.device, false) };
    entries.push({ name: "LoRA Studio, tiles by rule", open: () => EngineStep.open(byRule, size, weights) });
  }
  if (peft) {
    entries.push({ name: "PEFT, f32", open: () => peft.open(size, "float32") });
    entries.push({ name: "PEFT, bf16", open: () => peft.open(size, "bfloat16") });
  }
  const N = batchSize * sequenceLength;
  const about = `${title}, batch ${batchSize} × ${sequenceLength} (N ${N}), rank ${rank}`;
  const effort = efforts[quick ? "quick" : "full"];
  const timed = { id, title: about, flops: stepFlops(size), tokens: N, tolerance: 0, entries };
  return { result: await holdContest(timed, effort), times };
}
