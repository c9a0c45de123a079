// Golden cases of oracle/ as the engine's own inputs, for tests.
import { loadGolden } from "../../../oracle/goldens";
import type { TokenizedExample } from "../../data/examples";
import { type PeftAdapter, readPeftAdapter } from "../../formats/peft";
import { readSafetensors } from "../../formats/safetensors";
import { toFloat32, transposed } from "../../formats/tensor";
import { type Gpu, openGpu } from "../../gpu/device";
import { readModelWeights } from "../../models/modelFolder";
import type { ModelWeights } from "../../models/residentModel";
import { type TrainConfig, type TrainConfigInput, trainConfigSchema } from "../config";

let opened: Promise<Gpu> | undefined;

/** One device for all tests of a file. Without an adapter the test fails with that reason. */
export function testGpu(): Promise<Gpu> {
  opened ??= openGpu(navigator.gpu);
  return opened;
}

/** Cases whose weights come in several files; see oracle/cases.py. */
const sharded = new Set(["llama-linear-shards-f16", "qwen2-tied-bf16", "gpt2-untied-f16"]);

export async function loadCaseModel(name: string): Promise<ModelWeights> {
  const index = "model.safetensors.index.json";
  const files = new Map([["config.json", await loadGolden(`${name}/config.json`)]]);
  if (sharded.has(name)) {
    const bytes = await loadGolden(`${name}/${index}`);
    const { weight_map } = JSON.parse(new TextDecoder().decode(bytes)) as { weight_map: object };
    files.set(index, bytes);
    for (const file of new Set<string>(Object.values(weight_map))) {
      files.set(file, await loadGolden(`${name}/${file}`));
    }
  } else files.set("model.safetensors", await loadGolden(`${name}/model.safetensors`));
  return readModelWeights(files);
}

/** @param folder adapter, adapter_initial or adapter_final */
export async function loadCaseAdapter(name: string, folder: string): Promise<PeftAdapter> {
  return readPeftAdapter({
    "adapter_config.json": await loadGolden(`${name}/${folder}/adapter_config.json`),
    "adapter_model.safetensors": await loadGolden(`${name}/${folder}/adapter_model.safetensors`),
  });
}

export interface GoldenCase {
  readonly examples: readonly TokenizedExample[];
  /** [B, T, V] */
  readonly baseLogits: Float32Array;
  readonly logits: Float32Array;
  readonly loss: number;
  /** By parameter name, e.g. model.layers.0.self_attn.q_proj.lora_A.weight; linear weights' as [out, in]. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** What the model with its adapter goes on with after the first example; empty in most cases. */
  readonly greedy: readonly number[];
}

export async function loadCase(name: string): Promise<GoldenCase> {
  const { tensors } = readSafetensors(await loadGolden(`${name}/golden.safetensors`), "golden.safetensors");
  const ints = (key: string) => new Int32Array(new Uint8Array(tensors.get(key)!.bytes).buffer);
  const floats = (key: string) => {
    const tensor = tensors.get(key);
    return tensor ? toFloat32(tensor) : new Float32Array();
  };
  const [B, T] = tensors.get("input_ids")!.shape as [number, number];
  const ids = ints("input_ids");
  const mask = ints("loss_mask");
  const lengths = ints("lengths");
  const examples = Array.from({ length: B }, (_, b) => ({
    ids: Uint32Array.from(ids.subarray(b * T, b * T + lengths[b]!)),
    lossMask: Uint8Array.from(mask.subarray(b * T, b * T + lengths[b]!)),
  }));
  const gradients = new Map<string, Float32Array>();
  for (const [key, tensor] of tensors) {
    if (!key.startsWith("grad.")) continue;
    const parameter = key.slice("grad.".length);
    const isTransposed = /\.(c_attn|c_proj|c_fc)\.weight$/.test(parameter);
    const name = /\.lora_[AB]$/.test(parameter) ? `${parameter}.weight` : parameter;
    gradients.set(name, toFloat32(isTransposed ? transposed(tensor) : tensor));
  }
  return {
    examples,
    baseLogits: floats("base_logits"),
    logits: floats("logits"),
    loss: floats("loss")[0]!,
    gradients,
    greedy: tensors.has("greedy") ? [...ints("greedy")] : [],
  };
}

export interface GoldenCurve {
  readonly config: TrainConfig;
  readonly examples: readonly TokenizedExample[];
  readonly losses: readonly number[];
  readonly gradNorms: readonly number[];
}

/** A recorded run: its configuration, its batches as examples in order, and what PyTorch measured. */
export async function loadCurve(name: string, file = "curve.json"): Promise<GoldenCurve> {
  const text = async (path: string) => new TextDecoder().decode(await loadGolden(`${name}/${path}`));
  const curve = JSON.parse(await text(file));
  const lines = (await text("batches.jsonl")).trim().split("\n");
  const examples = lines.flatMap((line) => {
    const batch = JSON.parse(line) as { input_ids: number[][]; loss_mask: number[][] };
    return batch.input_ids.map((ids, i) => ({
      ids: Uint32Array.from(ids),
      lossMask: Uint8Array.from(batch.loss_mask[i]!),
    }));
  });
  return { config: curveConfig(curve), examples, losses: curve.losses, gradNorms: curve.grad_norms };
}

export function curveConfig(curve: Record<string, never>): TrainConfig {
  const input: TrainConfigInput = {
    method: curve.method,
    steps: curve.steps,
    batchSize: curve.batch_size,
    gradientAccumulation: curve.accumulation,
    sequenceLength: curve.sequence_length,
    learningRate: curve.learning_rate,
    schedule: curve.schedule,
    warmupSteps: curve.warmup_steps,
    weightDecay: curve.weight_decay,
    maxGradNorm: curve.max_grad_norm,
    shuffle: false,
    evaluateEvery: 0,
    checkpointEvery: 0,
  };
  return trainConfigSchema.parse(input);
}

/** max|a − b| / max|b|: the measure of every parity figure. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) {
    throw new Error(`expected ${expected.length} values, got ${actual.length}`);
  }
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    const gap = Math.abs(actual[i]! - expected[i]!);
    if (!(gap <= difference)) difference = gap; // NaN must not pass
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return difference / scale;
}
