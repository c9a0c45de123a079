// npm run memory: what a run takes on the GPU with its base in 16, 8 and 4 bits, from a model's shapes alone.
import { join } from "node:path";
import type { StoredTensor } from "../formats/storedTensor";
import type { FloatDtype } from "../formats/tensor";
import type { QuantisedDtype } from "../gpu/quantised";
import { architectureOf } from "../models/architecture";
import { familyOf, readModelConfig } from "../models/families";
import type { ModelWeights } from "../models/residentModel";
import type { TrainConfig } from "../train/config";
import { estimateMemory } from "../train/plan";
import { traineeOf } from "../train/trainee";
import { readGivenFile } from "./files";
import { configOf, finetuneCommand } from "./finetuneFlags";
import { type CommandDescription, helpText, parseFlags } from "./flags";
import { knownShapes } from "./knownShapes";

const runFlags = ["method", "rank", "target", "batch-size", "seq-len", "grad-accum"];
const command: CommandDescription = {
  name: "memory",
  usage: "[--model DIR | --config FILE] [flags]",
  about:
    "Prints the GPU memory of a run, in MB of 2^20 bytes: the plan that training would allocate, without a GPU and " +
    "without weights. Without a model: for well-known ones.",
  flags: [
    { name: "model", value: "DIR", about: "model folder; only its config.json is read" },
    { name: "config", value: "FILE", about: "a config.json by itself" },
    {
      name: "binding-limit",
      value: "MB",
      about: "the most that the GPU binds at once, which larger weights are split by; WebGPU promises 128",
      default: 128,
    },
    ...finetuneCommand.flags.filter(({ name }) => runFlags.includes(name)),
  ],
  examples: [
    ["", "the table of the README"],
    ["--config config.json --batch-size 8 --seq-len 512 --rank 16", "one model"],
  ],
};

const bases: readonly (readonly [string, QuantisedDtype | undefined])[] = [
  ["as in file", undefined],
  ["8 bit", "int8"],
  ["4 bit", "nf4"],
  ["4 bit, double", "nf4-double"],
];

/** Runs the command. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const flags = parseFlags(command, args);
  if (!flags) {
    console.log(helpText(command));
    return 0;
  }
  const folder = flags.text("model");
  const path = flags.text("config") ?? (folder && join(folder, "config.json"));
  const encode = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
  const models = path
    ? [[path, await readGivenFile(path, folder ? "model" : "config")] as const]
    : Object.entries(knownShapes).map(([name, json]) => [name, encode(json)] as const);
  const settings = configOf(flags);
  const limit = flags.count("binding-limit", 1) ?? 128;
  const { batchSize, sequenceLength } = settings;
  console.log(
    `Batch of ${batchSize} × ${sequenceLength} tokens, ${settings.method}; MB of GPU memory, of which a kernel binds at ` +
      `most ${limit} at once\n`,
  );
  console.log(
    "| model | base | weights | activations | trained state | total | with gradient checkpointing | largest buffer |",
  );
  console.log("|---|---|---:|---:|---:|---:|---:|---|");
  for (const [name, bytes] of models) {
    const weights = describedWeights(bytes, path);
    const targetModules = [...familyOf(weights.config).defaultTargetModules];
    const config = flags.has("target")
      ? settings
      : { ...settings, adapter: { ...settings.adapter, targetModules } };
    for (const [base, quantisation] of bases) {
      if (config.method === "full" && quantisation) continue;
      console.log(
        `| ${name} | ${base} | ${rowOf({ ...weights, quantisation }, config, limit).join(" | ")} |`,
      );
    }
  }
  return 0;
}

const fileTypes: Readonly<Record<string, FloatDtype>> = { float32: "F32", float16: "F16", bfloat16: "BF16" };

/** The tensors of a config.json in the type that it names, or bf16; there is nothing to read of them. */
function describedWeights(bytes: Uint8Array, file = "config.json"): ModelWeights {
  const config = readModelConfig(bytes, file);
  const dtype = fileTypes[String(config.json.dtype ?? config.json.torch_dtype)] ?? "BF16";
  const read = () => Promise.reject(new Error("weights: expected none to be read, only their sizes"));
  const stored = ([name, shape]: [string, readonly number[]]): [string, StoredTensor] => [
    name,
    { dtype, shape, file, read },
  ];
  return { config, tensors: new Map([...architectureOf(config).tensors].map(stored)) };
}

function rowOf(weights: ModelWeights, config: TrainConfig, limit: number): string[] {
  const { batchSize, sequenceLength, method } = config;
  const trainee = traineeOf(config, weights, null);
  const shape = {
    batchSize,
    sequenceLength: Math.ceil(sequenceLength / 8) * 8,
    lossRows: batchSize * sequenceLength, // every token counts: the worst case
    vocabSize: weights.config.vocabSize,
    sortsTokens: method === "full",
  };
  const estimate = (gradientCheckpointing: boolean) =>
    estimateMemory(weights, [{ config: { ...config, gradientCheckpointing }, trainee }], shape, {
      maxBindingBytes: limit * 2 ** 20,
    });
  const plain = estimate(false);
  const checkpointed = estimate(true);
  const megabytes = (byteCount: number) => (byteCount / 2 ** 20).toFixed(0);
  const totalOf = (each: typeof plain) =>
    each.weightBytes + each.activationBytes + each.inputBytes + each.trainableStateBytes;
  const sizes = [
    plain.weightBytes,
    plain.activationBytes + plain.inputBytes,
    plain.trainableStateBytes,
    totalOf(plain),
    totalOf(checkpointed),
  ].map(megabytes);
  return [...sizes, `${megabytes(plain.largestBufferBytes)} ${plain.largestBufferLabel}`];
}
