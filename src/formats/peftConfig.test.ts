import { describe, expect, it } from "vitest";
import {
  defaultLoraAdapterConfig,
  isTargetModule,
  type LoraAdapterConfig,
  rankOf,
  readAdapterConfig,
  scalingOf,
  writeAdapterConfig,
} from "./peftConfig";
import { errorOf } from "./testing/errorOf";

const small = { peft_type: "LORA", task_type: "CAUSAL_LM", r: 4, lora_alpha: 8, target_modules: ["q_proj"] };
const read = (changes: object) =>
  readAdapterConfig(new TextEncoder().encode(JSON.stringify({ ...small, ...changes })));
const configWith = (changes: Partial<LoraAdapterConfig>): LoraAdapterConfig => ({
  ...defaultLoraAdapterConfig,
  ...changes,
});
const q = (layer: number) => `model.layers.${layer}.self_attn.q_proj`;

describe("readAdapterConfig", () => {
  it("fills in PEFT's defaults and ignores unknown fields", () => {
    expect(read({ some_future_field: 1 })).toEqual(
      configWith({ r: 4, loraAlpha: 8, targetModules: ["q_proj"] }),
    );
    expect(read({ task_type: null }).taskType).toBe("CAUSAL_LM");
    expect(read({ layers_to_transform: 1, layers_pattern: "h" })).toMatchObject({
      layersToTransform: [1],
      layersPattern: ["h"],
    });
    expect(read({ init_lora_weights: "gaussian" }).initLoraWeights).toBe("gaussian");
    expect(read({ init_lora_weights: "orthogonal" }).initLoraWeights).toBe(true);
  });

  it.each([
    [{ peft_type: "IA3" }, /peft_type: expected "LORA", got "IA3"/],
    [{ peft_type: undefined }, /peft_type: expected string, got nothing/],
    [{ task_type: "SEQ_CLS" }, /task_type: expected "CAUSAL_LM", got "SEQ_CLS"/],
    [{ use_dora: true }, /use_dora: expected it switched off, got true: DoRA is not supported/],
    [{ lora_bias: true }, /lora_bias: .*bias on lora_B/],
    [{ bias: "all" }, /bias: expected "none", got "all"/],
    [{ modules_to_save: ["score"] }, /modules_to_save: expected it switched off, got \["score"\]/],
    [{ fan_in_fan_out: "yes" }, /fan_in_fan_out: expected boolean, got "yes"/],
    [{ init_lora_weights: "pissa" }, /init_lora_weights: .*got "pissa", which also changes the base weights/],
    [{ use_qalora: true }, /use_qalora: /],
    [{ layer_replication: [[0, 2]] }, /layer_replication: /],
    [{ target_parameters: ["a"] }, /target_parameters: /],
    [{ trainable_token_indices: [1] }, /trainable_token_indices: /],
    [{ r: 0 }, /r: expected number to be >0, got 0/],
    [{ r: 2.5 }, /r: .*got 2\.5/],
    [{ lora_alpha: "16" }, /lora_alpha: expected number, got "16"/],
    [{ lora_dropout: 1 }, /lora_dropout: .*got 1/],
    [{ target_modules: null }, /target_modules: expected array or string, got null/],
    [{ target_modules: [] }, /target_modules: .*got \[\]/],
    [{ target_modules: "(" }, /target_modules: expected a regular expression/],
    [{ rank_pattern: { q_proj: 0 } }, /rank_pattern\.q_proj: .*got 0/],
    [{ rank_pattern: { "(": 1 } }, /rank_pattern\.\(: expected a regular expression/],
    [{ alpha_pattern: [] }, /alpha_pattern: /],
  ])("refuses %j", (changes, message) => {
    const text = errorOf(() => read(changes));
    expect(text).toMatch(/^adapter_config\.json: /);
    expect(text).toMatch(message);
  });
});

describe("writeAdapterConfig", () => {
  it("reads back the same, whatever is set", () => {
    const config = configWith({
      loraDropout: 0.05,
      targetModules: ".*\\.(q|v)_proj",
      excludeModules: ["a"],
      layersToTransform: [0, 2],
      layersPattern: ["layers"],
      useRslora: true,
      initLoraWeights: "gaussian",
      rankPattern: { "layers.1.*": 2 },
      alphaPattern: { q_proj: 1.5 },
      baseModelNameOrPath: "modèle",
      revision: "main",
    });
    const bytes = writeAdapterConfig(config);
    expect(readAdapterConfig(bytes)).toEqual(config);
    expect(new TextDecoder().decode(bytes)).toContain('"base_model_name_or_path": "mod\\u00e8le"');
  });
});

describe("isTargetModule", () => {
  it.each([
    [{ targetModules: ["q_proj"] }, q(0), true],
    [{ targetModules: ["proj"] }, q(0), false],
    [{ targetModules: ["self_attn.q_proj"] }, q(0), true],
    [{ targetModules: [q(1)] }, q(1), true],
    [{ targetModules: [q(1)] }, q(11), false],
    [{ targetModules: ".*q_proj" }, q(0), true],
    [{ targetModules: "q_proj" }, q(0), false],
    [{ targetModules: "model.layers.1.*|other" }, q(1), true],
    [{ targetModules: "all-linear" }, q(0), true],
    [{ targetModules: "ALL-linear" }, "lm_head", false],
    [{ targetModules: ["lm_head"] }, "lm_head", true],
    [{ targetModules: ["q_proj"], excludeModules: [q(0)] }, q(0), false],
    [{ targetModules: ["q_proj"], excludeModules: "model\\.layers\\.0.*" }, q(0), false],
    [{ targetModules: ["q_proj"], excludeModules: "layers" }, q(0), true],
    [{ targetModules: ["q_proj"], layersToTransform: [1] }, q(1), true],
    [{ targetModules: ["q_proj"], layersToTransform: [1] }, q(11), false],
    [{ targetModules: ["q_proj"], layersToTransform: [1], layersPattern: ["layers"] }, q(1), true],
    [{ targetModules: ["q_proj"], layersToTransform: [1], layersPattern: ["h"] }, q(1), false],
    [{ targetModules: ".*q_proj", layersToTransform: [1] }, q(0), true],
  ])("%j and %s: %s", (changes, modulePath, expected) => {
    expect(isTargetModule(configWith(changes), modulePath)).toBe(expected);
  });
});

describe("rankOf and scalingOf", () => {
  // What PEFT 0.21 gives for r 4, alpha 8 with these patterns on a two-layer Llama.
  const config = configWith({
    r: 4,
    loraAlpha: 8,
    rankPattern: { "layers.1.self_attn.q_proj": 2 },
    alphaPattern: { v_proj: 3 },
  });

  it("follow PEFT's patterns", () => {
    expect(scalingOf(config, q(0))).toBe(2);
    expect(scalingOf(config, q(1))).toBe(4);
    expect(scalingOf(config, "model.layers.0.self_attn.v_proj")).toBe(0.75);
    expect(rankOf(config, q(1))).toBe(2);
    expect(rankOf(config, q(11))).toBe(4);
  });

  it("match only whole path parts, take the first match and divide by √rank with rsLoRA", () => {
    expect(rankOf(configWith({ rankPattern: { proj: 2 } }), q(0))).toBe(8);
    expect(rankOf(configWith({ rankPattern: { "layers\\.[01]\\..*": 3, q_proj: 5 } }), q(1))).toBe(3);
    expect(scalingOf({ ...config, useRslora: true }, q(0))).toBe(4);
    expect(scalingOf({ ...config, useRslora: true }, q(1))).toBe(8 / Math.SQRT2);
  });
});
