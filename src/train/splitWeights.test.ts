// A model of which the GPU cannot bind every matrix whole: split by rows, it computes what it computes whole.
import { expect, it } from "vitest";
import { storedTensors } from "../formats/storedTensor";
import { fromFloat32, type Tensor } from "../formats/tensor";
import { sequenceLogits } from "../generate/logits";
import type { QuantisedDtype } from "../gpu/quantised";
import { architectureOf } from "../models/architecture";
import { readModelConfig } from "../models/families";
import { initialiseModel } from "../models/initialise";
import { type ModelWeights, type ResidentModel, uploadModel } from "../models/residentModel";
import { trainConfigSchema } from "./config";
import { stepShapeOf, TrainSession } from "./session";
import { relativeError, testGpu } from "./testing/golden";
import { checkTrainedFits, traineeOf } from "./trainee";

const llama = {
  ...{ model_type: "llama", vocab_size: 205, hidden_size: 16, intermediate_size: 150, num_hidden_layers: 1 },
  ...{ num_attention_heads: 2, max_position_embeddings: 16, tie_word_embeddings: true },
};
const gpt2 = {
  ...{
    model_type: "gpt2",
    vocab_size: 139,
    n_embd: 24,
    n_layer: 1,
    n_head: 2,
    n_positions: 70,
    n_inner: 150,
  },
  tie_word_embeddings: false,
};

function randomModel(json: object, quantisation: QuantisedDtype | undefined): ModelWeights {
  const config = readModelConfig(new TextEncoder().encode(JSON.stringify(json)));
  const values = initialiseModel(config, 5);
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of architectureOf(config).tensors)
    tensors.set(name, { dtype: "BF16", shape, bytes: fromFloat32(values.get(name)!, "BF16") });
  return { config, tensors: storedTensors(tensors), quantisation };
}

const examples = [3, 11].map((first) => ({
  ids: Uint32Array.from({ length: 8 }, (_, i) => (first + 37 * i) % 139),
  lossMask: new Uint8Array(8).fill(1),
}));

/** What a model says of the examples, and what a few updates on them report. */
async function computed(weights: ModelWeights, model: ResidentModel, targetModules: string[]) {
  const gpu = await testGpu();
  const adapter = { rank: 3, loraDropout: 0.2, targetModules };
  const config = trainConfigSchema.parse({ adapter, batchSize: 2, shuffle: false });
  const cells = [{ config, trainee: traineeOf(config, weights, null) }];
  const shape = stepShapeOf(config, weights.config.vocabSize, examples, []);
  const session = await TrainSession.open(gpu, model, cells, shape);
  const losses: number[] = [];
  for (const step of [0, 1, 2]) {
    const [reading] = await session.submitStep(step, session.batchesOf(step, examples), false);
    losses.push(reading!.loss);
  }
  const gradients = await session.readGradients(0); // of B that is no longer zero
  session.close();
  const sequences = examples.map(({ ids }) => ids);
  return { logits: await sequenceLogits(gpu, model, {}, sequences), losses, gradients };
}

it.each<[string, object, QuantisedDtype | undefined, string[]]>([
  ["a tied Llama", llama, undefined, ["q_proj", "gate_proj"]],
  ["an untied GPT-2 in 8 bits", gpt2, "int8", ["c_fc"]],
])(
  "%s: the same logits to the last bit, the same losses and gradients",
  async (_, json, quantisation, targets) => {
    const gpu = await testGpu();
    const weights = randomModel(json, quantisation);
    const whole = await uploadModel(gpu, weights);
    const expected = await computed(weights, whole, targets);
    whole.release();
    const rowBytes = 2 * weights.config.hiddenSize;
    const split = await uploadModel({ ...gpu, maxBindingBytes: 64 * rowBytes }, weights);
    const blocks = [...split.tensors].flatMap(([name, { blocks }]) =>
      blocks ? [[name, blocks.length]] : [],
    );
    const actual = await computed(weights, split, targets);
    split.release();

    expect(Math.max(...blocks.map(([, count]) => count as number))).toBeGreaterThanOrEqual(3);
    expect(actual.logits).toEqual(expected.logits);
    expect(actual.logits.some((value) => value !== 0)).toBe(true);
    expect(actual.losses[0]).toBe(expected.losses[0]);
    const worst = { loss: relativeError(actual.losses, expected.losses), gradient: 0 };
    for (const [name, values] of expected.gradients) {
      expect(values.some((value) => value !== 0)).toBe(true);
      worst.gradient = Math.max(worst.gradient, relativeError(actual.gradients.get(name)!, values));
    }
    const counts = blocks.map((each) => each.join(" ")).join(", ");
    console.info(
      `blocks of rows: ${counts}; loss ${worst.loss}, gradients ${worst.gradient.toExponential(1)}`,
    );
    expect(worst.loss).toBeLessThan(1e-6);
    expect(worst.gradient).toBeLessThan(1e-5);
  },
);

it("refuses to train all of it, which is one buffer", () => {
  const weights = randomModel(llama, undefined);
  const trainee = traineeOf(trainConfigSchema.parse({ method: "full" }), weights, null);
  expect(() => checkTrainedFits(trainee, { maxBindingBytes: 2 ** 14 })).toThrow(
    /what is trained needs 0\.0 MB, this adapter binds at most 0\.0 MB at once; train an adapter, or one of lower/,
  );
});
