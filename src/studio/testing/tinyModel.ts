// A random model and a dataset small enough that a software adapter trains on them in seconds.

import { fromFloat32, type Tensor } from "../../formats/tensor";
import { tinyTokenizerFiles } from "../../formats/testing/tinyTokenizer";
import { architectureOf } from "../../models/architecture";
import { readModelConfig } from "../../models/families";
import { initialiseModel } from "../../models/initialise";
import { heldFolder } from "../../models/testing/heldFolder";
import type { DataSource, ModelSource, TrainConfigInput } from "../messages";

const configJson = {
  model_type: "llama",
  architectures: ["LlamaForCausalLM"],
  vocab_size: 300,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 8,
  rope_theta: 10_000,
  rms_norm_eps: 1e-5,
  max_position_embeddings: 64,
  tie_word_embeddings: true,
  bos_token_id: 1,
  eos_token_id: 2,
};

export type ChosenModel = Extract<ModelSource, { kind: "files" }>;

/** A model folder as a person chooses it; weights F16, drawn from `seed`. */
export function tinyModel(seed = 1, changes: Record<string, unknown> = {}): ChosenModel {
  const config = readModelConfig(new TextEncoder().encode(JSON.stringify({ ...configJson, ...changes })));
  const shapes = architectureOf(config).tensors;
  const tensors = new Map<string, Tensor>();
  for (const [name, values] of initialiseModel(config, seed)) {
    tensors.set(name, { dtype: "F16", shape: shapes.get(name)!, bytes: fromFloat32(values, "F16") });
  }
  const { tokenizerJson, tokenizerConfig } = tinyTokenizerFiles();
  const encode = (text: string) => new TextEncoder().encode(text);
  const files = heldFolder(
    { config, tensors },
    new Map([
      ["tokenizer.json", encode(tokenizerJson)],
      ["tokenizer_config.json", encode(tokenizerConfig)],
    ]),
  );
  return {
    kind: "files",
    name: `tiny-${seed}`,
    files: [...files].map(([name, bytes]) => new File([new Uint8Array(bytes)], name)),
  };
}

/** Twenty pairs that can be learnt by heart. */
export function tinyData(name = "cats.jsonl"): DataSource {
  const lines = Array.from({ length: 20 }, (_, n) => {
    const letter = "abcdefghijklmnopqrst"[n]!;
    return JSON.stringify({ prompt: `the ${letter}`, completion: ` cat ${letter}${letter}` });
  });
  return { kind: "file", name, file: new File([lines.join("\n")], name) };
}

/** A short run that evaluates and saves often. */
export const tinyConfig: TrainConfigInput = {
  adapter: { rank: 4, loraAlpha: 8, loraDropout: 0.1, targetModules: ["q_proj", "v_proj"] },
  steps: 24,
  batchSize: 2,
  sequenceLength: 24,
  learningRate: 5e-3,
  seed: 3,
  evaluateEvery: 6,
  checkpointEvery: 5,
};
