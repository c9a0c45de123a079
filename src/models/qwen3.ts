// Qwen3: Llama with a norm over each head of q and k, and a head size of its own. Source: transformers, models/qwen3.
import { readDecoderConfig } from "../formats/modelConfig";
import { headNorm } from "../ops/headNorm";
import type { Family } from "./family";
import { llama, llamaBlock, type Prepare } from "./llama";

const defaults = {
  num_key_value_heads: 32,
  head_dim: 128,
  max_position_embeddings: 32_768,
  use_sliding_window: false,
  sliding_window: 4096,
  max_window_layers: 28,
};

/** q_proj's heads pass q_norm, k_proj's k_norm. */
const normHeads: Prepare = ({ trace, config, parameters }, path, x) => {
  const label = path.replace(/_proj$/, "_norm");
  const weight = parameters.weight(`${label}.weight`, [config.headDim]);
  return headNorm(trace, { x, weight }, { label, eps: config.normEps });
};

export const qwen3: Family = {
  ...llama,
  modelType: "qwen3",
  architecture: "Qwen3ForCausalLM",
  readConfig: (json, fileName) => ({ ...readDecoderConfig(json, fileName, defaults), mlpBias: false }),
  block: (pass, layer, x) => llamaBlock(pass, layer, x, normHeads),
};
