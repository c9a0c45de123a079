// An adapter as the analysis takes it: low-rank changes by module path, whatever the model and the task are.
// formats/peft is strict because its adapters are run; here one is only looked at, so more of them can be read.
import { z } from "zod";
import { FormatError } from "../../formats/formatError";
import { checkSchema, decodeUtf8, parseJson } from "../../formats/jsonFile";
import type { LoraFactors, PeftAdapter, PeftAdapterFiles } from "../../formats/peft";
import { defaultLoraAdapterConfig, type LoraAdapterConfig, scalingOf } from "../../formats/peftConfig";
import { readSafetensors } from "../../formats/safetensors";
import { type Tensor, toFloat32 } from "../../formats/tensor";

/** What an adapter adds to one weight: ΔW = scaling · loraB · loraA, [outFeatures, inFeatures]. */
export interface LowRankChange extends LoraFactors {
  /** In the base model, e.g. "model.layers.0.self_attn.q_proj". */
  readonly path: string;
  readonly scaling: number;
}

/** Plain data: crosses to a worker as it is. */
export interface LowRankAdapter {
  /** In the order of the file. */
  readonly changes: readonly LowRankChange[];
  /** Whether the base keeps these weights as [in, out] (PEFT's fan_in_fan_out: GPT-2's Conv1D). */
  readonly isTransposed: boolean;
  /** What of the file is no part of any ΔW and stays out of the figures, in words. */
  readonly leftOut: readonly string[];
}

const configName = "adapter_config.json";
const weightsName = "adapter_model.safetensors";
const factorKey = /^(?:base_model\.model\.)?(.+)\.lora_([AB])\.weight$/;

const compiles = (pattern: string): boolean => {
  try {
    return Boolean(new RegExp(pattern));
  } catch {
    return false;
  }
};
const patterns = z
  .record(z.string(), z.number().positive())
  .nullish()
  .refine((map) => Object.keys(map ?? {}).every(compiles), {
    error: "expected regular expressions as keys, got one that does not compile.",
  });
const schema = z.object({
  peft_type: z
    .string()
    .refine((type) => type === "LORA", { error: "expected LORA: only LoRA adapters have a ΔW = B·A." }),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  use_rslora: z.boolean().nullish(),
  rank_pattern: patterns,
  alpha_pattern: patterns,
  fan_in_fan_out: z.boolean().nullish(),
});

/**
 * Reads any LoRA adapter folder of PEFT, also one of a model that cannot be run here.
 * @throws FormatError naming the file and the field or tensor that is wrong
 */
export function readLowRankAdapter(files: PeftAdapterFiles): LowRankAdapter {
  const text = decodeUtf8(files[configName], configName);
  const raw = checkSchema(schema, parseJson(text, configName), configName);
  const config: LoraAdapterConfig = {
    ...defaultLoraAdapterConfig,
    r: raw.r,
    loraAlpha: raw.lora_alpha,
    useRslora: raw.use_rslora ?? false,
    rankPattern: raw.rank_pattern ?? {},
    alphaPattern: raw.alpha_pattern ?? {},
  };
  const { tensors } = readSafetensors(files[weightsName], weightsName);
  const halves = new Map<string, { A?: Tensor; B?: Tensor }>();
  const leftOut: string[] = [];
  for (const [name, tensor] of tensors) {
    const match = factorKey.exec(name);
    if (!match) leftOut.push(`${name} [${tensor.shape}]`);
    else halves.set(match[1]!, { ...halves.get(match[1]!), [match[2]!]: tensor });
  }
  if (halves.size === 0) {
    const got = leftOut.slice(0, 3).join(", ") || "a file without tensors";
    throw new FormatError(weightsName, "", `expected lora_A and lora_B of linear modules, got ${got}.`);
  }
  const changes = [...halves].map(([path, { A, B }]) => changeOf(path, A, B, scalingOf(config, path)));
  return { changes, isTransposed: raw.fan_in_fan_out ?? false, leftOut };
}

function changeOf(path: string, A: Tensor | undefined, B: Tensor | undefined, scaling: number) {
  const [rank = 0, inFeatures = 0] = A?.shape ?? [];
  const [outFeatures = 0, columns = 0] = B?.shape ?? [];
  const isPair = A?.shape.length === 2 && B?.shape.length === 2 && rank === columns;
  if (!A || !B || !isPair || rank * inFeatures * outFeatures === 0) {
    const got = `lora_A [${A?.shape ?? "none"}] and lora_B [${B?.shape ?? "none"}]`;
    throw new FormatError(weightsName, path, `expected lora_A [r, in] and lora_B [out, r], got ${got}.`);
  }
  const loraA = valuesOf(`${path}.lora_A`, A);
  const loraB = valuesOf(`${path}.lora_B`, B);
  return { path, scaling, loraA, loraB, rank, inFeatures, outFeatures };
}

function valuesOf(name: string, tensor: Tensor): Float32Array {
  if (tensor.dtype === "F32" || tensor.dtype === "F16" || tensor.dtype === "BF16") return toFloat32(tensor);
  throw new FormatError(weightsName, name, `expected F32, F16 or BF16, got ${tensor.dtype}.`);
}

/** An adapter that the engine trained or has in use. */
export function lowRankAdapterOf({ config, factors }: PeftAdapter): LowRankAdapter {
  const changes = [...factors].map(([path, factor]) => ({
    ...factor,
    path,
    scaling: scalingOf(config, path),
  }));
  return { changes, isTransposed: config.fanInFanOut, leftOut: [] };
}
