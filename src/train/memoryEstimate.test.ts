// What the page says before training against every buffer that is then made.
import { expect, it } from "vitest";
import type { QuantisedDtype } from "../gpu/quantised";
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

it.each<readonly [string, TrainConfigInput, QuantisedDtype | undefined]>([
  ["qwen2-tied-bf16", { ...lora, gradientCheckpointing: true, gradientAccumulation: 3 }, "nf4"],
  ["gpt2-tied-f32", { method: "full", batchSize: 2 }, undefined],
])("is within 10 %% of what %s allocates with %j, base %s", async (name, input, quantisation) => {
  const { device } = await testGpu();
  const config = trainConfigSchema.parse(input);
  const weights = { ...(await loadCaseModel(name)), quantisation };
  const { examples } = await loadCase(name);
  const trainee = traineeOf(config, weights, null);
  const shape = stepShapeOf(config, weights.config.vocabSize, examples, []);
  const estimate = estimateMemory(weights, [{ config, trainee }], shape);
  const estimatedBytes =
    estimate.weightBytes + estimate.activationBytes + estimate.inputBytes + estimate.trainableStateBytes;

  const stop = countBuffers(device);
  const model = await uploadModel(await testGpu(), weights);
  const session = await TrainSession.open(await testGpu(), model, [{ config, trainee }], shape);
  const allocatedBytes = stop();
  session.close();
  model.release();
  expect(Math.abs(allocatedBytes / estimatedBytes - 1)).toBeLessThan(0.1);
  console.info(`${name}: ${estimatedBytes} bytes estimated, ${allocatedBytes} allocated`);
});
