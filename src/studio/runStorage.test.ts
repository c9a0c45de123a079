// Kept runs in a real IndexedDB, also one that is full.
import { deleteDB } from "idb";
import { afterEach, beforeEach, expect, it } from "vitest";
import { trainConfigSchema } from "../train/config";
import { autosaveWarning } from "./autosave";
import { RunStorage, type StoredRun } from "./runStorage";
import { emptyHistory } from "./stores/history";
import { withQuota } from "./testing/quota";

const database = "run-storage-test";
let storage: RunStorage;
beforeEach(async () => {
  await deleteDB(database);
  storage = await RunStorage.open(database);
});
afterEach(async () => {
  storage.close();
  await deleteDB(database);
});

const storedRun = (id: string, createdAt: number, dataKey = "data"): StoredRun => ({
  id,
  dataKey,
  model: { kind: "files", name: "tiny", fingerprint: "f" },
  record: {
    id,
    name: id,
    createdAt,
    status: "running",
    modelName: "tiny",
    dataName: "cats",
    config: trainConfigSchema.parse({}),
    trainableParameters: 10,
    step: 0,
    lastLoss: null,
    lastValidationLoss: null,
    hasCheckpoint: false,
  },
});
const data = { name: "cats", fileName: "cats.txt", train: Uint8Array.of(1, 2, 3) };

it("lists the newest first and keeps what a later save leaves out", async () => {
  const history = { ...emptyHistory, evaluations: [{ type: "evaluation" as const, step: 0, loss: 2 }] };
  await storage.save(storedRun("a", 1), { history, checkpoint: Uint8Array.of(7) }, data);
  await storage.save(storedRun("b", 2));
  const renamed = { ...storedRun("a", 1), record: { ...storedRun("a", 1).record, name: "c" } };
  await storage.save(renamed);
  expect((await storage.list()).map(({ record }) => record.name)).toEqual(["b", "c"]);
  expect(await storage.history("a")).toEqual(history);
  expect(await storage.checkpoint("a")).toEqual(Uint8Array.of(7));
  expect(await storage.history("b")).toEqual(emptyHistory);
  expect(await storage.checkpoint("b")).toBeUndefined();
});

it("deletes a run with its data, unless another run has the same", async () => {
  await storage.save(storedRun("a", 1), { checkpoint: Uint8Array.of(7) }, data);
  await storage.save(storedRun("b", 2), {}, data);
  await storage.delete("a");
  expect(await storage.get("a")).toBeUndefined();
  expect(await storage.checkpoint("a")).toBeUndefined();
  expect(await storage.data("data")).toEqual(data);
  await storage.delete("b");
  expect(await storage.data("data")).toBeUndefined();
});

it("refuses when full, and keeps what was there", async () => {
  const later = { ...storedRun("a", 1), record: { ...storedRun("a", 1).record, step: 50 } };
  const checkpoint = new Uint8Array(4_000_000); // not compressible, or the database would make it small
  for (let i = 0; i < checkpoint.length; i += 50_000)
    crypto.getRandomValues(checkpoint.subarray(i, i + 50_000));
  await withQuota(2_000_000, async () => {
    const small = await RunStorage.open(database);
    await small.save(storedRun("a", 1), { checkpoint: Uint8Array.of(7) }, data);
    const failure = await small.save(later, { checkpoint }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ name: "QuotaExceededError" });
    expect(autosaveWarning(failure)).toMatch(/^Autosave failed: the browser's storage is full\./);
    expect((await small.get("a"))?.record.step).toBe(0);
    expect(await small.checkpoint("a")).toEqual(Uint8Array.of(7));
    small.close();
  });
});
