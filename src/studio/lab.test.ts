// The rank lab as the page uses it, on a real device and a real IndexedDB, with a tiny random model.
import { unzipSync } from "fflate";
import { deleteDB } from "idb";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cellsOf } from "../lab/experiment";
import type { ExperimentInput, LabAnswer, LabFile } from "./labMessages";
import { LabShelf } from "./labShelf";
import { RunShelf } from "./runShelf";
import type { StudioSession } from "./session";
import { collectLab as collect, labIds as ids, labInput as input, numbers } from "./testing/labCalls";
import { bytesOf, exportedZip, openSession, problemOf, unwrap } from "./testing/sessionCalls";
import { tinyConfig } from "./testing/tinyModel";

let database = "";
let shelf: RunShelf;
let lab: LabShelf;
let session: StudioSession;
beforeEach(async () => {
  database = `lab-test-${crypto.randomUUID()}`;
  shelf = new RunShelf(`${database}-runs`, navigator.locks);
  lab = new LabShelf(database, navigator.locks);
  session = await openSession(shelf, navigator.gpu, () => {}, lab);
});
afterEach(async () => {
  await Promise.all([shelf.close(), lab.close()]);
  await Promise.all([deleteDB(`${database}-runs`), deleteDB(database)]);
});

async function runToEnd(experiment: ExperimentInput) {
  const { updates, onUpdates, ended } = collect();
  const started = unwrap(await session.lab.run(experiment, onUpdates));
  return { id: started.record.id, end: await ended, updates };
}

const text = ({ file }: LabFile) => file.text();
const fileOf = ({ file, fileName }: LabFile) => new File([file], fileName);
it("races, is kept, answers, gives its cells away, is exported and opened again", async () => {
  const estimate = await session.lab.estimate(input);
  expect(estimate).toMatchObject({ problems: [], totalSteps: 24 });
  expect(estimate.cells.map(({ id }) => id)).toEqual(ids);
  expect(estimate.races).toMatchObject([{ cellIds: ids }]);

  const { id, end, updates } = await runToEnd(input);
  expect(end).toEqual({ type: "end", status: "done" });
  expect(updates.filter(({ type }) => type === "steps")).toHaveLength(6);
  const { record, results, series, base } = unwrap(await session.lab.snapshot(id));
  expect(record).toMatchObject({ status: "done", keptCells: ids, name: "Small ranks" });
  expect(results.map((result) => [result.id, result.outcome, result.task?.count])).toEqual(
    ids.map((cell) => [cell, "done", 1]),
  );
  expect(base?.task?.count).toBe(1);
  expect(results.map(({ memoryBytes }) => memoryBytes)).toEqual(
    ids.map(() => estimate.races[0]!.memoryBytes),
  );
  expect([...series.r4_q_s1!.step]).toEqual([1, 2, 3, 4, 5, 6]);
  // What is kept is what was shown.
  expect(await lab.snapshot(id)).toEqual({ record, results, series, base });

  const said: LabAnswer[] = [];
  unwrap(await session.lab.answer(id, "the b", 4, (answer) => said.push(answer)));
  expect(said.filter(({ stopped }) => stopped !== null).map(({ cellId }) => cellId)).toEqual([null, ...ids]);
  for (const each of [null, ...ids]) {
    // Announced before its first word, and never longer than what it becomes.
    const own = said.filter(({ cellId }) => cellId === each);
    expect(own[0]).toEqual({ cellId: each, text: "", stopped: null });
    for (const { text: part } of own) expect(own.at(-1)!.text.startsWith(part)).toBe(true);
  }

  expect(unwrap(await session.lab.use(id, "r4_q_s1"))).toMatchObject({ rank: 4, origin: "run" });
  const own = unzipSync((await exportedZip(session)).bytes);
  const all = unzipSync(await bytesOf(unwrap(await session.lab.exportExperiment(id, "adapters")).file));
  expect(Object.keys(all).filter((name) => name.endsWith("/adapter_config.json"))).toHaveLength(4);
  expect(all["r4_q_s1/adapter_model.safetensors"]).toEqual(own["adapter_model.safetensors"]);
  expect(JSON.parse(new TextDecoder().decode(own["run.json"])).run.steps).toHaveLength(6);

  const csv = await text(unwrap(await session.lab.exportExperiment(id, "csv")));
  expect(csv.split("\r\n")).toHaveLength(6);
  expect(await text(unwrap(await session.lab.exportExperiment(id, "markdown")))).toContain("| q | ");
  const json = unwrap(await session.lab.exportExperiment(id, "json"));
  const opened = unwrap(await session.lab.open(fileOf(json)));
  expect(opened).toMatchObject({ results, base, record: { status: "opened", keptCells: [] } });
  expect(opened.record.reason).toBeUndefined(); // model and data are those it was made with
  expect(opened.series).toEqual(series);
  const again = await runToEnd(opened.record.experiment);
  const repeated = unwrap(await session.lab.snapshot(again.id));
  expect(numbers(repeated.results)).toEqual(numbers(results));

  expect((await session.lab.list()).map(({ status }) => status)).toEqual(["done", "done", "opened"]);
  unwrap(await session.lab.delete(id));
  expect(problemOf(await session.lab.snapshot(id)).message).toContain("deleted");
});

it("goes on where a closed tab left it, to the same numbers", async () => {
  const sequential: ExperimentInput = { ...input, mode: "sequential", metricExamples: 0 };
  const whole = await runToEnd(sequential);
  const expected = unwrap(await session.lab.snapshot(whole.id)).results;
  const { updates, onUpdates } = collect();
  const { record } = unwrap(await session.lab.run(sequential, onUpdates));
  const isFar = () =>
    updates.some((update) => update.type === "steps" && update.ids[0] === ids[1] && update.step > 3);
  await expect.poll(isFar, { timeout: 200_000, interval: 5 }).toBe(true);
  await session.lab.pause();
  // A tab that is closed lets go of its lock and of nothing else: what it had kept is all there is.
  const kept = await lab.state(record.id);
  const copy = new LabShelf(`${database}-copy`, navigator.locks);
  const stored = { ...(await lab.get(record.id)), id: "copy" };
  const started = { ...stored, record: { ...stored.record, id: "copy" } };
  const done = await lab.trained(record.id, ids[0]!);
  await copy.save(started, { ...kept, trained: new Map([[ids[0]!, done!]]) });
  await session.lab.stop();

  const next = await openSession(shelf, navigator.gpu, () => {}, copy);
  expect((await next.lab.list())[0]).toMatchObject({ id: "copy", status: "interrupted" });
  const rest = collect();
  unwrap(await next.lab.resumeExperiment("copy", rest.onUpdates));
  expect(await rest.ended).toMatchObject({ status: "done" });
  const { results, record: resumed } = unwrap(await next.lab.snapshot("copy"));
  expect(numbers(results)).toEqual(numbers(expected));
  expect(resumed.keptCells).toEqual(ids);
  expect(problemOf(await next.lab.resumeExperiment("copy", () => {})).message).toContain("all 4 ended");
  await copy.close();
  await deleteDB(`${database}-copy`);
});

it("names the field that is wrong, splits what does not fit, and lets one thing go on at a time", async () => {
  const problemsOf = async (change: ExperimentInput) =>
    (await session.lab.estimate({ ...input, ...change })).problems;
  expect(await problemsOf({ grid: { ranks: [] } })).toEqual([
    { field: "ranks", message: "ranks: expected at least one, got none" },
  ]);
  expect(await problemsOf({ grid: { ranks: [64] } })).toMatchObject([{ field: "ranks" }]);
  expect(await problemsOf({ grid: { targetSets: [{ modules: ["c_attn"] }] } })).toMatchObject([
    { field: "targetSets" },
  ]);
  expect(await problemsOf({ grid: { seeds: [Number.NaN] } })).toMatchObject([{ field: "seeds" }]);
  expect(await problemsOf({ run: { steps: 0 } })).toMatchObject([{ field: "steps" }]);

  const { races } = await session.lab.estimate(input);
  const one = await session.lab.estimate({ ...input, mode: "sequential" });
  expect(one.races.map(({ cellIds }) => cellIds.length)).toEqual([1, 1, 1, 1]);
  const between = (races[0]!.memoryBytes + one.races[0]!.memoryBytes) / 2 / 2 ** 20;
  const split = await session.lab.estimate({ ...input, memoryBudgetMb: between });
  expect(split.races.length).toBeGreaterThan(1);
  expect(split.races.flatMap(({ cellIds }) => cellIds)).toEqual(ids);
  for (const { memoryBytes } of split.races) expect(memoryBytes).toBeLessThanOrEqual(between * 2 ** 20);
  expect(split.note).toMatch(/memory budget of \d+ MB/);

  const { onUpdates, ended } = collect();
  const { record } = unwrap(await session.lab.run(input, onUpdates));
  expect(problemOf(await session.train(tinyConfig, () => {})).message).toContain("experiment: expected none");
  expect(problemOf(await session.lab.run(input, () => {})).message).toContain("experiment: expected none");
  expect(problemOf(await session.lab.delete(record.id)).message).toContain("Stop it first");
  await session.lab.stop();
  expect(await ended).toMatchObject({ status: "stopped" });
  const { results } = unwrap(await session.lab.snapshot(record.id));
  expect(results.every(({ outcome, step }) => outcome === "stopped" && step < 6)).toBe(true);
  expect(cellsOf(record.experiment)).toHaveLength(4);
});
