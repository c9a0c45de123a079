// The worker as the page starts it, and tabs that are closed in the middle of a run: the worker is terminated.
import { deleteDB } from "idb";
import { afterEach, beforeEach, expect, it } from "vitest";
import { connectTo, startWorker } from "./client";
import type { StudioWorker } from "./messages";
import { collect, exportedWeights, unwrap } from "./testing/sessionCalls";
import { tinyConfig, tinyData, tinyModel } from "./testing/tinyModel";

let workers: Worker[] = [];
beforeEach(() => deleteDB("lora-studio"));
afterEach(() => {
  for (const worker of workers) worker.terminate();
  workers = [];
});

/** A tab with the model loaded; terminating its worker is what closing it does. */
async function openTab(): Promise<{ studio: StudioWorker; worker: Worker }> {
  const worker = startWorker();
  workers.push(worker);
  const studio = connectTo(worker);
  unwrap(await studio.start(() => {}));
  unwrap(await studio.loadModel(tinyModel(), () => {}));
  return { studio, worker };
}

it("resumes a run of a closed tab from its autosave, to the same bytes as if never interrupted", async () => {
  const first = await openTab();
  unwrap(await first.studio.loadData(tinyData(), { sequenceLength: 24, seed: 3 }));
  const whole = collect();
  const { id: wholeId } = unwrap(await first.studio.train(tinyConfig, whole.onUpdates));
  await whole.ended;
  const expected = await exportedWeights(first.studio);
  const expectedHistory = await first.studio.runHistory(wholeId);

  const { onUpdates, next } = collect();
  const beyond = next((update) => update.type === "step" && update.step >= 12);
  const second = await openTab();
  const { id } = unwrap(await first.studio.train(tinyConfig, onUpdates));
  await beyond;
  await first.studio.pause(); // so that it cannot end before the other tab has been refused
  expect((await second.studio.listRuns())[0]).toMatchObject({ id, status: "running" });
  expect(await second.studio.resumeRun(id, () => {})).toMatchObject({
    ok: false,
    problem: { message: expect.stringContaining("another tab") },
  });
  await first.studio.resume();
  first.worker.terminate();

  await expect
    .poll(async () => (await second.studio.listRuns())[0], { timeout: 10_000 })
    .toMatchObject({ id, name: "cats.jsonl · rank 4 (2)", status: "interrupted", hasCheckpoint: true });
  const resumed = collect();
  unwrap(await second.studio.resumeRun(id, resumed.onUpdates));
  expect(await resumed.ended).toMatchObject({ type: "end", outcome: "done", step: 24 });
  const firstStep = resumed.updates.find(({ type }) => type === "step") as { step: number };
  expect(firstStep.step).toBeGreaterThan(5);
  expect(await exportedWeights(second.studio)).toEqual(expected);

  const withoutTimes = (history: typeof expectedHistory) => ({
    ...history,
    steps: history.steps.map(({ stepMs: _, ...step }) => step),
  });
  const history = await second.studio.runHistory(id);
  expect(withoutTimes(history)).toEqual(withoutTimes(expectedHistory));
});

it("refuses to resume with another model, and says which one to load", async () => {
  const { studio } = await openTab();
  unwrap(await studio.loadData(tinyData(), { sequenceLength: 24, seed: 3 }));
  const { onUpdates, next, ended } = collect();
  const saved = next(({ type }) => type === "saved");
  const { id } = unwrap(await studio.train(tinyConfig, onUpdates));
  await saved;
  await studio.stop();
  await ended;
  unwrap(await studio.loadModel(tinyModel(2), () => {}));
  expect(await studio.resumeRun(id, () => {})).toMatchObject({
    ok: false,
    problem: { field: "model", message: expect.stringContaining("Load the model tiny-1") },
  });
});
