// Mistral: Llama whose tokens see no further back than a window. Source: transformers, models/mistral.
import { readDecoderConfig } from "../formats/modelConfig";
import type { Family } from "./family";
import { llama } from "./llama";

const defaults = { num_key_value_heads: 8, sliding_window: 4096, max_position_embeddings: 131_072 };

export const mistral: Family = {
  ...llama,
  modelType: "mistral",
  architecture: "MistralForCausalLM",
  readConfig: (json, fileName) => ({
    ...readDecoderConfig(json, fileName, defaults),
    qkvBias: false,
    outputBias: false,
    mlpBias: false,
  }),
};
