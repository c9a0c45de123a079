// The flags of finetune and the run's configuration: which field each one sets, and complaints that name the flag.
import type { z } from "zod";
import { shown } from "../formats/formatError";
import { methods, schedules, type TrainConfig, trainConfigSchema } from "../train/config";
import { baseBitsFlags } from "./baseBitsFlag";
import { dataFlags } from "./dataFlags";
import { type CommandDescription, FlagError, type FlagValues } from "./flags";

const defaults = trainConfigSchema.parse({ evaluateExamples: 0 });
const { adapter } = defaults;

export const finetuneCommand: CommandDescription = {
  name: "finetune",
  usage: "--model PATH --data FILE --out DIR [flags]",
  about:
    "Fine-tunes a language model on the GPU: LoRA by default, or all weights, or the biases alone. Writes a " +
    "PEFT adapter folder (or a Hugging Face model folder) with metrics.jsonl, summary.json and checkpoint.safetensors.",
  flags: [
    {
      name: "model",
      value: "PATH",
      about:
        "Hugging Face model folder (config.json, model.safetensors, tokenizer) of a Llama, Mistral, Qwen2, Qwen3, " +
        "GPT-2 or Phi-3; a llama2.c checkpoint (.bin) beside its tokenizer; or owner/name[@revision] on the Hugging " +
        "Face Hub, downloaded once (HF_ENDPOINT, HF_TOKEN)",
    },
    ...baseBitsFlags,
    ...dataFlags,
    { name: "out", value: "DIR", about: "folder to write; new or empty unless --overwrite" },
    { name: "overwrite", about: "replace the files that an earlier run wrote into --out" },
    {
      name: "resume",
      value: "DIR",
      about:
        "go on with the run in this folder from its last checkpoint, ending with the same bytes as if it had never " +
        "stopped; model, data and settings are the run's own",
    },
    { name: "method", value: "NAME", about: methods.join(", "), default: defaults.method },
    { name: "rank", value: "N", about: "rank of the adapter's matrices", default: adapter.rank },
    {
      name: "alpha",
      value: "X",
      about: "scales the adapter: alpha / rank, with --rslora alpha / √rank",
      default: adapter.loraAlpha,
    },
    {
      name: "target",
      value: "NAMES",
      about:
        "adapted layers between commas, of q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj, or of what else " +
        "the model has; otherwise PEFT's for the model's type: q_proj,v_proj, of GPT-2 c_attn",
    },
    {
      name: "dropout",
      value: "P",
      about: "share of the adapter's inputs left out",
      default: adapter.loraDropout,
    },
    { name: "rslora", about: "rank-stabilised scaling" },
    {
      name: "init",
      value: "NAME",
      about: "first values of A: default (PEFT's) or gaussian",
      default: "default",
    },
    {
      name: "rank-pattern",
      value: "JSON",
      about: `ranks by the end of a layer's path, e.g. '{"down_proj": 2}'`,
    },
    {
      name: "alpha-pattern",
      value: "JSON",
      about: `alphas in the same way, e.g. '{"layers.0.self_attn.q_proj": 4}'`,
    },
    {
      name: "init-adapter",
      value: "DIR",
      about: "start from this PEFT adapter, with its rank, alpha and layers",
    },
    { name: "steps", value: "N", about: "updates of the weights", default: defaults.steps },
    { name: "batch-size", value: "N", about: "examples per batch", default: defaults.batchSize },
    {
      name: "grad-accum",
      value: "N",
      about: "batches per update; the loss is the mean over the tokens of all of them",
      default: defaults.gradientAccumulation,
    },
    {
      name: "pack",
      about:
        "put short examples into one sequence of --seq-len; attention stays inside each, and so does its loss",
    },
    { name: "seq-len", value: "N", about: "tokens an example is cut to", default: defaults.sequenceLength },
    { name: "lr", value: "X", about: "learning rate at its peak", default: defaults.learningRate },
    { name: "schedule", value: "NAME", about: schedules.join(", "), default: defaults.schedule },
    {
      name: "warmup",
      value: "N",
      about: "steps in which the rate rises from 0",
      default: defaults.warmupSteps,
    },
    {
      name: "weight-decay",
      value: "X",
      about: "AdamW's decoupled weight decay",
      default: defaults.weightDecay,
    },
    {
      name: "max-grad-norm",
      value: "X",
      about: "gradients are scaled down to this global norm; 0 never",
      default: defaults.maxGradNorm,
    },
    { name: "seed", value: "N", about: "of first values, order and dropout", default: defaults.seed },
    {
      name: "data-seed",
      value: "N",
      about:
        "of the order alone, so that runs of several seeds see the same data; as --seed where it is left out",
    },
    {
      name: "grad-checkpointing",
      about:
        "keep only what goes into each block and compute it again: less memory, slower, the same numbers",
    },
    { name: "no-shuffle", about: "examples in file order, wrapping at the end" },
    {
      name: "eval-every",
      value: "N",
      about: "steps between evaluations on what is held out; 0 only before and after",
      default: defaults.evaluateEvery,
    },
    {
      name: "checkpoint-every",
      value: "N",
      about: "steps between checkpoints; 0 only at the end",
      default: defaults.checkpointEvery,
    },
    {
      name: "dtype",
      value: "NAME",
      about: "type of the weights that full and bitfit write: f32, f16, bf16",
      default: "f32",
    },
    {
      name: "profile",
      about: "time one step kernel by kernel and print where its time goes; the other steps stay as fast",
    },
  ],
  notes:
    "Ctrl-C ends a run after the step in progress and keeps what was trained; --resume goes on from there. " +
    "metrics.jsonl has a line per step: step, loss (nats per token), learning_rate, grad_norm, tokens, step_ms.",
  examples: [
    [
      "--model public/models/fable-1m --data public/datasets/restaurants/train.jsonl --out adapter",
      "the embedded model and a sample set, with the defaults",
    ],
    [
      "--model DIR --data FILE --rank 8 --alpha 16 --target q_proj,v_proj --steps 100 --batch-size 8 " +
        "--seq-len 128 --lr 1e-3 --seed 0 --out DIR",
      "every main setting",
    ],
    [
      "--model DIR --data train.csv --template 'Q: {question}\\nA: {answer}' --validation-split 0.1 --out DIR",
      "a table, with its columns put into a text; a tenth of its rows is held out",
    ],
    ["--resume adapter", "go on with a run that was stopped"],
  ],
};

/** Which field of the configuration a flag sets. */
const fields: Readonly<Record<string, string>> = {
  method: "method",
  rank: "adapter.rank",
  alpha: "adapter.loraAlpha",
  target: "adapter.targetModules",
  dropout: "adapter.loraDropout",
  rslora: "adapter.useRslora",
  init: "adapter.initLoraWeights",
  "rank-pattern": "adapter.rankPattern",
  "alpha-pattern": "adapter.alphaPattern",
  steps: "steps",
  "batch-size": "batchSize",
  "grad-accum": "gradientAccumulation",
  pack: "packing",
  "seq-len": "sequenceLength",
  lr: "learningRate",
  schedule: "schedule",
  warmup: "warmupSteps",
  "weight-decay": "weightDecay",
  "max-grad-norm": "maxGradNorm",
  seed: "seed",
  "data-seed": "dataSeed",
  "no-shuffle": "shuffle",
  "grad-checkpointing": "gradientCheckpointing",
  "eval-every": "evaluateEvery",
  "checkpoint-every": "checkpointEvery",
};

/** Flags that describe an adapter, which --init-adapter and --resume bring with them. */
export const adapterFlags = ["rank", "alpha", "target", "rslora", "rank-pattern", "alpha-pattern"] as const;

function givenValue(flags: FlagValues, name: string): unknown {
  switch (name) {
    case "method":
      return flags.choice(name, methods);
    case "schedule":
      return flags.choice(name, schedules);
    case "init":
      return flags.choice(name, ["default", "gaussian"]) === "gaussian" ? "gaussian" : true;
    case "target":
      return flags.list(name);
    case "rank-pattern":
    case "alpha-pattern":
      return flags.json(name);
    case "rslora":
    case "grad-checkpointing":
    case "pack":
      return true;
    case "no-shuffle":
      return false;
    default:
      return flags.number(name);
  }
}

/**
 * The configuration that `flags` ask for; what they leave out is as in `base`.
 * @throws FlagError naming the first flag whose value does not fit
 */
export function configOf(flags: FlagValues, base: TrainConfig = defaults): TrainConfig {
  const input: Record<string, unknown> & { adapter: Record<string, unknown> } = {
    ...base,
    adapter: { ...base.adapter },
  };
  for (const [name, field] of Object.entries(fields)) {
    if (!flags.has(name)) continue;
    const inAdapter = field.startsWith("adapter.");
    (inAdapter ? input.adapter : input)[inAdapter ? field.slice("adapter.".length) : field] = givenValue(
      flags,
      name,
    );
  }
  const parsed = trainConfigSchema.safeParse(input, { reportInput: true });
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const path = issue.path.join(".");
    const name = Object.keys(fields).find(
      (flag) => path === fields[flag] || path.startsWith(`${fields[flag]}.`),
    );
    throw new FlagError(name ?? path, `expected ${expectedOf(issue)}, got ${shown(issue.input)}`);
  }
  const config = parsed.data;
  const unused = Object.keys(fields).find((flag) => fields[flag]!.startsWith("adapter.") && flags.has(flag));
  if (config.method !== "lora" && unused) {
    throw new FlagError(unused, `expected --method lora, whose adapter it describes, got ${config.method}`);
  }
  if (config.warmupSteps > config.steps) {
    throw new FlagError(
      "warmup",
      `expected at most the ${config.steps} steps of the run, got ${config.warmupSteps}`,
    );
  }
  return config;
}

/** @throws FlagError when a flag asks for something else than the run that is resumed */
export function checkUnchanged(flags: FlagValues, saved: TrainConfig): void {
  const now = configOf(flags, saved);
  const at = (config: TrainConfig, field: string): unknown =>
    field.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], config);
  for (const [name, field] of Object.entries(fields)) {
    const [is, was] = [at(now, field), at(saved, field)];
    if (JSON.stringify(is) !== JSON.stringify(was)) {
      throw new FlagError(name, `expected ${shown(was)} as in the run to resume, got ${shown(is)}`);
    }
  }
}

function expectedOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected === "int" ? "a whole number" : `a ${issue.expected}`;
    case "too_small":
      if (issue.origin === "array") return "at least one name";
      return `${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
    case "too_big":
      return `${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
    default:
      return issue.message;
  }
}
