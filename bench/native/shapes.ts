// What `npm run bench:native` times: model shapes as their config.json has them, with random weights.
import { configOf } from "../inputs";
import type { NativeCase } from "./step";

const rank = 8;

const embedded = {
  ...{
    model_type: "llama",
    vocab_size: 2000,
    hidden_size: 128,
    intermediate_size: 352,
    num_hidden_layers: 5,
  },
  ...{ num_attention_heads: 4, num_key_value_heads: 2, tie_word_embeddings: true, rms_norm_eps: 1e-5 },
  max_position_embeddings: 1024,
};
const gpt2 = {
  ...{ model_type: "gpt2", vocab_size: 50257, n_embd: 768, n_layer: 12, n_head: 12, n_positions: 1024 },
  ...{ resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0 }, // frozen layers drop nothing here
};
const smolLm2 = {
  ...{
    model_type: "llama",
    vocab_size: 49152,
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 30,
  },
  ...{ num_attention_heads: 9, num_key_value_heads: 3, tie_word_embeddings: true, rms_norm_eps: 1e-5 },
  ...{ rope_theta: 100000, max_position_embeddings: 8192 },
};
const qwen25 = {
  ...{
    model_type: "qwen2",
    vocab_size: 151936,
    hidden_size: 896,
    intermediate_size: 4864,
    num_hidden_layers: 24,
  },
  ...{ num_attention_heads: 14, num_key_value_heads: 2, tie_word_embeddings: true, rms_norm_eps: 1e-6 },
  ...{ rope_theta: 1000000, max_position_embeddings: 32768 },
};

const caseOf = (
  id: string,
  title: string,
  json: Readonly<Record<string, unknown>>,
  batchSize: number,
  sequenceLength: number,
): NativeCase => ({
  id,
  title,
  config: configOf(json),
  json,
  batchSize,
  sequenceLength,
  rank,
  unchecked: id === "gpt2-4096",
});

export const nativeCases: readonly NativeCase[] = [
  caseOf("embedded", "the embedded model", embedded, 4, 256),
  caseOf("gpt2-1024", "GPT-2 small", gpt2, 1, 1024),
  caseOf("gpt2-4096", "GPT-2 small", gpt2, 4, 1024),
  caseOf("smollm2-135m", "SmolLM2-135M", smolLm2, 4, 512),
  caseOf("qwen2.5-0.5b", "Qwen2.5-0.5B", qwen25, 2, 512),
];

/** Small enough for a software adapter; says whether all works. */
export const quickCases: readonly NativeCase[] = [
  caseOf("embedded", "the embedded model", embedded, 1, 32),
  caseOf("gpt2-tiny", "GPT-2, tiny", { ...gpt2, vocab_size: 500, n_embd: 32, n_layer: 2, n_head: 2 }, 2, 32),
];
