// What can go wrong in the middle of a run, on a real device: values that grow too large, a lost GPU, a full storage,
// and a person who stops it. Nothing of it loses what was learnt.
import { deleteDB } from "idb";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readSafetensors } from "../formats/safetensors";
import { toFloat32 } from "../formats/tensor";
import type { GpuChange } from "./messages";
import { RunShelf } from "./runShelf";
import { withQuota } from "./testing/quota";
import { recordingGpu } from "./testing/recordingGpu";
import { collect, exportedWeights, openSession, problemOf, trainToEnd, unwrap } from "./testing/sessionCalls";
import { tinyConfig as config, tinyModel } from "./testing/tinyModel";

let database = "";
let shelf: RunShelf;
beforeEach(() => {
  database = `interruptions-test-${crypto.randomUUID()}`;
  shelf = new RunShelf(database, navigator.locks);
});
afterEach(async () => {
  await shelf.close();
  await deleteDB(database);
});

/** Weights of a run that nothing happened to; trained once for all tests. */
let uninterrupted: Promise<Uint8Array> | undefined;
function expectedWeights(): Promise<Uint8Array> {
  uninterrupted ??= openSession(shelf).then(async (session) => {
    await trainToEnd(session);
    return exportedWeights(session);
  });
  return uninterrupted;
}

it("stops when the learning rate is far too large, says so, and keeps the last good state", async () => {
  const session = await openSession(shelf);
  const wild = { ...config, learningRate: 1e30, maxGradNorm: 0, warmupSteps: 12, checkpointEvery: 4 };
  const { record, end } = await trainToEnd(session, wild);
  expect(end).toMatchObject({ type: "end", outcome: "failed" });
  expect(end).toMatchObject({
    reason: expect.stringMatching(/^step \d+: expected a gradient, got none at .*learning rate/),
  });
  expect((await shelf.list())[0]).toMatchObject({
    status: "failed",
    reason: (end as { reason: string }).reason,
  });
  expect(problemOf(await session.resumeRun(record.id, () => {})).message).toContain("other settings");
  expect(unwrap(await session.useRun(record.id))).toMatchObject({ rank: 4 });
  const weights = readSafetensors(await exportedWeights(session), "a.safetensors");
  for (const tensor of weights.tensors.values()) expect(toFloat32(tensor).every(Number.isFinite)).toBe(true);
});

it("goes on from the last autosave when the GPU is lost, to the same bytes", async () => {
  const expected = await expectedWeights();
  const { gpu, devices } = recordingGpu();
  const changes: GpuChange["status"][] = [];
  const session = await openSession(shelf, gpu, ({ status }) => changes.push(status));
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
}, 120_000); // two whole runs, one of them on two devices

it("leaves the run interrupted, and says how to resume it, when the GPU does not come back", async () => {
  const { gpu, devices } = recordingGpu({ most: 1 });
  const session = await openSession(shelf, gpu);
  const { onUpdates, next, ended } = collect();
  const saved = next((update) => update.type === "saved" && update.step >= 5);
  const { id } = unwrap(await session.train(config, onUpdates));
  await saved;
  devices[0]!.destroy();
  expect(await ended).toMatchObject({
    type: "interrupted",
    reason: expect.stringContaining("Reload the page"),
  });

  const again = await openSession(shelf);
  const resumed = collect();
  unwrap(await again.resumeRun(id, resumed.onUpdates));
  expect(await resumed.ended).toMatchObject({ outcome: "done", step: 24 });
  expect(await exportedWeights(again)).toEqual(await expectedWeights());
});

it("goes on when the storage is full, and says so", async () => {
  await withQuota(10_000, async () => {
    const full = new RunShelf(database, navigator.locks);
    const session = await openSession(full);
    const { record, end, updates } = await trainToEnd(session, { ...config, steps: 12 });
    expect(end).toMatchObject({ outcome: "done", step: 12 });
    const warnings = updates.filter((update) => update.type === "warning");
    expect(warnings).toHaveLength(1); // not one for each autosave
    expect(warnings[0]!.message).toMatch(/storage is full.*Delete runs/);
    expect(updates.some(({ type }) => type === "saved")).toBe(false);
    expect(await session.listRuns()).toMatchObject([{ id: record.id, status: "done", hasCheckpoint: false }]);
    expect(await exportedWeights(session)).not.toHaveLength(0);
    await full.close();
  });
});

it("pauses, and stops with what was learnt, which can be resumed to the same bytes", async () => {
  const session = await openSession(shelf);
  const expected = await expectedWeights();
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
