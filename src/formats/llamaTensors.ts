// Which tensors and linear modules a Llama model has, by their Hugging Face names and shapes.
// Source: transformers, models/llama/modeling_llama.py.
import type { LlamaConfig } from "./modelConfig";

/** Features of a linear layer; its weight is [outFeatures, inFeatures]. */
export interface LinearShape {
  readonly inFeatures: number;
  readonly outFeatures: number;
}

/** Module names that LoRA can adapt, in the order a block runs them. */
export const llamaLinearNames = [
  "q_proj",
  "k_proj",
  "v_proj",
  "o_proj",
  "gate_proj",
  "up_proj",
  "down_proj",
] as const;

/** The seven linear modules of every layer by path (`model.layers.0.self_attn.q_proj`), layer by layer. */
export function llamaLinearShapes(config: LlamaConfig): Map<string, LinearShape> {
  const { hiddenSize, intermediateSize, headDim } = config;
  const queries = config.numAttentionHeads * headDim;
  const keys = config.numKeyValueHeads * headDim;
  const shapes = new Map<string, LinearShape>();
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const attention = `model.layers.${layer}.self_attn`;
    const mlp = `model.layers.${layer}.mlp`;
    shapes.set(`${attention}.q_proj`, { inFeatures: hiddenSize, outFeatures: queries });
    shapes.set(`${attention}.k_proj`, { inFeatures: hiddenSize, outFeatures: keys });
    shapes.set(`${attention}.v_proj`, { inFeatures: hiddenSize, outFeatures: keys });
    shapes.set(`${attention}.o_proj`, { inFeatures: queries, outFeatures: hiddenSize });
    shapes.set(`${mlp}.gate_proj`, { inFeatures: hiddenSize, outFeatures: intermediateSize });
    shapes.set(`${mlp}.up_proj`, { inFeatures: hiddenSize, outFeatures: intermediateSize });
    shapes.set(`${mlp}.down_proj`, { inFeatures: intermediateSize, outFeatures: hiddenSize });
  }
  return shapes;
}

/** Every tensor the model needs, name → shape; a tied head has none of its own. */
export function llamaTensorShapes(config: LlamaConfig): Map<string, readonly number[]> {
  const { hiddenSize, vocabSize } = config;
  const shapes = new Map<string, readonly number[]>([["model.embed_tokens.weight", [vocabSize, hiddenSize]]]);
  for (const [path, { inFeatures, outFeatures }] of llamaLinearShapes(config)) {
    shapes.set(`${path}.weight`, [outFeatures, inFeatures]);
    const biased = path.includes(".self_attn.") ? config.attentionBias : config.mlpBias;
    if (biased) shapes.set(`${path}.bias`, [outFeatures]);
  }
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    shapes.set(`model.layers.${layer}.input_layernorm.weight`, [hiddenSize]);
    shapes.set(`model.layers.${layer}.post_attention_layernorm.weight`, [hiddenSize]);
  }
  shapes.set("model.norm.weight", [hiddenSize]);
  if (!config.tieWordEmbeddings) shapes.set("lm_head.weight", [vocabSize, hiddenSize]);
  return shapes;
}
