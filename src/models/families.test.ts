import { describe, expect, it } from "vitest";
import { loadGolden, loadShared } from "../../oracle/goldens";
import { checkAdapterFits, readPeftAdapter } from "../formats/peft";
import { readSafetensors } from "../formats/safetensors";
import { errorOf } from "../formats/testing/errorOf";
import { architectureOf, linearNames } from "./architecture";
import { readModelConfig } from "./families";
import { rotaryFrequencies } from "./rotaryTable";

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
      modelType: "llama",
      vocabSize: 128,
      hiddenSize: 64,
      intermediateSize: 96,
      numHiddenLayers: 2,
      numAttentionHeads: 4,
      numKeyValueHeads: 2,
      headDim: 16,
      rope: { theta: 10_000, scaling: null },
      normEps: 1e-5,
      maxPositionEmbeddings: 64,
      tieWordEmbeddings: true,
      slidingWindows: [null, null],
      qkvBias: false,
      outputBias: false,
      mlpBias: false,
      bosTokenId: 1,
      eosTokenIds: [2],
      json: expect.objectContaining({ model_type: "llama" }),
    });
  });

  it("reads the older layout", async () => {
    const config = readModelConfig(await loadGolden("biased-untied-f32-rslora/config.json"));
    expect(config).toMatchObject({
      rope: { theta: 10_000, scaling: null },
      qkvBias: true,
      outputBias: true,
      mlpBias: true,
      tieWordEmbeddings: false,
    });
    expect(read({ rope_theta: 5e5, rope_scaling: null }).rope!.theta).toBe(5e5);
    const both = { rope_theta: 1, rope_parameters: { rope_theta: 100, rope_type: "default" } };
    expect(read(both).rope!.theta).toBe(100);
  });

  it("fills in what a file may leave out", () => {
    expect(read({})).toMatchObject({
      numKeyValueHeads: 2,
      headDim: 4,
      rope: { theta: 10_000, scaling: null },
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
      { model_type: "bert" },
      /^config\.json: model_type: expected a supported model, got "bert"\. .* llama \(LlamaForCausalLM\), .* gpt2 \(GPT2LMHeadModel\)/,
    ],
    [
      { architectures: ["LlamaForSequenceClassification"] },
      /architectures: expected LlamaForCausalLM, got \["LlamaForSeq/,
    ],
    [{ hidden_act: "gelu" }, /hidden_act: expected "silu", got "gelu"/],
    [
      { rope_scaling: { type: "yarn", factor: 2 } },
      /rope_scaling: expected a rotary embedding among default, linear, llama3, got "yarn"/,
    ],
    [
      { rope_scaling: { type: "linear" } },
      /rope_scaling\.factor: expected a number for "linear", got nothing/,
    ],
    [
      { rope_parameters: { rope_type: "llama3", rope_theta: 1, factor: 8 } },
      /rope_parameters\.low_freq_factor: expected a number for "llama3"/,
    ],
    [{ partial_rotary_factor: 0.75 }, /partial_rotary_factor: .*a share of 0\.75/],
    [
      { layer_types: ["full_attention", "full_attention"] },
      /layer_types: expected 1, one for each layer, got 2/,
    ],
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

describe("what the families add", () => {
  it("limits the window to the layers that have one", () => {
    const layers = { num_hidden_layers: 4, num_key_value_heads: 2 };
    const windows = (model_type: string, changes: object) =>
      read({ model_type, ...layers, ...changes }).slidingWindows;
    const none = [null, null, null, null];
    expect(windows("llama", { sliding_window: 8 })).toEqual(none);
    expect(windows("mistral", {})).toEqual([4096, 4096, 4096, 4096]);
    expect(windows("mistral", { sliding_window: null })).toEqual(none);
    expect(windows("qwen2", { sliding_window: 8 })).toEqual(none);
    const from = { use_sliding_window: true, sliding_window: 8 };
    expect(windows("qwen2", { ...from, max_window_layers: 3 })).toEqual([null, null, null, 8]);
    const layer_types = ["sliding_attention", "full_attention", "sliding_attention", "full_attention"];
    expect(windows("qwen3", { ...from, layer_types })).toEqual([8, null, 8, null]);
  });

  it("scales rotary frequencies", () => {
    const plain = rotaryFrequencies({ theta: 10_000, scaling: null }, 8);
    expect([...plain].map((value) => value.toFixed(6))).toEqual([
      "1.000000",
      "0.100000",
      "0.010000",
      "0.001000",
    ]);
    const linear = rotaryFrequencies({ theta: 10_000, scaling: { type: "linear", factor: 4 } }, 8);
    expect([...linear]).toEqual([...plain].map((value) => Math.fround(value / 4)));
    // Goldens hold the values between to transformers; here the ends: waves of 6 and 6283 positions.
    const scaling = { factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositionEmbeddings: 100 };
    const llama3 = rotaryFrequencies({ theta: 10_000, scaling: { type: "llama3", ...scaling } }, 8);
    expect(llama3[0]).toBe(plain[0]);
    expect(llama3[3]).toBe(Math.fround(plain[3]! / 8));
  });

  it.each([
    ["llama", {}, ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]],
    ["phi3", {}, ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]],
    ["gpt2", { n_embd: 8, n_head: 2, n_layer: 3 }, ["c_attn", "c_proj", "c_fc"]],
  ])("names the linear modules of %s", (model_type, changes, names) => {
    expect(linearNames(read({ model_type, ...changes }))).toEqual(names);
  });

  it.each([
    [{ activation_function: "relu" }, /activation_function: .*"gelu_new"/],
    [{ scale_attn_by_inverse_layer_idx: true }, /scale_attn_by_inverse_layer_idx: expected false, got true/],
    [{ n_embd: 10, n_head: 4 }, /n_head: expected a divisor of n_embd 10, got 4/],
  ])("refuses %j of GPT-2", (changes, message) => {
    expect(complaint({ model_type: "gpt2", architectures: ["GPT2LMHeadModel"], ...changes })).toMatch(
      message,
    );
  });
});

describe("architectureOf", () => {
  it.each([
    "gqa-tied-f32-r8",
    "layers-biased-f16-r8",
    "mistral-window-f16",
    "qwen3-biased-untied-f16",
    "phi3-bf16",
    "gpt2-tied-f32",
  ])("asks for the tensors that transformers saved for %s", async (name) => {
    const { tensors } = readSafetensors(await loadGolden(`${name}/model.safetensors`), "model.safetensors");
    const asked = architectureOf(readModelConfig(await loadGolden(`${name}/config.json`))).tensors;
    const shapes = (entries: Iterable<[string, readonly number[]]>) =>
      [...entries].map(([tensor, shape]) => `${tensor} ${[...shape].sort()}`).sort();
    expect(shapes(asked)).toEqual(shapes([...tensors].map(([tensor, { shape }]) => [tensor, shape])));
  });
});

describe("real adapters of GPT-2", () => {
  const small = readModelConfig(encode({ model_type: "gpt2", vocab_size: 50_257 }));
  const load = async (folder: string) => {
    const config = await loadShared(`adapters/${folder}/adapter_config.json`);
    const weights = await loadShared(`adapters/${folder}/adapter_model.safetensors`);
    return config && weights && { "adapter_config.json": config, "adapter_model.safetensors": weights };
  };

  it("one for text generation fits the model it was made for, in attention and feed-forward", async ({
    skip,
  }) => {
    const files = await load("gpt2-causal-r8-2targets");
    if (!files) return skip("../shared/data/adapters is absent");
    const adapter = readPeftAdapter(files);
    expect(adapter.config).toMatchObject({ r: 8, loraAlpha: 32, fanInFanOut: true });
    checkAdapterFits(adapter, architectureOf(small).linears);
    expect(adapter.factors.size).toBe(36);
    const medium = readModelConfig(
      encode({ model_type: "gpt2", vocab_size: 50_257, n_embd: 1024, n_head: 16 }),
    );
    expect(errorOf(() => checkAdapterFits(adapter, architectureOf(medium).linears))).toMatch(
      /h\.0\.attn\.c_attn: expected weight \[3072, 1024\] as in the loaded model, got weight \[2304, 768\]/,
    );
  });

  it("one for classification is refused as such", async ({ skip }) => {
    const files = await load("gpt2-seqcls-r8");
    if (!files) return skip("../shared/data/adapters is absent");
    expect(errorOf(() => readPeftAdapter(files))).toMatch(/task_type: expected "CAUSAL_LM", got "SEQ_CLS"/);
  });
});
