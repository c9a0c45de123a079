import { describe, expect, it } from "vitest";
import golden from "../../oracle/goldens/philox.json";
import { RandomStream } from "../random/philox";
import { readModelConfig } from "./families";
import { initialiseModel } from "./initialise";

const json = {
  model_type: "llama",
  vocab_size: 40,
  hidden_size: 32,
  intermediate_size: 44,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  tie_word_embeddings: true,
  attention_bias: true,
};
const config = readModelConfig(new TextEncoder().encode(JSON.stringify(json)));

// Goldens: `python oracle/philox.py`, the numpy twin that starts the PyTorch pretraining run.
describe("random numbers against the numpy twin", () => {
  it("draws the same words, normals and order", () => {
    const random = new RandomStream(7, "model.embed_tokens.weight");
    expect(golden.words.map((_, i) => random.word(i))).toEqual(golden.words);
    expect(golden.wordsFrom5.map((_, i) => random.word(5 + i))).toEqual(golden.wordsFrom5);
    golden.normals.forEach((normal, i) => {
      expect(random.normal(i)).toBeCloseTo(normal, 12);
    });
    expect([...new RandomStream(3, "shuffle:0").permutation(60)]).toEqual(golden.shuffle);
  });
});

describe("initialiseModel", () => {
  const weights = initialiseModel(config, 7);

  it("starts a matrix with the twin's values", () => {
    const matrix = weights.get(golden.weightName)!;
    expect(matrix.length).toBe(32 * 44);
    golden.weights.forEach((value, i) => {
      expect(Math.abs(matrix[i]! - value)).toBeLessThanOrEqual(2 ** -24 * Math.abs(value));
    });
    expect(matrix.reduce((sum, value) => sum + value, 0)).toBeCloseTo(golden.weightSum, 8);
  });

  it("starts norms at 1 and biases at 0", () => {
    expect(new Set(weights.get("model.norm.weight"))).toEqual(new Set([1]));
    expect(new Set(weights.get("model.layers.0.self_attn.q_proj.bias"))).toEqual(new Set([0]));
    expect(weights.has("lm_head.weight")).toBe(false);
  });

  it("depends on the seed and on the tensor's name", () => {
    const name = "model.layers.0.self_attn.q_proj.weight";
    expect(initialiseModel(config, 8).get(name)).not.toEqual(weights.get(name));
    expect(weights.get("model.layers.1.self_attn.q_proj.weight")).not.toEqual(weights.get(name));
  });
});
