// GPT-2 as ops: learned positions, LayerNorms, q, k and v in one projection, biases everywhere.
// Source: transformers, models/gpt2/modeling_gpt2.py.
import { z } from "zod";
import { checkSchema } from "../formats/jsonFile";
import { commonFields, only, tokenIdsOf } from "../formats/modelConfig";
import type { Tensor } from "../gpu/tensor";
import { columns } from "../ops/columns";
import { gelu } from "../ops/gelu";
import { layerNorm } from "../ops/layerNorm";
import { positionEmbedding } from "../ops/positionEmbedding";
import { attended, embedTokens, project } from "./blocks";
import type { Family, Pass, Scope } from "./family";

const count = z.int().positive();
const schema = z
  .object({
    ...commonFields,
    n_embd: count.default(768),
    n_layer: count.default(12),
    n_head: count.default(12),
    n_inner: count.nullish(),
    n_positions: count.default(1024),
    layer_norm_epsilon: z.number().positive().default(1e-5),
    // One function under two names: the tanh approximation.
    activation_function: z.enum(["gelu_new", "gelu_pytorch_tanh"]).default("gelu_new"),
    tie_word_embeddings: z.boolean().default(true),
    scale_attn_weights: only(true),
    scale_attn_by_inverse_layer_idx: only(false),
    add_cross_attention: only(false),
  })
  .refine(({ n_embd, n_head }) => n_embd % n_head === 0, {
    path: ["n_head"],
    error: ({ input }) => {
      const { n_embd, n_head } = input as { n_embd: number; n_head: number };
      return `expected a divisor of n_embd ${n_embd}, got ${n_head}.`;
    },
  });

function layerNormed({ trace, config, parameters }: Scope, path: string, x: Tensor): Tensor {
  const width = [config.hiddenSize];
  const weight = parameters.weight(`${path}.weight`, width);
  const bias = parameters.weight(`${path}.bias`, width);
  return layerNorm(trace, { x, weight, bias }, { label: path, eps: config.normEps });
}

function attentionBlock(pass: Pass, layer: number, prefix: string, x: Tensor): Tensor {
  const { hiddenSize } = pass.config;
  const path = `${prefix}.attn`;
  const h = layerNormed(pass, `${prefix}.ln_1`, x); // [N, C]
  const fused = project(pass, `${path}.c_attn`, h, 3 * hiddenSize, { bias: true }); // [N, 3·C]
  const [q, k, v] = columns(pass.trace, fused, [
    [`${path}.q`, hiddenSize],
    [`${path}.k`, hiddenSize],
    [`${path}.v`, hiddenSize],
  ]) as [Tensor, Tensor, Tensor];
  const o = attended(pass, layer, path, { q, k, v }); // [N, C]
  return project(pass, `${path}.c_proj`, o, hiddenSize, { bias: true, residual: x });
}

function feedForwardBlock(pass: Pass, prefix: string, x: Tensor): Tensor {
  const { hiddenSize, intermediateSize } = pass.config;
  const h = layerNormed(pass, `${prefix}.ln_2`, x); // [N, C]
  const inner = project(pass, `${prefix}.mlp.c_fc`, h, intermediateSize, { bias: true }); // [N, intermediate]
  const activated = gelu(pass.trace, { x: inner }, { label: `${prefix}.mlp.act` });
  return project(pass, `${prefix}.mlp.c_proj`, activated, hiddenSize, { bias: true, residual: x }); // [N, C]
}

export const gpt2: Family = {
  modelType: "gpt2",
  architecture: "GPT2LMHeadModel",
  defaultTargetModules: ["c_attn"],
  prefix: "transformer.",
  embedding: "transformer.wte.weight",
  transposed: /\.(c_attn|c_proj|c_fc)\.weight$/,
  ignored: /\.attn\.(bias|masked_bias)$/,

  readConfig(json, fileName) {
    const raw = checkSchema(schema, json, fileName);
    return {
      modelType: raw.model_type,
      vocabSize: raw.vocab_size,
      hiddenSize: raw.n_embd,
      intermediateSize: raw.n_inner ?? 4 * raw.n_embd,
      numHiddenLayers: raw.n_layer,
      numAttentionHeads: raw.n_head,
      numKeyValueHeads: raw.n_head,
      headDim: raw.n_embd / raw.n_head,
      rope: null,
      normEps: raw.layer_norm_epsilon,
      maxPositionEmbeddings: raw.n_positions,
      tieWordEmbeddings: raw.tie_word_embeddings,
      slidingWindows: Array.from({ length: raw.n_layer }, () => null),
      qkvBias: true,
      outputBias: true,
      mlpBias: true,
      ...tokenIdsOf(raw),
      json,
    };
  },

  embed(pass) {
    const { trace, config, parameters, inputs } = pass;
    const { sequenceLength, segments } = inputs;
    const shape = [config.maxPositionEmbeddings, config.hiddenSize];
    const weight = parameters.weight("transformer.wpe.weight", shape);
    const x = embedTokens(pass, "transformer.wte"); // [N, C]
    return positionEmbedding(trace, { x, weight, segments }, { label: "wpe", sequenceLength });
  },

  block(pass, layer, x) {
    const prefix = `transformer.h.${layer}`;
    return feedForwardBlock(pass, prefix, attentionBlock(pass, layer, prefix, x));
  },

  finalNorm: (scope, x) => layerNormed(scope, "transformer.ln_f", x),
};
