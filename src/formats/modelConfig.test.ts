import { describe, expect, it } from "vitest";
import { loadGolden } from "../../oracle/goldens";
import { readModelConfig, writeModelConfig } from "./modelConfig";
import { errorOf } from "./testing/errorOf";

const decode = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const small = {
  model_type: "llama",
  vocab_size: 10,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 1,
  num_attention_heads: 2,
};
const read = (changes: object) => readModelConfig(encode({ ...small, ...changes }));
const complaint = (changes: object) => errorOf(() => read(changes));

describe("readModelConfig", () => {
  it("reads what transformers 5 writes", async () => {
    expect(readModelConfig(await loadGolden("gqa-tied-f32-r8/config.json"))).toEqual({
      vocabSize: 128,
      hiddenSize: 64,
      intermediateSize: 96,
      numHiddenLayers: 2,
      numAttentionHeads: 4,
      numKeyValueHeads: 2,
      headDim: 16,
      ropeTheta: 10_000,
      rmsNormEps: 1e-5,
      maxPositionEmbeddings: 64,
      tieWordEmbeddings: true,
      attentionBias: false,
      mlpBias: false,
      bosTokenId: 1,
      eosTokenIds: [2],
    });
  });

  it("reads the older layout", async () => {
    const config = readModelConfig(await loadGolden("biased-untied-f32-rslora/config.json"));
    expect(config).toMatchObject({
      ropeTheta: 10_000,
      attentionBias: true,
      mlpBias: true,
      tieWordEmbeddings: false,
    });
    expect(read({ rope_theta: 5e5, rope_scaling: null }).ropeTheta).toBe(5e5);
    expect(
      read({ rope_theta: 1, rope_parameters: { rope_theta: 100, rope_type: "default" } }).ropeTheta,
    ).toBe(100);
  });

  it("fills in what a file may leave out", () => {
    expect(read({})).toMatchObject({
      numKeyValueHeads: 2,
      headDim: 4,
      ropeTheta: 10_000,
      bosTokenId: null,
      eosTokenIds: [],
    });
    expect(read({ eos_token_id: [3, 4], head_dim: 6, num_key_value_heads: 1 })).toMatchObject({
      eosTokenIds: [3, 4],
      headDim: 6,
      numKeyValueHeads: 1,
    });
  });

  it.each([
    [
      { model_type: "gpt2" },
      /^config\.json: model_type: expected "llama", got "gpt2"\. This program runs .*llama/,
    ],
    [
      { architectures: ["LlamaForSequenceClassification"] },
      /architectures: expected LlamaForCausalLM, got \["LlamaForSeq/,
    ],
    [{ hidden_act: "gelu" }, /hidden_act: expected "silu", got "gelu"/],
    [
      { rope_scaling: { type: "linear", factor: 2 } },
      /rope_scaling: expected rotary embedding "default", got "linear"/,
    ],
    [{ rope_parameters: { rope_type: "llama3", rope_theta: 1 } }, /rope_parameters: .* got "llama3"/],
    [{ rope_parameters: { partial_rotary_factor: 0.5 } }, /rope_parameters: .*partial/],
    [{ quantization_config: { bits: 4 } }, /quantization_config: expected none, got a quantised model/],
    [{ num_key_value_heads: 3 }, /num_key_value_heads: expected a divisor of num_attention_heads 2, got 3/],
    [{ num_attention_heads: 3 }, /head_dim: expected an even whole number, got 2\.66/],
    [{ head_dim: 5 }, /head_dim: expected an even whole number, got 5\./],
    [{ hidden_size: "8" }, /hidden_size: expected number, got "8"/],
    [{ hidden_size: 0 }, /hidden_size: .*got 0/],
    [{ vocab_size: null }, /vocab_size: expected number, got null/],
    [{ rms_norm_eps: -1 }, /rms_norm_eps: .*got -1/],
    [{ eos_token_id: "2" }, /eos_token_id: .*got "2"/],
  ])("refuses %j", (changes, message) => {
    expect(complaint(changes)).toMatch(message);
  });
});

describe("writeModelConfig", () => {
  it.each(["gqa-tied-f32-r8", "patterns-tied-f16", "biased-untied-f32-rslora", "gqa-untied-bf16-r1"])(
    "says of %s what transformers says",
    async (name) => {
      const bytes = await loadGolden(`${name}/config.json`);
      const source = decode(bytes);
      const config = readModelConfig(bytes);
      const dtype = { float32: "F32", float16: "F16", bfloat16: "BF16" } as const;
      const written = writeModelConfig(
        config,
        dtype[(source.dtype ?? source.torch_dtype) as keyof typeof dtype],
      );
      expect(readModelConfig(written)).toEqual(config);
      const { transformers_version, pad_token_id, pretraining_tp, ...rest } = source;
      expect(decode(written)).toMatchObject(rest);
    },
  );
});
