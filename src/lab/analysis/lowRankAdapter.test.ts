// Any LoRA folder can be looked at; what is wrong with one is said by name.
import { describe, expect, it } from "vitest";
import { writeSafetensors } from "../../formats/safetensors";
import { fromFloat32, type Tensor } from "../../formats/tensor";
import { readLowRankAdapter } from "./lowRankAdapter";

const tensor = (...shape: number[]): Tensor => ({
  dtype: "F16",
  shape,
  bytes: fromFloat32(new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(0.5), "F16"),
});
const prefix = "base_model.model.transformer.h.0.attn.c_attn";
const pair: Record<string, Tensor> = {
  [`${prefix}.lora_A.weight`]: tensor(4, 6),
  [`${prefix}.lora_B.weight`]: tensor(18, 4),
};
const config = { peft_type: "LORA", task_type: "SEQ_CLS", r: 4, lora_alpha: 8, target_modules: ["c_attn"] };
const read = (tensors: Record<string, Tensor>, change: object = {}) =>
  readLowRankAdapter({
    "adapter_config.json": new TextEncoder().encode(JSON.stringify({ ...config, ...change })),
    "adapter_model.safetensors": writeSafetensors(new Map(Object.entries(tensors))),
  });

describe("readLowRankAdapter", () => {
  it("reads adapters of models that cannot be run here", () => {
    const score = { "base_model.model.score.weight": tensor(2, 6) };
    const adapter = read({ ...pair, ...score }, { fan_in_fan_out: true, use_rslora: true });
    expect(adapter.isTransposed).toBe(true);
    expect(adapter.leftOut).toEqual(["base_model.model.score.weight [2,6]"]);
    expect(adapter.changes).toMatchObject([
      { path: "transformer.h.0.attn.c_attn", scaling: 4, rank: 4, inFeatures: 6, outFeatures: 18 },
    ]);
    expect([...adapter.changes[0]!.loraA]).toEqual(Array(24).fill(0.5));
  });

  it("takes rank and alpha from the patterns", () => {
    const patterns = { r: 2, rank_pattern: { c_attn: 4 }, alpha_pattern: { "h.0.attn.c_attn": 2 } };
    expect(read(pair, patterns).changes[0]!.scaling).toBe(0.5);
  });

  it("says what is wrong", () => {
    const fault = (tensors: Record<string, Tensor>, change?: object) => {
      try {
        read(tensors, change);
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(fault(pair, { peft_type: "IA3" })).toContain("adapter_config.json: peft_type: expected LORA");
    expect(fault(pair, { rank_pattern: { "(": 2 } })).toContain(
      "adapter_config.json: rank_pattern: expected",
    );
    expect(fault({})).toContain("expected lora_A and lora_B of linear modules, got a file without tensors");
    expect(fault({ [`${prefix}.lora_A.weight`]: tensor(4, 6) })).toContain(
      "transformer.h.0.attn.c_attn: expected lora_A [r, in] and lora_B [out, r], got lora_A [4,6] and lora_B [none]",
    );
    expect(fault({ ...pair, [`${prefix}.lora_B.weight`]: tensor(18, 3) })).toContain("lora_B [18,3]");
  });
});
