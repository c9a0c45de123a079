// Inputs that every contestant of a case gets, from seeds.
import type { ModelConfig } from "../src/formats/modelConfig";
import { storedTensors } from "../src/formats/storedTensor";
import { type FloatDtype, fromFloat32 } from "../src/formats/tensor";
import { adaptedModules, factorShapes, factorValues, initialFactors } from "../src/lora/adapter";
import { architectureOf } from "../src/models/architecture";
import { readModelConfig } from "../src/models/families";
import type { ModelWeights } from "../src/models/residentModel";
import { RandomStream } from "../src/random/philox";
import { type TrainConfigInput, trainConfigSchema } from "../src/train/config";
import { adapterConfigOf } from "../src/train/trainee";

/** Sizes of one adapted linear layer: x [N, in], W [out, in], A [rank, in], B [out, rank]. */
export interface LinearSize {
  readonly N: number;
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly rank: number;
}

/** Row-major values of a linear layer and the gradient that arrives at its output. */
export interface LinearInputs {
  readonly x: Float32Array<ArrayBuffer>;
  readonly weight: Float32Array<ArrayBuffer>;
  readonly loraA: Float32Array<ArrayBuffer>;
  readonly loraB: Float32Array<ArrayBuffer>;
  readonly dy: Float32Array<ArrayBuffer>;
}

/** loraAlpha / rank of every linear case. */
export const SCALING = 2;

export function linearInputs({ N, inFeatures, outFeatures, rank }: LinearSize): LinearInputs {
  return {
    x: values("x", N * inFeatures, 1),
    weight: values("weight", outFeatures * inFeatures, inFeatures ** -0.5),
    loraA: values("A", rank * inFeatures, inFeatures ** -0.5),
    loraB: values("B", outFeatures * rank, 1),
    dy: values("dy", N * outFeatures, 1),
  };
}

/** Arithmetic of y, dx, dA and dB with the adapter's products; a multiply-add counts as two. */
export function linearFlops({ N, inFeatures, outFeatures, rank }: LinearSize): number {
  return 4 * N * inFeatures * outFeatures + 6 * N * rank * (inFeatures + outFeatures);
}

/** A Llama model to train, the run's settings, and its one batch. */
export interface StepSize {
  readonly config: ModelConfig;
  readonly sequenceLength: number;
  readonly rank: number;
  readonly targetModules: readonly string[];
}

export interface LlamaSizes {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly vocabSize: number;
}

/** Made as a config.json is read, so that the model is one that a folder could hold. */
export function llamaConfig(sizes: LlamaSizes): ModelConfig {
  return configOf({
    model_type: "llama",
    vocab_size: sizes.vocabSize,
    hidden_size: sizes.hiddenSize,
    intermediate_size: sizes.intermediateSize,
    num_hidden_layers: sizes.layers,
    num_attention_heads: sizes.heads,
    num_key_value_heads: sizes.keyValueHeads,
    rms_norm_eps: 1e-5,
    max_position_embeddings: 8192,
    tie_word_embeddings: true,
  });
}

export function configOf(json: Readonly<Record<string, unknown>>): ModelConfig {
  return readModelConfig(new TextEncoder().encode(JSON.stringify(json)));
}

/** Random f32 weights by Hugging Face name: matrices with deviation 0.02, norms 1. */
export function randomWeights(config: ModelConfig): Map<string, Float32Array<ArrayBuffer>> {
  return new Map(
    [...architectureOf(config).tensors].map(([name, shape]) => {
      const count = shape.reduce((product, size) => product * size, 1);
      return [name, shape.length === 1 ? new Float32Array(count).fill(1) : values(name, count, 0.02)];
    }),
  );
}

/** The same as a model that the engine takes. */
export function modelOf(
  config: ModelConfig,
  weights: ReadonlyMap<string, Float32Array>,
  dtype: FloatDtype = "F32",
): ModelWeights {
  const shapes = architectureOf(config).tensors;
  return {
    config,
    tensors: storedTensors(
      new Map(
        [...weights].map(([name, array]) => [
          name,
          { dtype, shape: shapes.get(name)!, bytes: fromFloat32(array, dtype) },
        ]),
      ),
    ),
  };
}

/** Steps whose losses are compared before anything is timed. */
export const COMPARED_STEPS = 3;

/** High enough that three steps show in the loss. */
export const LEARNING_RATE = 5e-3;

/** Settings of every timed run: as many steps as are asked for, at one learning rate, scaling 2. */
export function stepConfig({ rank, targetModules, sequenceLength }: StepSize): TrainConfigInput {
  return {
    adapter: { rank, loraAlpha: SCALING * rank, targetModules: [...targetModules] },
    steps: 10_000_000,
    batchSize: 1,
    sequenceLength,
    learningRate: LEARNING_RATE,
    schedule: "constant",
    maxGradNorm: 1,
    evaluateEvery: 0,
    checkpointEvery: 0,
  };
}

/** The adapter that such a run starts from, by parameter name: what the engine draws for its seed. */
export function startingAdapter(
  size: StepSize,
): Map<string, { readonly shape: readonly number[]; readonly values: Float32Array<ArrayBuffer> }> {
  const { adapter, seed } = trainConfigSchema.parse(stepConfig(size));
  const modules = adaptedModules(adapterConfigOf(adapter, null), architectureOf(size.config).linears);
  const values = factorValues({ factors: initialFactors(modules, adapter.initLoraWeights, seed) });
  return new Map(
    factorShapes(modules).map(([name, shape]) => [
      name,
      { shape, values: new Float32Array(values.get(name)!) },
    ]),
  );
}

/** Token ids of one sequence. */
export function tokenIds(count: number, vocabSize: number): Uint32Array {
  const random = new RandomStream(11, "tokens");
  return Uint32Array.from({ length: count }, (_, i) => random.integer(i, vocabSize));
}

/** As many numbers as are drawn; a larger array repeats them, which costs no kernel anything. */
const MOST_DRAWN = 2 ** 20;

/** Uniform numbers with this standard deviation. */
function values(name: string, count: number, deviation: number): Float32Array<ArrayBuffer> {
  const random = new RandomStream(5, name);
  const width = 2 * Math.sqrt(3) * deviation;
  const array = new Float32Array(count);
  const drawn = Math.min(count, MOST_DRAWN);
  for (let i = 0; i < drawn; i++) array[i] = (random.uniform(i) - 0.5) * width;
  for (let filled = drawn; filled < count; filled *= 2) array.copyWithin(filled, 0, filled);
  return array;
}
