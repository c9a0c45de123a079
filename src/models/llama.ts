// Llama as ops. Source: transformers, models/llama/modeling_llama.py.
import { readDecoderConfig } from "../formats/modelConfig";
import type { Tensor } from "../gpu/tensor";
import { attended, embedTokens, gatedFeedForward, headWidths, project, rmsNormed, rotated } from "./blocks";
import type { Family, Pass } from "./family";

/** What a relative of Llama does to its queries and keys before they are rotated; `path` is of their projection. */
export type Prepare = (pass: Pass, path: string, x: Tensor) => Tensor;

/** A block of Llama. Families that keep its names differ in their config, and in what `prepare` does. */
export function llamaBlock(
  pass: Pass,
  layer: number,
  x: Tensor,
  prepare: Prepare = (_pass, _path, projected) => projected,
): Tensor {
  const prefix = `model.layers.${layer}`;
  return gatedFeedForward(pass, prefix, attentionBlock(pass, layer, prefix, x, prepare));
}

function attentionBlock(pass: Pass, layer: number, prefix: string, x: Tensor, prepare: Prepare): Tensor {
  const { qkvBias: bias, outputBias, hiddenSize } = pass.config;
  const { queries, keys } = headWidths(pass);
  const path = `${prefix}.self_attn`;
  const h = rmsNormed(pass, `${prefix}.input_layernorm`, x); // [N, C]
  const prepared = (name: string, width: number) =>
    rotated(pass, prepare(pass, `${path}.${name}`, project(pass, `${path}.${name}`, h, width, { bias })));
  const q = prepared("q_proj", queries); // [N, H·D]
  const k = prepared("k_proj", keys); // [N, KV·D]
  const v = project(pass, `${path}.v_proj`, h, keys, { bias }); // [N, KV·D]
  const o = attended(pass, layer, path, { q, k, v }); // [N, H·D]
  return project(pass, `${path}.o_proj`, o, hiddenSize, { bias: outputBias, residual: x }); // [N, C]
}

export const llama: Family = {
  modelType: "llama",
  architecture: "LlamaForCausalLM",
  defaultTargetModules: ["q_proj", "v_proj"],
  prefix: "model.",
  embedding: "model.embed_tokens.weight",
  ignored: /\.rotary_emb\.inv_freq$/,
  readConfig: (json, fileName) => {
    const config = readDecoderConfig(json, fileName);
    return { ...config, slidingWindows: config.slidingWindows.map(() => null) };
  },
  embed: (pass) => embedTokens(pass, "model.embed_tokens"),
  block: (pass, layer, x) => llamaBlock(pass, layer, x),
  finalNorm: (scope, x) => rmsNormed(scope, "model.norm", x),
};
