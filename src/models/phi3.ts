// Phi-3: Llama with q, k and v in one projection, and gate and up in another. Source: transformers, models/phi3.
import { readDecoderConfig } from "../formats/modelConfig";
import type { Tensor } from "../gpu/tensor";
import { columns } from "../ops/columns";
import { swiglu } from "../ops/swiglu";
import { attended, headWidths, project, rmsNormed, rotated } from "./blocks";
import type { Family, Pass } from "./family";
import { llama } from "./llama";

const defaults = { rms_norm_eps: 1e-5, max_position_embeddings: 4096 };

function attentionBlock(pass: Pass, layer: number, prefix: string, x: Tensor): Tensor {
  const { trace, config } = pass;
  const { queries, keys } = headWidths(pass);
  const path = `${prefix}.self_attn`;
  const h = rmsNormed(pass, `${prefix}.input_layernorm`, x); // [N, C]
  const fused = project(pass, `${path}.qkv_proj`, h, queries + 2 * keys); // [N, H·D + 2·KV·D]
  const [q, k, v] = columns(trace, fused, [
    [`${path}.q`, queries],
    [`${path}.k`, keys],
    [`${path}.v`, keys],
  ]) as [Tensor, Tensor, Tensor];
  const o = attended(pass, layer, path, { q: rotated(pass, q), k: rotated(pass, k), v }); // [N, H·D]
  return project(pass, `${path}.o_proj`, o, config.hiddenSize, { residual: x }); // [N, C]
}

function feedForwardBlock(pass: Pass, prefix: string, x: Tensor): Tensor {
  const { intermediateSize, hiddenSize } = pass.config;
  const path = `${prefix}.mlp`;
  const h = rmsNormed(pass, `${prefix}.post_attention_layernorm`, x); // [N, C]
  const fused = project(pass, `${path}.gate_up_proj`, h, 2 * intermediateSize);
  const [gate, up] = columns(pass.trace, fused, [
    [`${path}.gate`, intermediateSize],
    [`${path}.up`, intermediateSize],
  ]) as [Tensor, Tensor];
  const activated = swiglu(pass.trace, { gate, up }, { label: `${path}.act` }); // [N, intermediate]
  return project(pass, `${path}.down_proj`, activated, hiddenSize, { residual: x }); // [N, C]
}

export const phi3: Family = {
  ...llama,
  modelType: "phi3",
  architecture: "Phi3ForCausalLM",
  defaultTargetModules: ["qkv_proj"], // PEFT has no default of its own
  readConfig: (json, fileName) => readDecoderConfig(json, fileName, defaults),
  block(pass, layer, x) {
    const prefix = `model.layers.${layer}`;
    return feedForwardBlock(pass, prefix, attentionBlock(pass, layer, prefix, x));
  },
};
