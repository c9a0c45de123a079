// What a run promises: nothing is created while stepping, runs repeat and resume to the byte, frozen weights stay,
// a bad step changes nothing.
import { describe, expect, it } from "vitest";
import { writePeftAdapter } from "../formats/peft";
import { readBuffer } from "../gpu/memory";
import { type ModelWeights, type ResidentModel, uploadModel } from "../models/residentModel";
import { readCheckpoint } from "./checkpoint";
import { type TrainConfigInput, trainConfigSchema } from "./config";
import type { TrainEvent } from "./events";
import { estimateMemory } from "./plan";
import { stepShapeOf, TrainSession } from "./session";
import { loadCaseModel, loadCurve, testGpu } from "./testing/golden";
import { recordGpuWork } from "./testing/gpuWork";
import { traineeOf } from "./trainee";
import { Trainer, type TrainerOptions } from "./trainer";

const name = "gqa-tied-f32-r8";

interface Run {
  readonly trainer: Trainer;
  readonly events: TrainEvent[];
}

let loaded: Promise<{ weights: ModelWeights; model: ResidentModel }> | undefined;

function load() {
  loaded ??= (async () => {
    const weights = await loadCaseModel(name);
    return { weights, model: await uploadModel(await testGpu(), weights) };
  })();
  return loaded;
}

const base: TrainConfigInput = {
  steps: 6,
  batchSize: 4,
  learningRate: 3e-3,
  evaluateEvery: 0,
  checkpointEvery: 2,
  adapter: { rank: 4, loraAlpha: 8, loraDropout: 0.2, targetModules: ["q_proj", "v_proj", "down_proj"] },
};

async function create(overrides: TrainConfigInput, more: Partial<TrainerOptions> = {}): Promise<Trainer> {
  const { examples } = await loadCurve(name);
  const config = trainConfigSchema.parse({ ...base, ...overrides });
  const options = { gpu: await testGpu(), ...(await load()), baseModelName: "tiny", config };
  return Trainer.create({ ...options, examples, evaluationExamples: examples.slice(0, 6), ...more });
}

async function run(overrides: TrainConfigInput, more?: Partial<TrainerOptions>): Promise<Run> {
  const trainer = await create(overrides, more);
  const events: TrainEvent[] = [];
  await trainer.run((event) => events.push(event));
  return { trainer, events };
}

async function adapterBytes(trainer: Trainer): Promise<Uint8Array> {
  return writePeftAdapter(await trainer.readAdapter())["adapter_model.safetensors"];
}

const lossesOf = ({ events }: Run) => events.flatMap((event) => (event.type === "step" ? [event.loss] : []));
const checkpointsOf = ({ events }: Run) =>
  events.flatMap((event) => (event.type === "checkpoint" ? [event] : []));

describe("the planned step", () => {
  it("creates no buffer, bind group or pipeline, submits once, and does not wait for the loss", async () => {
    const { device } = await testGpu();
    const trainer = await create({ steps: 24, checkpointEvery: 0 }, { evaluationExamples: [] });
    const { log, stop } = recordGpuWork(device);
    try {
      await trainer.run((event) => {
        if (event.type === "step") log.push(`step ${event.step}`);
        if (event.type === "end") log.push("end");
      });
    } finally {
      stop();
      trainer.destroy();
    }
    // Four steps to warm up; reading the trained values at the end is no step any more.
    const steady = log.slice(log.indexOf("step 4"), log.indexOf("step 24"));
    expect(steady.filter((entry) => entry.startsWith("create"))).toEqual([]);
    expect(log.slice(0, log.indexOf("step 24")).filter((entry) => entry === "submit")).toHaveLength(24);
    expect(log.indexOf("step 1")).toBeGreaterThan(log.indexOf("submit", log.indexOf("submit") + 1));
  });

  it("allocates exactly what the estimate says, close to the least possible", async () => {
    const { weights, model } = await load();
    const { examples } = await loadCurve(name);
    const config = trainConfigSchema.parse(base);
    const trainee = traineeOf(config, weights, null);
    const shape = stepShapeOf(config, weights.config.vocabSize, examples, []);
    const estimate = estimateMemory(weights, [{ config, trainee }], shape);
    const session = await TrainSession.open(await testGpu(), model, [{ config, trainee }], shape);
    const { activationBytes, peakLiveBytes } = session.memory;
    session.close();
    expect(estimate.activationBytes).toBe(activationBytes);
    expect(estimate.weightBytes).toBe(model.sizeBytes);
    console.info(
      `arena: ${activationBytes} bytes, ${(activationBytes / peakLiveBytes).toFixed(3)} × the live peak`,
    );
    expect(activationBytes / peakLiveBytes).toBeLessThan(1.15);
  });

  it("differentiates nothing below the lowest adapted layer", async () => {
    const { weights, model } = await load();
    const { examples } = await loadCurve(name);
    const countCalls = async (targetModules: string[], rankPattern = {}) => {
      const config = trainConfigSchema.parse({
        ...base,
        adapter: { ...base.adapter, targetModules, rankPattern },
      });
      const trainee = traineeOf(config, weights, null);
      const shape = stepShapeOf(config, weights.config.vocabSize, examples, []);
      const session = await TrainSession.open(await testGpu(), model, [{ config, trainee }], shape);
      const calls = session.callNames("accumulate");
      session.close();
      return calls;
    };
    const last = await countCalls(["model.layers.1.mlp.down_proj"]);
    expect(last.filter((call) => call === "attention_backward_q")).toEqual([]);
    expect(last.filter((call) => call === "linear_backward_input")).toHaveLength(1); // the head's
    const both = await countCalls(["q_proj"]);
    expect(both.filter((call) => call === "attention_backward_q")).toHaveLength(2);
    expect(both.filter((call) => call === "lora_backward_factors")).toHaveLength(4); // dB and dA
    expect(both.filter((call) => call === "linear_backward_weight")).toEqual([]); // W is frozen
  });
});

describe("a run", () => {
  it("repeats to the byte with one seed, and differs with another", async () => {
    const first = await run({ seed: 5 });
    const second = await run({ seed: 5 });
    const other = await run({ seed: 6 });
    expect(lossesOf(second)).toEqual(lossesOf(first));
    expect(await adapterBytes(second.trainer)).toEqual(await adapterBytes(first.trainer));
    expect(await adapterBytes(other.trainer)).not.toEqual(await adapterBytes(first.trainer));
    for (const { trainer } of [first, second, other]) trainer.destroy();
  });

  it.each([
    { gradientAccumulation: 1 },
    { gradientAccumulation: 2, schedule: "cosine", warmupSteps: 2 } as const,
  ])("resumed from a checkpoint equals one that never stopped: %o", async (overrides) => {
    const whole = await run(overrides);
    const kept = checkpointsOf(whole).find(({ step }) => step === 2)!;
    const resumed = await run(overrides, { checkpoint: kept.bytes });
    expect(lossesOf(resumed)).toEqual(lossesOf(whole).slice(2));
    expect(await adapterBytes(resumed.trainer)).toEqual(await adapterBytes(whole.trainer));
    expect(checkpointsOf(resumed).at(-1)!.bytes).toEqual(checkpointsOf(whole).at(-1)!.bytes);
    whole.trainer.destroy();
    resumed.trainer.destroy();
  });

  it("leaves the base weights bit-identical", async () => {
    const { device } = await testGpu();
    const { model } = await load();
    const tensors = [...model.tensors.values()];
    const read = () => Promise.all(tensors.map(({ storage }) => readBuffer(device, storage)));
    const before = await read();
    const { trainer } = await run({});
    trainer.destroy();
    expect(await read()).toEqual(before);
  });

  it("takes the same step from two micro-batches of two as from one batch of four", async () => {
    const adapter = { ...base.adapter, loraDropout: 0 };
    const whole = await run({ steps: 3, batchSize: 4, shuffle: false, adapter });
    const split = await run({ steps: 3, batchSize: 2, gradientAccumulation: 2, shuffle: false, adapter });
    lossesOf(split).forEach((loss, i) => {
      expect(loss).toBeCloseTo(lossesOf(whole)[i]!, 5);
    });
    whole.trainer.destroy();
    split.trainer.destroy();
  });

  it("evaluates to the loss a step on the same examples reports, before and after training", async () => {
    const { examples } = await loadCurve(name);
    const four = examples.slice(0, 4);
    const overrides = { steps: 1, shuffle: false, adapter: { ...base.adapter, loraDropout: 0 } };
    const { trainer, events } = await run(overrides, { evaluationExamples: four });
    const evaluations = events.flatMap((event) => (event.type === "evaluation" ? [event] : []));
    expect(evaluations.map(({ step }) => step)).toEqual([0, 1]);
    expect(evaluations[0]!.loss).toBeCloseTo(lossesOf({ trainer, events })[0]!, 5);
    expect(evaluations[1]!.loss).toBeLessThan(evaluations[0]!.loss);
    trainer.destroy();
  });

  it("stops at a loss that is no number, keeps the last good state, and says so", async () => {
    const { trainer, events } = await run({ steps: 30, learningRate: 1e38, schedule: "constant" });
    const end = events.at(-1)!;
    expect(end).toMatchObject({ type: "end", outcome: "failed" });
    expect(end.type === "end" && end.reason).toMatch(
      /step \d+: expected a finite loss.*learning rate 1e\+38/,
    );
    const kept = checkpointsOf({ trainer, events });
    expect(kept.length).toBeGreaterThan(0);
    const { state } = readCheckpoint(kept.at(-1)!.bytes);
    for (const values of state.params.values()) expect(values.every(Number.isFinite)).toBe(true);
    trainer.destroy();
  });

  it("pauses, goes on, and stops when asked, keeping what it has", async () => {
    const trainer = await create({ steps: 1000, checkpointEvery: 0 }, { evaluationExamples: [] });
    let steps = 0;
    trainer.pause();
    const running = trainer.run((event) => {
      if (event.type !== "step") return;
      steps = event.step;
      if (event.step === 3) trainer.stop();
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(steps).toBe(0);
    trainer.resume();
    const end = await running;
    expect(end.outcome).toBe("stopped");
    expect(steps).toBeGreaterThanOrEqual(3);
    expect(steps).toBe(end.step);
    expect(steps).toBeLessThan(10);
    trainer.destroy();
  });

  it("refuses a checkpoint of another run, naming what differs", async () => {
    const whole = await run({});
    const { bytes } = checkpointsOf(whole).at(-1)!;
    whole.trainer.destroy();
    await expect(create({ learningRate: 1 }, { checkpoint: bytes })).rejects.toThrow("learningRate");
    const { examples } = await loadCurve(name);
    await expect(create({}, { checkpoint: bytes, examples: examples.slice(1) })).rejects.toThrow(
      "training data",
    );
    await expect(create({}, { checkpoint: bytes.slice(0, 99) })).rejects.toThrow("checkpoint.safetensors");
  });
});

describe("settings that do not fit the model", () => {
  it.each([
    [{ ...base.adapter, rank: 65 }, /rank: expected at most 64 for model.layers.0.self_attn.q_proj/],
    [{ ...base.adapter, targetModules: ["query"] }, /target modules: expected names among q_proj/],
    [{ ...base.adapter, targetModules: ["q_proj", "c_attn"] }, /c_attn/],
  ])("%o", async (adapter, message) => {
    await expect(create({ adapter })).rejects.toThrow(message);
  });

  it("bitfit without biases", async () => {
    await expect(create({ method: "bitfit" })).rejects.toThrow("biases");
  });

  it("no examples", async () => {
    await expect(create({}, { examples: [] })).rejects.toThrow("training data");
  });
});
