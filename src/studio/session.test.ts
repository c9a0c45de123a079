// The session as the page uses it, on a real device and a real IndexedDB, with a tiny random model.
import { unzipSync } from "fflate";
import { deleteDB } from "idb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSafetensors } from "../formats/safetensors";
import { toFloat32 } from "../formats/tensor";
import type { GpuChange, TrainConfigInput } from "./messages";
import { RunShelf } from "./runShelf";
import { StudioSession } from "./session";
import { withQuota } from "./testing/quota";
import { collect, exportedWeights, problemOf, unwrap } from "./testing/sessionCalls";
import { tinyConfig, tinyData, tinyModel } from "./testing/tinyModel";

const config: TrainConfigInput = tinyConfig;
const options = { sequenceLength: 24, seed: 3 };

let database = "";
let shelf: RunShelf;
beforeEach(() => {
  database = `session-test-${crypto.randomUUID()}`;
  shelf = new RunShelf(database, navigator.locks);
});
afterEach(async () => {
  await shelf.close();
  await deleteDB(database);
});

/** A session with model and data loaded. */
async function openSession(
  gpu: GPU = navigator.gpu,
  kept = shelf,
  onGpuChange: (change: GpuChange) => void = () => {},
): Promise<StudioSession> {
  const session = new StudioSession(gpu, kept);
  unwrap(await session.start(onGpuChange));
  unwrap(await session.loadModel(tinyModel(), () => {}));
  unwrap(await session.loadData(tinyData(), options));
  return session;
}

async function trainToEnd(session: StudioSession, input: TrainConfigInput = config) {
  const { updates, ended, onUpdates } = collect();
  const record = unwrap(await session.train(input, onUpdates));
  return { record, end: await ended, updates };
}

describe("a run", () => {
  it("reports its steps, is kept with its chart, and leaves an adapter", async () => {
    const session = await openSession();
    const { record, end, updates } = await trainToEnd(session);
    expect(end).toMatchObject({ type: "end", outcome: "done", step: 24 });
    const steps = updates.filter((update) => update.type === "step");
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    expect(steps.at(-1)!.loss).toBeLessThan(steps[0]!.loss - 0.1);

    const [kept] = await shelf.list();
    expect(kept).toMatchObject({ id: record.id, status: "done", step: 24, hasCheckpoint: true });
    const history = await shelf.history(record.id);
    expect(history.steps).toEqual(steps);
    expect(history.evaluations.map(({ step }) => step)).toEqual([0, 6, 12, 18, 24]);
    expect(await session.currentAdapter()).toMatchObject({
      origin: "run",
      rank: 4,
      trainableParameters: record.trainableParameters,
    });
  });
});

describe("Compare", () => {
  const request = { prompt: "the c", maxNewTokens: 12, temperature: 0, topK: 0, topP: 1, seed: 0 };

  it("answers from both, also while a run goes on, and the base is untouched by training", async () => {
    const session = await openSession();
    const ask = async (use: "base" | "adapter") => {
      let streamed = "";
      const answer = unwrap(
        await session.generate({ ...request, use }, (piece) => {
          streamed += piece;
        }),
      );
      expect(streamed).toBe(answer.text);
      return answer;
    };
    const before = await ask("base");
    expect(before.tokenCount).toBeGreaterThan(0);
    expect(problemOf(await session.generate({ ...request, use: "adapter" }, () => {})).message).toMatch(
      /^adapter: expected a trained one/,
    );
    const { ended, onUpdates } = collect();
    unwrap(await session.train({ ...config, learningRate: 3e-2, steps: 40 }, onUpdates));
    expect((await ask("base")).text).toBe(before.text);
    await ended;
    expect((await ask("base")).text).toBe(before.text);
    expect((await ask("adapter")).text).not.toBe(before.text);
  });
});

describe("the adapter's way out and in", () => {
  it("exports what imports again to the same bytes, and refuses it on another model", async () => {
    const session = await openSession();
    const { record } = await trainToEnd(session, { ...config, steps: 6 });
    const { bytes, fileName } = unwrap(await session.exportAdapter());
    expect(fileName).toBe("cats-jsonl-rank-4.zip");
    const files = unzipSync(bytes);
    expect(Object.keys(files).sort()).toEqual([
      "README.md",
      "adapter_config.json",
      "adapter_model.safetensors",
      "run.json",
    ]);
    const run = JSON.parse(new TextDecoder().decode(files["run.json"]));
    expect(run.run.steps).toHaveLength(6);
    expect(run.run.config).toEqual(record.config);
    const card = new TextDecoder().decode(files["README.md"]);
    expect(card).toContain("| Training data | cats.jsonl |");
    expect(card).toContain("PeftModel.from_pretrained");

    const other = await openSession();
    const zip = new File([bytes], "mine.zip");
    expect(unwrap(await other.importAdapter([zip]))).toMatchObject({
      name: "mine",
      origin: "import",
      rank: 4,
    });
    expect(await exportedWeights(other)).toEqual(files["adapter_model.safetensors"]);
    const pair = ["adapter_config.json", "adapter_model.safetensors"].map(
      (name) => new File([new Uint8Array(files[name]!)], name),
    );
    unwrap(await other.importAdapter(pair));
    expect(await exportedWeights(other)).toEqual(files["adapter_model.safetensors"]);

    unwrap(await other.loadModel(tinyModel(2, { hiddenSize: 64, headDim: 16 }), () => {}));
    expect(await other.currentAdapter()).toBeNull();
    expect(problemOf(await other.importAdapter([zip]))).toEqual({
      field: "adapter",
      message: expect.stringContaining(
        "expected weight [64, 64] as in the loaded model, got weight [32, 32]",
      ),
    });
    expect(problemOf(await other.importAdapter(pair.slice(1))).message).toContain(
      "adapter_config.json: expected",
    );
  });
});

describe("full fine-tuning", () => {
  it("answers with what it trained, and exports the whole model", async () => {
    const session = await openSession();
    const ask = async (use: "base" | "adapter") => {
      const request = { prompt: "the c", maxNewTokens: 8, temperature: 0, topK: 0, topP: 1, seed: 0, use };
      return unwrap(await session.generate(request, () => {})).text;
    };
    const { record } = await trainToEnd(session, { ...config, method: "full", steps: 8 });
    expect(await session.currentAdapter()).toMatchObject({ method: "full", rank: 0 });
    expect(await ask("adapter")).not.toBe(await ask("base"));
    const { bytes } = unwrap(await session.exportAdapter());
    const files = Object.entries(unzipSync(bytes)).map(([name, content]) => new File([content], name));
    expect(files.map(({ name }) => name)).toContain("README.md");
    const tuned = new StudioSession(navigator.gpu, shelf);
    unwrap(await tuned.start(() => {}));
    const info = unwrap(await tuned.loadModel({ kind: "files", name: "tuned", files }, () => {}));
    expect(info).toMatchObject({ parameterCount: record.trainableParameters, dtype: "F32" });
    const request = { prompt: "the c", maxNewTokens: 8, temperature: 0, topK: 0, topP: 1, seed: 0 };
    expect(unwrap(await tuned.generate({ ...request, use: "base" }, () => {})).text).toBe(
      await ask("adapter"),
    );
  });
});

describe("what can go wrong in a run", () => {
  it("stops at a loss that is no number, says so, and keeps the last good state", async () => {
    const session = await openSession();
    const wild = { ...config, learningRate: 1e30, maxGradNorm: 0, warmupSteps: 12, checkpointEvery: 4 };
    const { record, end } = await trainToEnd(session, wild);
    expect(end).toMatchObject({ type: "end", outcome: "failed" });
    expect(end).toMatchObject({ reason: expect.stringMatching(/^step \d+: .*learning rate/) });
    expect((await shelf.list())[0]).toMatchObject({
      status: "failed",
      reason: (end as { reason: string }).reason,
    });
    expect(problemOf(await session.resumeRun(record.id, () => {})).message).toContain("other settings");
    expect(unwrap(await session.useRun(record.id))).toMatchObject({ rank: 4 });
    const weights = readSafetensors(await exportedWeights(session), "a.safetensors");
    for (const tensor of weights.tensors.values())
      expect(toFloat32(tensor).every(Number.isFinite)).toBe(true);
  });

  it("goes on from the last autosave when the GPU is lost, to the same bytes", async () => {
    const whole = await openSession();
    await trainToEnd(whole);
    const expected = await exportedWeights(whole);

    const { gpu, devices } = recordingGpu();
    const changes: GpuChange["status"][] = [];
    const session = await openSession(gpu, shelf, ({ status }) => changes.push(status));
    const { updates, onUpdates, next, ended } = collect();
    const saved = next((update) => update.type === "saved" && update.step >= 5);
    unwrap(await session.train(config, onUpdates));
    await saved;
    devices.at(-1)!.destroy();
    expect(await ended).toMatchObject({ type: "end", outcome: "done", step: 24 });
    expect(devices).toHaveLength(2);
    expect(changes).toEqual(["lost", "ready"]);
    expect(updates.filter(({ type }) => type === "rewound")).toHaveLength(1);
    expect(updates.find(({ type }) => type === "warning")).toMatchObject({
      message: expect.stringMatching(/^The GPU was lost at step \d+ .* went on from step \d+/),
    });
    expect(await exportedWeights(session)).toEqual(expected);
    const [kept] = await shelf.list();
    const history = await shelf.history(kept!.id);
    expect(history.steps.map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
  });

  it("leaves the run interrupted, and says how to resume it, when the GPU does not come back", async () => {
    const { gpu, devices } = recordingGpu({ most: 1 });
    const session = await openSession(gpu);
    const { onUpdates, next, ended } = collect();
    const saved = next((update) => update.type === "saved" && update.step >= 5);
    const { id } = unwrap(await session.train(config, onUpdates));
    await saved;
    devices[0]!.destroy();
    expect(await ended).toMatchObject({
      type: "interrupted",
      reason: expect.stringContaining("Reload the page"),
    });

    const again = await openSession();
    const resumed = collect();
    unwrap(await again.resumeRun(id, resumed.onUpdates));
    expect(await resumed.ended).toMatchObject({ outcome: "done", step: 24 });
  });

  it("goes on when the storage is full, and says so", async () => {
    await withQuota(10_000, async () => {
      const full = new RunShelf(database, navigator.locks);
      const session = await openSession(navigator.gpu, full);
      const { record, end, updates } = await trainToEnd(session, { ...config, steps: 12 });
      expect(end).toMatchObject({ outcome: "done", step: 12 });
      const warnings = updates.filter((update) => update.type === "warning");
      expect(warnings).toHaveLength(1); // not one for each autosave
      expect(warnings[0]!.message).toMatch(/storage is full.*Delete runs/);
      expect(updates.some(({ type }) => type === "saved")).toBe(false);
      expect(await session.listRuns()).toMatchObject([
        { id: record.id, status: "done", hasCheckpoint: false },
      ]);
      expect(await exportedWeights(session)).not.toHaveLength(0);
      await full.close();
    });
  });

  it("pauses, and stops with what was learnt, which can be resumed to the same bytes", async () => {
    const session = await openSession();
    await trainToEnd(session);
    const expected = await exportedWeights(session);
    const { onUpdates, next, ended, updates } = collect();
    const third = next((update) => update.type === "step" && update.step >= 3);
    const { id } = unwrap(await session.train(config, onUpdates));
    await third;
    expect(problemOf(await session.train(config, () => {})).message).toContain("Stop it first");
    expect(problemOf(await session.loadModel(tinyModel(), () => {})).message).toContain("Stop it first");
    await session.pause();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const count = updates.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(updates.length).toBe(count);
    expect((await session.listRuns())[0]).toMatchObject({ id, status: "paused" });
    expect(problemOf(await session.deleteRun(id)).message).toContain("Stop it before");
    await session.stop();
    expect(await ended).toMatchObject({ outcome: "stopped" });
    const resumed = collect();
    unwrap(await session.resumeRun(id, resumed.onUpdates));
    expect(await resumed.ended).toMatchObject({ outcome: "done", step: 24 });
    expect(await exportedWeights(session)).toEqual(expected);
  });
});

/** The browser's GPU, with its devices at hand; at most `most` of them. Everything else is the real thing. */
function recordingGpu({ most = Number.POSITIVE_INFINITY } = {}) {
  const devices: GPUDevice[] = [];
  const bound = (target: object, name: PropertyKey) => {
    const value = Reflect.get(target, name);
    return typeof value === "function" ? value.bind(target) : value;
  };
  const recording = (adapter: GPUAdapter) =>
    new Proxy(adapter, {
      get: (target, name) =>
        name !== "requestDevice"
          ? bound(target, name)
          : async (descriptor: GPUDeviceDescriptor) => {
              const device = await target.requestDevice(descriptor);
              devices.push(device);
              return device;
            },
    });
  const gpu = new Proxy(navigator.gpu, {
    get: (target, name) =>
      name !== "requestAdapter"
        ? bound(target, name)
        : async (request: GPURequestAdapterOptions) => {
            const adapter = devices.length < most ? await target.requestAdapter(request) : null;
            return adapter && recording(adapter);
          },
  });
  return { gpu, devices };
}

describe("refusals", () => {
  it("keeps what was loaded before when the next is bad", async () => {
    const session = await openSession();
    const bad = new File(['{"prompt":"a"}'], "bad.jsonl");
    expect(
      problemOf(await session.loadData({ kind: "file", name: "bad.jsonl", file: bad }, options)),
    ).toEqual({
      field: "trainingData",
      message: "bad.jsonl: line 1.completion: expected string, got nothing.",
    });
    expect((await session.estimate(config)).problems).toEqual([]);
  });
});
