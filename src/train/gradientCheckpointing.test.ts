// Gradient checkpointing trades time for memory and nothing else: the same bits, in less of it.
import { describe, expect, it } from "vitest";
import { uploadModel } from "../models/residentModel";
import { type TrainConfig, trainConfigSchema } from "./config";
import { estimateMemory } from "./plan";
import { stepShapeOf, TrainSession } from "./session";
import { loadCase, loadCaseModel, testGpu } from "./testing/golden";
import { traineeOf } from "./trainee";

const configOf = (gradientCheckpointing: boolean, targetModules: string[]): TrainConfig =>
  trainConfigSchema.parse({
    gradientCheckpointing,
    adapter: { rank: 3, loraDropout: 0.2, targetModules, initLoraWeights: "gaussian" },
    batchSize: 3,
    learningRate: 0.05,
    schedule: "constant",
    shuffle: false,
  });

describe("gradient checkpointing", () => {
  it.each([
    ["qwen2-tied-bf16", ["q_proj", "v_proj", "down_proj"]],
    ["gpt2-tied-f32", ["c_attn", "c_fc"]],
  ])("gives %s the same gradients to the last bit, in less memory", async (name, targetModules) => {
    const gpu = await testGpu();
    const weights = await loadCaseModel(name);
    const model = await uploadModel(gpu, weights);
    const { examples } = await loadCase(name);
    const results = [];
    for (const checkpointing of [false, true]) {
      const config = configOf(checkpointing, targetModules);
      const cells = [{ config, trainee: traineeOf(config, weights, null) }];
      const shape = stepShapeOf(config, weights.config.vocabSize, examples, []);
      const session = await TrainSession.open(gpu, model, cells, shape);
      // Two updates, so that B is no longer zero.
      for (const step of [0, 1, 2]) await session.submitStep(step, session.batchesOf(step, examples), false);
      const gradients = await session.readGradients(0);
      session.close();
      results.push({ gradients, memory: estimateMemory(weights, cells, shape) });
    }
    model.release();
    const [plain, again] = results as [(typeof results)[0], (typeof results)[0]];
    expect([...plain.gradients.values()].every((values) => values.some((value) => value !== 0))).toBe(true);
    expect(again.gradients).toEqual(plain.gradients);
    const share = again.memory.activationBytes / plain.memory.activationBytes;
    console.info(`checkpointing ${name}: ${(100 * share).toFixed(0)} % of the activation memory`);
    expect(share).toBeLessThan(0.9);
    expect(again.memory.weightBytes).toBe(plain.memory.weightBytes);
  });
});
