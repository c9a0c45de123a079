// What a race promises: every cell ends with the very bytes that it would have alone, whatever its neighbours do;
// more cells cost rows, not dispatches; and a race goes on where it was left.
import { describe, expect, it } from "vitest";
import { writePeftAdapter } from "../formats/peft";
import { type TileShape, tileShapes } from "../gpu/tiling";
import { type ModelWeights, type ResidentModel, uploadModel } from "../models/residentModel";
import { readCheckpoint } from "./checkpoint";
import { type TrainConfig, type TrainConfigInput, trainConfigSchema } from "./config";
import { estimateMemory } from "./plan";
import { Race } from "./race";
import { raceKey } from "./raceCells";
import type { RaceEvent, RaceOptions } from "./raceOptions";
import { stepShapeOf, TrainSession } from "./session";
import { loadCaseModel, loadCurve, testGpu } from "./testing/golden";
import { recordGpuWork } from "./testing/gpuWork";
import { traineeOf } from "./trainee";
import { Trainer } from "./trainer";

const name = "gqa-tied-f32-r8";

let loaded: Promise<{ weights: ModelWeights; model: ResidentModel }> | undefined;

function load() {
  loaded ??= (async () => {
    const weights = await loadCaseModel(name);
    return { weights, model: await uploadModel(await testGpu(), weights) };
  })();
  return loaded;
}

const shared: TrainConfigInput = {
  steps: 20,
  batchSize: 2,
  gradientAccumulation: 2,
  weightDecay: 0.01,
  dataSeed: 7,
  evaluateEvery: 5,
  checkpointEvery: 10,
};
const adapter = { rank: 4, loraAlpha: 8, loraDropout: 0.2, targetModules: ["q_proj", "v_proj"] };

const cell = (overrides: TrainConfigInput): TrainConfig =>
  trainConfigSchema.parse({
    ...shared,
    learningRate: 3e-3,
    ...overrides,
    adapter: { ...adapter, ...overrides.adapter },
  });

/** Ranks, targets, seeds and rates all differ; some layers are adapted in few cells only. */
const various = [
  cell({ seed: 1, adapter: { rank: 1, targetModules: ["q_proj"] } }),
  cell({ seed: 2, learningRate: 1e-2 }),
  cell({
    seed: 1,
    adapter: { rank: 8, loraAlpha: 4, targetModules: ["q_proj", "k_proj", "v_proj", "o_proj"] },
  }),
  cell({
    seed: 3,
    learningRate: 1e-3,
    adapter: { rank: 64, useRslora: true, initLoraWeights: "gaussian", targetModules: ["q_proj"] },
  }),
  cell({ seed: 4, adapter: { rank: 3, targetModules: ["model.layers.1.mlp.down_proj", "gate_proj"] } }),
  cell({ seed: 5, adapter: { rank: 2, rankPattern: { "layers.0.self_attn.q_proj": 5 } } }),
];

async function soloOptions() {
  const { examples } = await loadCurve(name);
  const data = { examples, evaluationExamples: examples.slice(0, 6) };
  return { gpu: await testGpu(), ...(await load()), baseModelName: "tiny", ...data };
}

async function optionsOf(configs: readonly TrainConfig[]): Promise<RaceOptions> {
  return { ...(await soloOptions()), cells: configs.map((config) => ({ config })) };
}

interface Raced {
  readonly race: Race;
  readonly events: RaceEvent[];
}

async function run(configs: readonly TrainConfig[], more: Partial<RaceOptions> = {}): Promise<Raced> {
  const race = await Race.create({ ...(await optionsOf(configs)), ...more });
  const events: RaceEvent[] = [];
  await race.run((event) => events.push(event));
  return { race, events };
}

async function runAlone(
  config: TrainConfig,
): Promise<{ trainer: Trainer; losses: number[]; evaluations: number[] }> {
  const trainer = await Trainer.create({ ...(await soloOptions()), config });
  const losses: number[] = [];
  const evaluations: number[] = [];
  await trainer.run((event) => {
    if (event.type === "step") losses.push(event.loss);
    if (event.type === "evaluation") evaluations.push(event.loss);
  });
  return { trainer, losses, evaluations };
}

const bytesOf = async (of: Race, index: number) =>
  writePeftAdapter(await of.readAdapter(index))["adapter_model.safetensors"];
const lossesOf = ({ events }: Raced, index: number) =>
  events.flatMap((event) => (event.type === "step" && event.cell === index ? [event.loss] : []));
const evaluationsOf = ({ events }: Raced, index: number) =>
  events.flatMap((event) => (event.type === "evaluation" && event.cell === index ? [event.loss] : []));
const endsOf = ({ events }: Raced) => events.flatMap((event) => (event.type === "end" ? [event] : []));
const checkpointsOf = ({ events }: Raced) =>
  events.flatMap((event) => (event.type === "checkpoint" ? [event] : []));

describe("a race", { timeout: 900_000 }, () => {
  it("gives every cell the bytes, losses and evaluations that it has alone", async () => {
    const together = await run(various);
    for (const [index, config] of various.entries()) {
      const { trainer, losses, evaluations } = await runAlone(config);
      expect(lossesOf(together, index), `losses of cell ${index}`).toEqual(losses);
      expect(evaluationsOf(together, index)).toEqual(evaluations);
      const alone = writePeftAdapter(await trainer.readAdapter())["adapter_model.safetensors"];
      expect(await bytesOf(together.race, index), `adapter of cell ${index}`).toEqual(alone);
      trainer.destroy();
    }
    const finals = new Set(various.map((_, index) => lossesOf(together, index).at(-1)));
    expect(finals.size).toBe(various.length); // the cells do differ
    expect(endsOf(together).map(({ outcome, cell: index }) => [index, outcome])).toEqual(
      various.map((_, index) => [index, "done"]),
    );
    together.race.destroy();
  });

  it("does so through workgroup memory, too", async () => {
    const { model } = await load();
    const tiled = (shape: TileShape) => ({
      model: { ...model, tiling: { memory: "workgroup", shape } as const },
    });
    const cells = [various[2]!, various[5]!].map((config) => ({ ...config, steps: 2, evaluateEvery: 0 }));
    const together = await run(cells, tiled(tileShapes[0]!)); // whatever the tile
    const alone = await run([cells[1]!], tiled(tileShapes[2]!));
    expect(lossesOf(together, 1)).toEqual(lossesOf(alone, 0));
    expect(await bytesOf(together.race, 1)).toEqual(await bytesOf(alone.race, 0));
    for (const { race } of [together, alone]) race.destroy();
  });

  it("tells each cell's ‖ΔW‖ by the layers that it adapts", async () => {
    const together = await run(various.slice(0, 3).map((config) => ({ ...config, steps: 5 })));
    const norms = together.events.flatMap((event) => (event.type === "delta" ? [event.norms] : []));
    expect(norms.map((of) => Object.keys(of).length)).toEqual([2, 4, 8]);
    for (const of of norms) for (const norm of Object.values(of)) expect(norm).toBeGreaterThan(0);
    together.race.destroy();
  });

  it("leaves a failing cell's neighbours untouched, and keeps its last good state", async () => {
    const good = [various[1]!, various[2]!];
    const wild = cell({ seed: 9, learningRate: 1e36 });
    const without = await run(good);
    const { race, events } = await run([good[0]!, wild, good[1]!]);
    expect(await bytesOf(race, 0)).toEqual(await bytesOf(without.race, 0));
    expect(await bytesOf(race, 2)).toEqual(await bytesOf(without.race, 1));
    expect(race.endOf(1)).toMatchObject({ outcome: "failed" });
    expect(race.endOf(1)!.reason).toMatch(/step \d+: expected a finite loss.*learning rate [\d.]+e\+3[56]/);
    expect(race.endOf(1)!.step).toBeLessThan(10);
    expect([race.endOf(0)!.outcome, race.endOf(2)!.outcome]).toEqual(["done", "done"]);
    const kept = checkpointsOf({ race, events }).at(-1)!.cells[1]!;
    expect(kept.end).toMatchObject({ outcome: "failed" });
    for (const values of readCheckpoint(kept.bytes!).state.params.values()) {
      expect(values.every(Number.isFinite)).toBe(true);
    }
    for (const { loraA } of (await race.readAdapter(1)).factors.values()) {
      expect(loraA.every(Number.isFinite)).toBe(true);
    }
    race.destroy();
    without.race.destroy();
  });

  it("goes on from a checkpoint to the same bytes, with a cell that had ended before", async () => {
    const configs = various.slice(0, 3);
    const skipping = async (checkpoint?: RaceOptions["checkpoint"]): Promise<Raced> => {
      const race = await Race.create({ ...(await optionsOf(configs)), checkpoint });
      const events: RaceEvent[] = [];
      await race.run((event) => {
        events.push(event);
        if (event.type === "step" && event.step === 3 && event.cell === 0) race.skip(1);
      });
      return { race, events };
    };
    const whole = await skipping();
    const skipped = whole.race.endOf(1)!;
    expect(skipped).toMatchObject({ outcome: "stopped", reason: "skipped" });
    expect(skipped.step).toBeGreaterThanOrEqual(3);
    expect(lossesOf(whole, 1)).toHaveLength(skipped.step);
    expect(lossesOf(whole, 0)).toHaveLength(20);

    const kept = checkpointsOf(whole).find(({ step }) => step === 10)!;
    expect(kept.cells.map(({ end }) => end?.outcome)).toEqual([undefined, "stopped", undefined]);
    const resumed = await skipping(structuredClone(kept.cells));
    expect(lossesOf(resumed, 0)).toEqual(lossesOf(whole, 0).slice(10));
    expect(lossesOf(resumed, 1)).toEqual([]);
    for (const index of [0, 1, 2]) {
      expect(await bytesOf(resumed.race, index)).toEqual(await bytesOf(whole.race, index));
    }
    expect(checkpointsOf(resumed).at(-1)).toEqual(checkpointsOf(whole).at(-1));

    // A cell's share is also what a run by itself goes on from.
    const alone = await Trainer.create({
      ...(await soloOptions()),
      config: configs[2]!,
      checkpoint: kept.cells[2]!.bytes!,
    });
    await alone.run(() => {});
    expect(writePeftAdapter(await alone.readAdapter())["adapter_model.safetensors"]).toEqual(
      await bytesOf(whole.race, 2),
    );
    alone.destroy();
    whole.race.destroy();
    resumed.race.destroy();
  });

  it("ends a cell whose validation loss no longer falls, and the others go on", async () => {
    const still = cell({ seed: 1, learningRate: 0 });
    const configs = [still, various[1]!].map((config) => ({
      ...config,
      evaluateEvery: 2,
      checkpointEvery: 0,
    }));
    const together = await run(configs, { patience: 3 });
    const [first, second] = endsOf(together);
    expect(first).toMatchObject({ cell: 0, outcome: "stopped", step: 6, keptStep: 0 });
    expect(first!.reason).toMatch(/validation loss: no lower than [\d.]+ in 3 evaluations/);
    expect(second).toMatchObject({ cell: 1, step: 20, outcome: "done" });
    expect(evaluationsOf(together, 0)).toHaveLength(4);
    expect(lossesOf(together, 0)).toHaveLength(6);
    together.race.destroy();
  });

  it("keeps the state with the lowest validation loss of a cell that went on to worse ones, resumed or not", async () => {
    const { examples } = await loadCurve(name);
    // Three examples are soon learnt by heart, at the expense of the others.
    const data = { patience: 3, examples: examples.slice(0, 3), evaluationExamples: examples.slice(6, 10) };
    const fast = cell({ seed: 2, learningRate: 0.1 });
    const often = { evaluateEvery: 2, checkpointEvery: 2 };
    const configs = [various[1]!, fast].map((config) => ({ ...config, ...often }));
    const whole = await run(configs, data);
    const losses = evaluationsOf(whole, 1);
    const best = 2 * losses.indexOf(Math.min(...losses));
    const [end] = endsOf(whole);
    expect(best).toBeGreaterThan(0);
    expect(end).toMatchObject({ cell: 1, outcome: "stopped", step: best + 6, keptStep: best });
    const last = checkpointsOf(whole).at(-1)!.cells[1]!;
    expect(last.bytes).toEqual(checkpointsOf(whole).find(({ step }) => step === best)!.cells[1]!.bytes);
    expect(readCheckpoint(last.bytes!).step).toBe(best);
    const adapted = await bytesOf(whole.race, 1);

    const between = checkpointsOf(whole).find(({ step }) => step === best + 2)!;
    const resumed = await run(configs, { ...data, checkpoint: structuredClone(between.cells) });
    expect(await bytesOf(resumed.race, 1)).toEqual(adapted);
    expect(checkpointsOf(resumed).at(-1)).toEqual(checkpointsOf(whole).at(-1));
    whole.race.destroy();
    resumed.race.destroy();
  });

  it("has nothing to gain from seeds in full fine-tuning: another one gives the same bytes", async () => {
    const trained = async (seed: number) => {
      const config = cell({ method: "full", seed, steps: 2, evaluateEvery: 0, checkpointEvery: 0 });
      const trainer = await Trainer.create({ ...(await soloOptions()), config, evaluationExamples: [] });
      await trainer.run(() => {});
      const values = await trainer.readParameters();
      trainer.destroy();
      return values;
    };
    expect(await trained(1)).toEqual(await trained(2));
  });

  it("pauses, and stops when asked, keeping what all cells have", async () => {
    const configs = various.slice(0, 2).map((config) => ({ ...config, steps: 1000, checkpointEvery: 0 }));
    const race = await Race.create({ ...(await optionsOf(configs)), evaluationExamples: [] });
    race.pause();
    const events: RaceEvent[] = [];
    const running = race.run((event) => {
      events.push(event);
      if (event.type === "step" && event.step === 3) race.stop();
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(events).toEqual([]);
    race.resume();
    const ends = await running;
    expect(ends.map(({ outcome }) => outcome)).toEqual(["stopped", "stopped"]);
    expect(ends[0]!.step).toBe(ends[1]!.step);
    expect(ends[0]!.step).toBeLessThan(10);
    expect(
      checkpointsOf({ race, events })
        .at(-1)!
        .cells.map(({ end }) => end?.outcome),
    ).toEqual(["stopped", "stopped"]);
    race.destroy();
  });
});

describe("the cost of a race", { timeout: 900_000 }, () => {
  const dispatchesOf = (session: TrainSession) =>
    (["accumulate", "update", "delta"] as const).map((phase) => session.callNames(phase).length);

  async function openSession(configs: readonly TrainConfig[]) {
    const { weights, model } = await load();
    const { examples } = await loadCurve(name);
    const cells = configs.map((config) => ({ config, trainee: traineeOf(config, weights, null) }));
    const shape = stepShapeOf(configs[0]!, weights.config.vocabSize, examples, []);
    const session = await TrainSession.open(await testGpu(), model, cells, shape);
    return { session, estimate: estimateMemory(weights, cells, shape) };
  }

  it("is at most 1.3 × the dispatches of one run for six cells", async () => {
    const ranks = [1, 2, 4, 8, 16, 64];
    const configs = ranks.map((rank, i) =>
      cell({ seed: i, adapter: { rank, targetModules: ["q_proj", "down_proj"] } }),
    );
    const one = await openSession([configs[3]!]);
    const six = await openSession(configs);
    const [alone, together] = [dispatchesOf(one.session), dispatchesOf(six.session)];
    const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
    console.info(
      `race: dispatches of accumulate, update, norms: one run ${alone.join(" + ")}, six cells ` +
        `${together.join(" + ")}: ${(sum(together) / sum(alone)).toFixed(2)} ×; activations ` +
        `${one.session.memory.activationBytes} and ${six.session.memory.activationBytes} bytes, ` +
        `weights ${six.estimate.weightBytes} bytes in both`,
    );
    expect(sum(together)).toBeLessThanOrEqual(1.3 * sum(alone));
    one.session.close();
    six.session.close();
  });

  it("is known before: the estimate is what gets allocated, and the base counts once", async () => {
    const { model } = await load();
    const one = await openSession([various[1]!]);
    const six = await openSession(various);
    for (const { session, estimate } of [one, six]) {
      expect(estimate.activationBytes).toBe(session.memory.activationBytes);
      expect(estimate.weightBytes).toBe(model.sizeBytes);
      expect(session.memory.activationBytes / session.memory.peakLiveBytes).toBeLessThan(1.15);
      session.close();
    }
    expect(six.estimate.activationBytes).toBeLessThan(7 * one.estimate.activationBytes);
  });

  it("creates nothing on the GPU while stepping, and submits each step once", async () => {
    const { device } = await testGpu();
    const configs = various.map((config) => ({ ...config, steps: 16, checkpointEvery: 0 }));
    const race = await Race.create({ ...(await optionsOf(configs)), evaluationExamples: [] });
    const { log, stop } = recordGpuWork(device);
    try {
      await race.run((event) => {
        if (event.type === "step" && event.cell === 0) log.push(`step ${event.step}`);
      });
    } finally {
      stop();
      race.destroy();
    }
    const steady = log.slice(log.indexOf("step 4"), log.indexOf("step 16"));
    expect(steady.filter((entry) => entry.startsWith("create"))).toEqual([]);
    expect(log.slice(0, log.indexOf("step 16")).filter((entry) => entry === "submit")).toHaveLength(16);
  });
});

describe("cells that cannot race", () => {
  it.each([
    [{ batchSize: 4 }, /batchSize: expected 2 in cell 1 as in cell 0/],
    [
      { dataSeed: null, seed: 3 },
      /dataSeed: expected 7 in cell 1.*got 3; give every cell the same data seed/,
    ],
    [{ adapter: { ...adapter, loraDropout: 0 } }, /loraDropout: expected 0.2/],
    [{ method: "full" }, /race: expected method lora in every cell, got full/],
  ] as [TrainConfigInput, RegExp][])("%o", async (overrides, message) => {
    const configs = [cell({}), cell(overrides)];
    await expect(Race.create(await optionsOf(configs))).rejects.toThrow(message);
    expect(raceKey(configs[0]!)).not.toBe(raceKey(configs[1]!));
  });

  it("falls into races by raceKey", () => {
    expect(new Set(various.map(raceKey)).size).toBe(1);
  });

  it("no cells, or a checkpoint of another race", async () => {
    await expect(Race.create(await optionsOf([]))).rejects.toThrow("race: expected at least one cell");
    const checkpoint = [{ bytes: null }];
    const options = await optionsOf(various.slice(0, 2));
    await expect(Race.create({ ...options, checkpoint })).rejects.toThrow(
      "checkpoint: expected 2 cells, got 1",
    );
  });
});
