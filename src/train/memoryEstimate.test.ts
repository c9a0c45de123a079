// What the page says before training against every buffer that is then made.
import { expect, it } from "vitest";
import type { QuantisedDtype } from "../gpu/quantised";
import { workgroupTiling } from "../gpu/tiling";
import { architectureOf } from "../models/architecture";
import { readModelConfig } from "../models/families";
import { uploadModel } from "../models/residentModel";
import { type TrainConfigInput, trainConfigSchema } from "./config";
import { estimateMemory } from "./plan";
import { stepShapeOf, TrainSession } from "./session";
import { loadCase, loadCaseModel, testGpu } from "./testing/golden";
import { traineeOf } from "./trainee";

/** Bytes of the buffers made from now on, until `stop`. */
function countBuffers(device: GPUDevice) {
  let sizeBytes = 0;
  const createBuffer = device.createBuffer;
  device.createBuffer = (descriptor) => {
    sizeBytes += descriptor.size;
    return createBuffer.call(device, descriptor);
  };
  return () => {
    delete (device as Partial<GPUDevice>).createBuffer;
    return sizeBytes;
  };
}

const lora: TrainConfigInput = { adapter: { rank: 8, targetModules: ["q_proj", "v_proj"] } };

/** Each with a limit that leaves 64 rows of the embedding in its first block. */
it.each<readonly [string, TrainConfigInput, QuantisedDtype | undefined, number]>([
  ["qwen2-tied-bf16", { ...lora, gradientCheckpointing: true, gradientAccumulation: 3 }, "nf4", 64 * 36 * 2],
  ["gpt2-tied-f32", { method: "full", batchSize: 2 }, undefined, 64 * 32 * 4],
])(
  "is within a tenth of what %s allocates with %j, base %s",
  async (name, input, quantisation, maxBindingBytes) => {
    const gpu = { ...(await testGpu()), maxBindingBytes };
    const config = trainConfigSchema.parse(input);
    const weights = { ...(await loadCaseModel(name)), quantisation };
    const { examples } = await loadCase(name);
    const trainee = traineeOf(config, weights, null);
    const shape = stepShapeOf(config, weights.config.vocabSize, examples, []);
    const estimate = estimateMemory(weights, [{ config, trainee }], shape, gpu);
    const estimatedBytes =
      estimate.weightBytes + estimate.activationBytes + estimate.inputBytes + estimate.trainableStateBytes;

    const stop = countBuffers(gpu.device);
    const model = await uploadModel(gpu, weights);
    const session = await TrainSession.open(gpu, model, [{ config, trainee }], shape);
    const allocatedBytes = stop();
    session.close();
    const weightBytes = model.storages.reduce((sum, { buffer }) => sum + buffer!.size, 0);
    const blocks = model.storages.filter(({ label }) => label.endsWith("]"));
    model.release();
    expect(blocks.length).toBeGreaterThan(1);
    expect(weightBytes - estimate.weightBytes).toBeLessThan(16 * model.storages.length); // buffers are whole vec4s
    expect(Math.abs(allocatedBytes / estimatedBytes - 1)).toBeLessThan(0.1);
    console.info(`${name}: ${estimatedBytes} bytes estimated, ${allocatedBytes} allocated`);
  },
);

it("plans Qwen2.5-0.5B, whose embedding takes 260 MB, for a GPU that binds the 128 MB which WebGPU promises", () => {
  const json = {
    ...{ model_type: "qwen2", vocab_size: 151_936, hidden_size: 896, intermediate_size: 4864 },
    ...{ num_hidden_layers: 24, num_attention_heads: 14, num_key_value_heads: 2, tie_word_embeddings: true },
  };
  const config = readModelConfig(new TextEncoder().encode(JSON.stringify(json)));
  const read = () => Promise.reject(new Error("only shapes are known"));
  const stored = ([name, shape]: [string, readonly number[]]) =>
    [name, { dtype: "BF16", shape, file: "none", read }] as const;
  const weights = { config, tensors: new Map([...architectureOf(config).tensors].map(stored)) };
  const run = trainConfigSchema.parse({ ...lora, sequenceLength: 256 });
  const shape = { batchSize: 4, sequenceLength: 256, lossRows: 1024, vocabSize: 151_936, sortsTokens: false };
  const cells = [{ config: run, trainee: traineeOf(run, weights, null) }];
  const target = { tiling: workgroupTiling, maxBindingBytes: 2 ** 27 };
  const estimate = estimateMemory(weights, cells, shape, target);
  expect(estimate.largestBufferBytes).toBeLessThanOrEqual(2 ** 27);
  expect(estimate.weightBytes).toBe(estimateMemory(weights, cells, shape).weightBytes);
});
