// Start weights for pretraining from nothing: a pure function of config and seed, the same in oracle/philox.py.
import type { ModelConfig } from "../formats/modelConfig";
import { RandomStream } from "../random/philox";
import { architectureOf } from "./architecture";

/** Standard deviation of every matrix; transformers' default `initializer_range`. */
const deviation = 0.02;

/**
 * Every tensor of the model by its Hugging Face name: matrices normal(0, 0.02) in row-major order from
 * RandomStream(seed, name), norm weights 1, biases 0.
 */
export function initialiseModel(config: ModelConfig, seed: number): Map<string, Float32Array> {
  const weights = new Map<string, Float32Array>();
  for (const [name, shape] of architectureOf(config).tensors) {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    if (shape.length === 1) values.fill(name.endsWith(".bias") ? 0 : 1);
    else {
      const random = new RandomStream(seed, name);
      for (let i = 0; i < values.length; i++) values[i] = random.normal(i) * deviation;
    }
    weights.set(name, values);
  }
  return weights;
}
