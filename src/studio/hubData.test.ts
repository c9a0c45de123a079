// A data set of the Hub as training data, from a real server with its faults.
import { deleteDB } from "idb";
import { afterAll, beforeAll, beforeEach, expect, inject, it } from "vitest";
import { RunShelf } from "./runShelf";
import { StudioSession } from "./session";
import { emptyLab, problemOf, unwrap } from "./testing/sessionCalls";
import { tinyData, tinyModel } from "./testing/tinyModel";

const endpoint = inject("hubDataEndpoint");
const options = { sequenceLength: 128, seed: 0 };
const database = "hub-data-test";
const setFaults = (faults: object) =>
  fetch(`${endpoint}/_control`, { method: "POST", body: JSON.stringify(faults) });
const dataset = (name: string, accessToken?: string) =>
  ({ kind: "hub", name, access: { endpoint, accessToken } }) as const;

let shelf: RunShelf;
let session: StudioSession;
beforeAll(async () => {
  shelf = new RunShelf(database, navigator.locks);
  session = new StudioSession(undefined, shelf, emptyLab());
  await session.start(() => {});
  unwrap(await session.loadModel(tinyModel(), () => {}));
});
beforeEach(async () => {
  await setFaults({});
});
afterAll(async () => {
  await shelf.close();
  await deleteDB(database);
});

it("loads the training split over a line that is cut, as the file itself would load", async () => {
  const bytes = await (await fetch("/datasets/restaurants/train.jsonl")).blob();
  const file = new File([bytes], "train.jsonl");
  const own = unwrap(await session.loadData({ kind: "file", name: file.name, file }, options));
  await setFaults({ cuts: 2, cutAfterBytes: 1000 });
  const info = unwrap(await session.loadData(dataset("local/restaurants"), options));
  expect(info).toEqual({ ...own, name: "local/restaurants" });
  await setFaults({ cuts: 2, cutAfterBytes: 1000 });
  const inThree = unwrap(await session.loadData(dataset("local/restaurants-shards"), options));
  expect(inThree).toEqual({ ...own, name: "local/restaurants-shards" });
});

it("asks which split is meant where it cannot tell, and takes it by its name", async () => {
  const problem = problemOf(await session.loadData(dataset("local/two-splits"), options));
  expect(problem.splits).toEqual([
    { name: "en/train", fileCount: 2 },
    { name: "de/train.jsonl", fileCount: 1 },
  ]);
  const chosen = { ...dataset("local/two-splits"), split: "en/train" };
  const info = unwrap(await session.loadData(chosen, options));
  expect(info).toEqual(unwrap(await session.loadData(dataset("local/two-splits/en"), options)));
  expect(info.name).toBe("local/two-splits");
});

it("says what is wrong, and keeps what was there", async () => {
  const before = unwrap(await session.loadData(tinyData(), options));
  const complaint = async (source: Parameters<typeof session.loadData>[0]) =>
    problemOf(await session.loadData(source, options));
  expect(await complaint(dataset("local/nothing"))).toEqual({
    field: "trainingData",
    message: expect.stringMatching(/^data set local\/nothing: .*Check the name/),
  });
  expect((await complaint(dataset("nonsense"))).message).toContain("expected owner/name");
  expect((await complaint(dataset("local/closed"))).message).toContain("give an access token");
  expect((await complaint({ ...dataset("a/b"), access: { endpoint: "ftp://x" } })).message).toMatch(
    /^endpoint: /,
  );
  expect(unwrap(await session.retokenize(options))).toEqual(before);
});
