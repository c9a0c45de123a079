// Llama's config.json, checked and typed; both the transformers 5 layout (rope_parameters) and the older one.
// Names and defaults: transformers, models/llama/configuration_llama.py.
import { z } from "zod";
import { shown } from "./formatError";
import { checkSchema, decodeUtf8, parseJson } from "./jsonFile";
import type { FloatDtype } from "./tensor";

/** Architecture of a Llama model; sizes in elements. */
export interface LlamaConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  /** Divides numAttentionHeads; smaller than it with grouped-query attention. */
  readonly numKeyValueHeads: number;
  /** Even; heads × headDim need not equal hiddenSize. */
  readonly headDim: number;
  readonly ropeTheta: number;
  readonly rmsNormEps: number;
  readonly maxPositionEmbeddings: number;
  readonly tieWordEmbeddings: boolean;
  /** Biases on q, k, v and o. */
  readonly attentionBias: boolean;
  /** Biases on gate, up and down. */
  readonly mlpBias: boolean;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
}

const supported = 'This program runs models with model_type "llama" and architecture LlamaForCausalLM.';
const count = z.int().positive();
const tokenId = z.int().nonnegative();

const ropeSchema = z.object({
  rope_theta: z.number().positive().optional(),
  rope_type: z.string().optional(),
  type: z.string().optional(),
  partial_rotary_factor: z.number().optional(),
});

const schema = z
  .object({
    model_type: z.string().refine((type) => type === "llama", {
      error: ({ input }) => `expected "llama", got ${shown(input)}. ${supported}`,
    }),
    architectures: z
      .array(z.string())
      .nullish()
      .refine((names) => !names || names.includes("LlamaForCausalLM"), {
        error: ({ input }) => `expected LlamaForCausalLM, got ${shown(input)}. ${supported}`,
      }),
    quantization_config: z
      .unknown()
      .optional()
      .refine(
        (value) => value === undefined || value === null,
        "expected none, got a quantised model. Use the F32, F16 or BF16 weights.",
      ),
    hidden_act: z
      .string()
      .default("silu")
      .refine((name) => name === "silu", {
        error: ({ input }) => `expected "silu", got ${shown(input)}. ${supported}`,
      }),
    vocab_size: count,
    hidden_size: count,
    intermediate_size: count,
    num_hidden_layers: count,
    num_attention_heads: count,
    num_key_value_heads: count.nullish(),
    head_dim: count.nullish(),
    rope_theta: z.number().positive().nullish(),
    rope_scaling: ropeSchema.nullish(),
    rope_parameters: ropeSchema.nullish(),
    rms_norm_eps: z.number().positive().default(1e-6),
    max_position_embeddings: count.default(2048),
    tie_word_embeddings: z.boolean().default(false),
    attention_bias: z.boolean().default(false),
    mlp_bias: z.boolean().default(false),
    bos_token_id: tokenId.nullish(),
    eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish(),
  })
  .superRefine((config, context) => {
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: "custom", path: [field], message: `${message}.` });
    for (const field of ["rope_parameters", "rope_scaling"] as const) {
      const rope = config[field];
      const type = rope?.rope_type ?? rope?.type ?? "default";
      if (type !== "default")
        refuse(field, `expected rotary embedding "default", got ${shown(type)}, a scaled one`);
      if ((rope?.partial_rotary_factor ?? 1) !== 1)
        refuse(field, "expected a rotary embedding over the whole head, got a partial one");
    }
    const heads = config.num_attention_heads;
    const keyValueHeads = config.num_key_value_heads ?? heads;
    if (heads % keyValueHeads !== 0) {
      refuse(
        "num_key_value_heads",
        `expected a divisor of num_attention_heads ${heads}, got ${keyValueHeads}`,
      );
    }
    const headDim = config.head_dim ?? config.hidden_size / heads;
    if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
      const origin = config.head_dim
        ? ""
        : ` (hidden_size ${config.hidden_size} / num_attention_heads ${heads})`;
      refuse("head_dim", `expected an even whole number, got ${headDim}${origin}`);
    }
  });

/** Reads config.json. @throws FormatError naming the field, and what is supported where the model is not */
export function readModelConfig(bytes: Uint8Array, fileName = "config.json"): LlamaConfig {
  const raw = checkSchema(schema, parseJson(decodeUtf8(bytes, fileName), fileName), fileName);
  return {
    vocabSize: raw.vocab_size,
    hiddenSize: raw.hidden_size,
    intermediateSize: raw.intermediate_size,
    numHiddenLayers: raw.num_hidden_layers,
    numAttentionHeads: raw.num_attention_heads,
    numKeyValueHeads: raw.num_key_value_heads ?? raw.num_attention_heads,
    headDim: raw.head_dim ?? raw.hidden_size / raw.num_attention_heads,
    ropeTheta: raw.rope_parameters?.rope_theta ?? raw.rope_theta ?? raw.rope_scaling?.rope_theta ?? 10_000,
    rmsNormEps: raw.rms_norm_eps,
    maxPositionEmbeddings: raw.max_position_embeddings,
    tieWordEmbeddings: raw.tie_word_embeddings,
    attentionBias: raw.attention_bias,
    mlpBias: raw.mlp_bias,
    bosTokenId: raw.bos_token_id ?? null,
    eosTokenIds: typeof raw.eos_token_id === "number" ? [raw.eos_token_id] : (raw.eos_token_id ?? []),
  };
}

const dtypeNames: Record<FloatDtype, string> = { F32: "float32", F16: "float16", BF16: "bfloat16" };

/**
 * config.json as transformers 5 lays it out, sorted keys, indent 2; `rope_theta` is written in both places so
 * that transformers 4 and other tools find it too.
 */
export function writeModelConfig(config: LlamaConfig, dtype: FloatDtype): Uint8Array<ArrayBuffer> {
  const { eosTokenIds } = config;
  const json = {
    architectures: ["LlamaForCausalLM"],
    attention_bias: config.attentionBias,
    attention_dropout: 0,
    bos_token_id: config.bosTokenId,
    dtype: dtypeNames[dtype],
    eos_token_id: eosTokenIds.length > 1 ? eosTokenIds : (eosTokenIds[0] ?? null),
    head_dim: config.headDim,
    hidden_act: "silu",
    hidden_size: config.hiddenSize,
    initializer_range: 0.02,
    intermediate_size: config.intermediateSize,
    max_position_embeddings: config.maxPositionEmbeddings,
    mlp_bias: config.mlpBias,
    model_type: "llama",
    num_attention_heads: config.numAttentionHeads,
    num_hidden_layers: config.numHiddenLayers,
    num_key_value_heads: config.numKeyValueHeads,
    rms_norm_eps: config.rmsNormEps,
    rope_parameters: { rope_theta: config.ropeTheta, rope_type: "default" },
    rope_theta: config.ropeTheta,
    tie_word_embeddings: config.tieWordEmbeddings,
    torch_dtype: dtypeNames[dtype],
    use_cache: true,
    vocab_size: config.vocabSize,
  };
  return new TextEncoder().encode(`${JSON.stringify(json, null, 2)}\n`);
}
