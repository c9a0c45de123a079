// Qwen2 and Qwen2.5: Llama with biases on q, k and v. Source: transformers, models/qwen2.
import { readDecoderConfig } from "../formats/modelConfig";
import type { Family } from "./family";
import { llama } from "./llama";

const defaults = {
  num_key_value_heads: 32,
  max_position_embeddings: 32_768,
  use_sliding_window: false,
  sliding_window: 4096,
  max_window_layers: 28,
};

export const qwen2: Family = {
  ...llama,
  modelType: "qwen2",
  architecture: "Qwen2ForCausalLM",
  readConfig: (json, fileName) => ({
    ...readDecoderConfig(json, fileName, defaults),
    qkvBias: true,
    outputBias: false,
    mlpBias: false,
  }),
};
