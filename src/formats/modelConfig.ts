// What every decoder's config.json says, typed alike for all model families; both the transformers 5 layout
// (rope_parameters) and the older one. Names: transformers, models/llama/configuration_llama.py.
import { z } from "zod";
import { shown } from "./formatError";
import { checkSchema } from "./jsonFile";
import type { FloatDtype } from "./tensor";

/** Rotary position embedding; `scaling` stretches it to texts longer than the model was first trained on. */
export interface Rope {
  readonly theta: number;
  readonly scaling: LinearScaling | Llama3Scaling | null;
}

/** All frequencies divided by `factor` (Chen et al. 2023). */
export interface LinearScaling {
  readonly type: "linear";
  readonly factor: number;
}

/** Low frequencies divided by `factor`, high ones kept, those between blended (Llama 3.1). */
export interface Llama3Scaling {
  readonly type: "llama3";
  readonly factor: number;
  readonly lowFreqFactor: number;
  readonly highFreqFactor: number;
  readonly originalMaxPositionEmbeddings: number;
}

/** Architecture of a decoder; sizes in elements. */
export interface ModelConfig {
  /** Names the family; see models/families. */
  readonly modelType: string;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  /** Divides numAttentionHeads; smaller than it with grouped-query attention. */
  readonly numKeyValueHeads: number;
  /** Heads × headDim need not equal hiddenSize. */
  readonly headDim: number;
  /** Null where positions are learned. */
  readonly rope: Rope | null;
  /** Of the RMSNorms or LayerNorms. */
  readonly normEps: number;
  readonly maxPositionEmbeddings: number;
  readonly tieWordEmbeddings: boolean;
  /** By layer: how many positions back a token attends, its own included; null for all. */
  readonly slidingWindows: readonly (number | null)[];
  /** Biases on q, k and v. */
  readonly qkvBias: boolean;
  /** Bias on the attention's output projection. */
  readonly outputBias: boolean;
  /** Biases in the feed-forward block. */
  readonly mlpBias: boolean;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
  /** The file as it was read: a folder made from this model repeats it. */
  readonly json: Readonly<Record<string, unknown>>;
}

const count = z.int().positive();
const tokenId = z.int().nonnegative();

/** Fields that all families share, to be spread into a family's schema. */
export const commonFields = {
  model_type: z.string(),
  vocab_size: count,
  bos_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish(),
  quantization_config: z
    .unknown()
    .optional()
    .refine(
      (value) => value === undefined || value === null,
      "expected none, got a quantised model. Use the F32, F16 or BF16 weights.",
    ),
};

/** Ids of the common fields, typed. */
export function tokenIdsOf(raw: { bos_token_id?: number | null; eos_token_id?: number | number[] | null }) {
  const { eos_token_id } = raw;
  return {
    bosTokenId: raw.bos_token_id ?? null,
    eosTokenIds: typeof eos_token_id === "number" ? [eos_token_id] : (eos_token_id ?? []),
  };
}

/** A field that may have only one value here. */
export const only = <T extends string | boolean>(expected: T) =>
  z
    .unknown()
    .refine((value) => value === undefined || value === null || value === expected, {
      error: ({ input }) =>
        `expected ${shown(expected)}, got ${shown(input)}. This program computes only the former.`,
    })
    .optional();

const ropeSchema = z
  .object({
    rope_theta: z.number().positive().optional(),
    rope_type: z.string().optional(),
    type: z.string().optional(),
    partial_rotary_factor: z.number().optional(),
    factor: z.number().positive().optional(),
    low_freq_factor: z.number().positive().optional(),
    high_freq_factor: z.number().positive().optional(),
    original_max_position_embeddings: count.optional(),
  })
  .superRefine((rope, context) => {
    const refuse = (message: string, path: string[] = []) =>
      context.addIssue({ code: "custom", path, message });
    const type = rope.rope_type ?? rope.type ?? "default";
    const required = scalingFields[type as keyof typeof scalingFields];
    if (!required) {
      const known = Object.keys(scalingFields).join(", ");
      refuse(`expected a rotary embedding among ${known}, got ${shown(type)}.`);
    }
    for (const field of required ?? []) {
      if (rope[field] === undefined) refuse(`expected a number for ${shown(type)}, got nothing.`, [field]);
    }
    if ((rope.partial_rotary_factor ?? 1) !== 1) {
      refuse("expected a rotary embedding over the whole head, got a partial one.");
    }
  });
const scalingFields = {
  default: [],
  linear: ["factor"],
  llama3: ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
} as const;

const decoderSchema = z
  .object({
    ...commonFields,
    hidden_act: only("silu"),
    hidden_size: count,
    intermediate_size: count,
    num_hidden_layers: count,
    num_attention_heads: count,
    num_key_value_heads: count.nullish(),
    head_dim: count.nullish(),
    rope_theta: z.number().positive().nullish(),
    rope_scaling: ropeSchema.nullish(),
    rope_parameters: ropeSchema.nullish(),
    partial_rotary_factor: z
      .number()
      .nullish()
      .refine((factor) => (factor ?? 1) === 1, {
        error: ({ input }) => `expected a rotary embedding over the whole head, got a share of ${input}.`,
      }),
    rms_norm_eps: z.number().positive().default(1e-6),
    max_position_embeddings: count.default(2048),
    tie_word_embeddings: z.boolean().default(false),
    attention_bias: z.boolean().default(false),
    mlp_bias: z.boolean().default(false),
    use_sliding_window: z.boolean().default(true),
    sliding_window: count.nullish(),
    max_window_layers: z.int().nonnegative().default(0),
    layer_types: z.array(z.enum(["full_attention", "sliding_attention"])).nullish(),
  })
  .superRefine((config, context) => {
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: "custom", path: [field], message: `${message}.` });
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
    const types = config.layer_types?.length ?? config.num_hidden_layers;
    if (types !== config.num_hidden_layers) {
      refuse("layer_types", `expected ${config.num_hidden_layers}, one for each layer, got ${types}`);
    }
  });

/**
 * Reads the config of Llama or of a family that keeps Llama's field names.
 * @param json config.json, parsed
 * @param defaults what the family's class in transformers assumes where the file says nothing
 * @throws FormatError naming the field
 */
export function readDecoderConfig(
  json: Readonly<Record<string, unknown>>,
  fileName: string,
  defaults: Readonly<Record<string, unknown>> = {},
): ModelConfig {
  const raw = checkSchema(decoderSchema, { ...defaults, ...json }, fileName);
  const window = raw.use_sliding_window ? (raw.sliding_window ?? null) : null;
  const isSliding = (layer: number) =>
    raw.layer_types ? raw.layer_types[layer] === "sliding_attention" : layer >= raw.max_window_layers;
  const rope = raw.rope_parameters ?? raw.rope_scaling ?? {};
  return {
    modelType: raw.model_type,
    vocabSize: raw.vocab_size,
    hiddenSize: raw.hidden_size,
    intermediateSize: raw.intermediate_size,
    numHiddenLayers: raw.num_hidden_layers,
    numAttentionHeads: raw.num_attention_heads,
    numKeyValueHeads: raw.num_key_value_heads ?? raw.num_attention_heads,
    headDim: raw.head_dim ?? raw.hidden_size / raw.num_attention_heads,
    rope: {
      theta: raw.rope_parameters?.rope_theta ?? raw.rope_theta ?? raw.rope_scaling?.rope_theta ?? 10_000,
      scaling: scalingOf(rope),
    },
    normEps: raw.rms_norm_eps,
    maxPositionEmbeddings: raw.max_position_embeddings,
    tieWordEmbeddings: raw.tie_word_embeddings,
    slidingWindows: Array.from({ length: raw.num_hidden_layers }, (_, layer) =>
      isSliding(layer) ? window : null,
    ),
    qkvBias: raw.attention_bias,
    outputBias: raw.attention_bias,
    mlpBias: raw.mlp_bias,
    ...tokenIdsOf(raw),
    json,
  };
}

function scalingOf(rope: z.infer<typeof ropeSchema>): Rope["scaling"] {
  const type = rope.rope_type ?? rope.type;
  if (type === "linear") return { type, factor: rope.factor! };
  if (type !== "llama3") return null;
  return {
    type,
    factor: rope.factor!,
    lowFreqFactor: rope.low_freq_factor!,
    highFreqFactor: rope.high_freq_factor!,
    originalMaxPositionEmbeddings: rope.original_max_position_embeddings!,
  };
}

const dtypeNames: Record<FloatDtype, string> = { F32: "float32", F16: "float16", BF16: "bfloat16" };

/** config.json as it was read, with the type that the weights have now, in both places where tools look for it. */
export function writeModelConfig({ json }: ModelConfig, dtype: FloatDtype): Uint8Array<ArrayBuffer> {
  const written = { ...json, dtype: dtypeNames[dtype], torch_dtype: dtypeNames[dtype] };
  return new TextEncoder().encode(`${JSON.stringify(written, null, 2)}\n`);
}
