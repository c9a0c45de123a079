// A GPU that is lost in the middle of an experiment takes nothing with it: the experiment goes on by itself when the
// GPU comes back, and after a reload when it does not, to the same numbers.
import { deleteDB } from "idb";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { CellResult, LabUpdate } from "./labMessages";
import { LabShelf } from "./labShelf";
import { RunShelf } from "./runShelf";
import { collectLab, labInput, numbers } from "./testing/labCalls";
import { recordingGpu } from "./testing/recordingGpu";
import { openSession, unwrap } from "./testing/sessionCalls";

const input = { ...labInput, grid: { ...labInput.grid, seeds: [0] } };
const ids = ["r1_q_s0", "r4_q_s0"];

let database = "";
let shelf: RunShelf;
let lab: LabShelf;
beforeEach(() => {
  database = `lab-interruptions-test-${crypto.randomUUID()}`;
  shelf = new RunShelf(`${database}-runs`, navigator.locks);
  lab = new LabShelf(database, navigator.locks);
});
afterEach(async () => {
  await Promise.all([shelf.close(), lab.close()]);
  await Promise.all([deleteDB(`${database}-runs`), deleteDB(database)]);
});

/** Results of the experiment when nothing happens to it; run once for all tests. */
let undisturbed: Promise<readonly CellResult[]> | undefined;
function expectedResults() {
  undisturbed ??= (async () => {
    const session = await openSession(shelf, navigator.gpu, () => {}, lab);
    const { onUpdates, ended } = collectLab();
    const { record } = unwrap(await session.lab.run(input, onUpdates));
    await ended;
    return unwrap(await session.lab.snapshot(record.id)).results;
  })();
  return undisturbed;
}

/** Runs the experiment on devices that are destroyed at the first update that `isMoment` accepts. */
async function runAndLose(isMoment: (update: LabUpdate) => boolean, most?: number) {
  const { gpu, devices } = recordingGpu({ ...(most !== undefined && { most }) });
  const session = await openSession(shelf, gpu, () => {}, lab);
  const { updates, onUpdates, ended } = collectLab();
  let isLost = false;
  const follow = (batch: readonly LabUpdate[]) => {
    onUpdates(batch);
    if (isLost || !batch.some(isMoment)) return;
    isLost = true;
    devices.at(-1)!.destroy();
  };
  const { record } = unwrap(await session.lab.run(input, follow));
  const end = await ended;
  return { session, id: record.id, end, updates, devices };
}

const isMidRace = (update: LabUpdate) => update.type === "steps" && update.step >= 3;
const isScoring = (update: LabUpdate) => update.type === "cell" && update.status === "scoring";

it.each([
  ["in the middle of a race", isMidRace],
  ["while a cell is scored", isScoring],
])("goes on by itself when the GPU is lost %s, to the same numbers", async (_, isMoment) => {
  const expected = await expectedResults();
  const { session, id, end, updates, devices } = await runAndLose(isMoment);
  expect(end).toEqual({ type: "end", status: "done" });
  expect(devices).toHaveLength(2);
  expect(updates.filter(({ type }) => type === "warning")).toMatchObject([
    { message: expect.stringMatching(/^The GPU was lost \(.*went on from its last autosave/) },
  ]);
  const { record, results, series } = unwrap(await session.lab.snapshot(id));
  expect(numbers(results)).toEqual(numbers(expected));
  expect(record).toMatchObject({ status: "done", keptCells: ids });
  for (const cell of ids) expect([...series[cell]!.step]).toEqual([1, 2, 3, 4, 5, 6]);
});

it("is left interrupted when the GPU does not come back, and goes on after a reload", async () => {
  const { session, id, end } = await runAndLose(isMidRace, 1);
  expect(end).toMatchObject({ status: "interrupted", reason: expect.stringContaining("Reload the page") });
  expect(unwrap(await session.lab.snapshot(id)).record.status).toBe("interrupted");

  const again = await openSession(shelf, navigator.gpu, () => {}, lab);
  expect(await again.lab.list()).toMatchObject([{ id, status: "interrupted" }]);
  const { onUpdates, ended } = collectLab();
  unwrap(await again.lab.resumeExperiment(id, onUpdates));
  expect(await ended).toMatchObject({ status: "done" });
  const { record, results, series } = unwrap(await again.lab.snapshot(id));
  expect(numbers(results)).toEqual(numbers(await expectedResults()));
  expect(record.keptCells).toEqual(ids);
  expect(record.reason).toBeUndefined();
  for (const cell of ids) expect([...series[cell]!.step]).toEqual([1, 2, 3, 4, 5, 6]);
});
