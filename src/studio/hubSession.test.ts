// The Hub as the page sees it, in the real worker, against a real server; what it keeps, taken into use by the engine.
import { deleteDB } from "idb";
import { afterAll, beforeAll, beforeEach, expect, inject, it } from "vitest";
import { startHub } from "./client";
import type { DownloadProgress, HubWorker, KeptModel } from "./hubMessages";
import { keptModels } from "./keptModels";
import { RunShelf } from "./runShelf";
import { StudioSession } from "./session";
import { emptyLab, problemOf, unwrap } from "./testing/sessionCalls";

const endpoint = inject("hubSessionEndpoint");
const access = { endpoint, accessToken: "" };
const database = "hub-session-test";
const setFaults = (faults: object) =>
  fetch(`${endpoint}/_control`, { method: "POST", body: JSON.stringify(faults) });

let hub: HubWorker;
let shelf: RunShelf;
beforeAll(() => {
  hub = startHub();
  shelf = new RunShelf(database, navigator.locks);
});
beforeEach(async () => {
  await setFaults({});
});
afterAll(async () => {
  for (const { folder } of unwrap(await hub.listKept())) unwrap(await hub.removeKept(folder));
  await shelf.close();
  await deleteDB(database);
});

const download = async (id: string, revision = "main", token = "") =>
  hub.download({ endpoint, accessToken: token }, id, revision, () => {});

it("searches", async () => {
  const found = unwrap(await hub.search(access, " shards "));
  expect(found.map(({ id }) => id)).toEqual(["local/fable-1m-shards"]);
});

it("downloads over a line that is cut, and the engine reads what is kept, as if from files", async () => {
  await setFaults({ cuts: 2, cutAfterBytes: 500_000 });
  const reports: DownloadProgress[] = [];
  const kept = unwrap(
    await hub.download(access, "local/fable-1m-shards", "main", (progress) => void reports.push(progress)),
  ) as KeptModel;
  expect(kept).toMatchObject({ id: "local/fable-1m-shards", isComplete: true });
  expect(reports.at(-1)!.phase).toBe("checking");

  const session = new StudioSession(undefined, shelf, emptyLab());
  const source = { kind: "kept", name: kept.id, folder: kept.folder } as const;
  const info = unwrap(await session.loadModel(source, () => {}));
  expect(info).toMatchObject({ name: "local/fable-1m-shards", dtype: "F16", hiddenSize: 128 });
});

it("takes an ONNX export of the Hub into use", async () => {
  const kept = unwrap(await download("local/fable-1m-exported")) as KeptModel;
  const session = new StudioSession(undefined, shelf, emptyLab());
  const source = { kind: "kept", name: kept.id, folder: kept.folder } as const;
  const info = unwrap(await session.loadModel(source, () => {}));
  expect(info).toMatchObject({ dtype: "F16", hiddenSize: 128, codeBits: null });
});

it("ends a download that is cancelled with nothing wrong, and continues it", async () => {
  await setFaults({ bytesPerSecond: 3_000_000 });
  const cancelled = await hub.download(access, "local/large", "main", ({ doneBytes }) => {
    if (doneBytes > 3_000_000) void hub.cancelDownload();
  });
  expect(unwrap(cancelled)).toBeNull();
  const [kept] = unwrap(await hub.listKept());
  expect(kept).toMatchObject({ id: "local/large", isComplete: false });
  const session = new StudioSession(undefined, shelf, emptyLab());
  const source = { kind: "kept", name: "large", folder: kept!.folder } as const;
  expect(problemOf(await session.loadModel(source, () => {})).message).toBe(
    "local/large: expected a complete download, got a part",
  );
  await setFaults({});
  expect(unwrap(await download("local/large", kept!.commit))).toMatchObject({ isComplete: true });
});

it.each([
  ["a repository that is not shown", () => download("local/none"), "model", /got 401.*access token/],
  ["one that is not there", () => download("local/none", "main", "hf_x"), "model", /got 404/],
  ["a gated one", () => download("local/fable-1m-gated"), "model", /Accept the terms/],
  ["an unknown family", () => download("local/other-family"), "model", /mamba/],
  ["no id", () => download("two words"), "model", /expected a repository id/],
  ["a revision that is not there", () => download("local/fable-1m", "v9"), "revision", /no such revision/],
  [
    "an endpoint that is none",
    () => hub.search({ endpoint: "hub" }, "x"),
    "endpoint",
    /expected an address such as/,
  ],
])("puts %s beside the field at fault", async (_, call, field, message) => {
  expect(problemOf<unknown>(await call())).toEqual({ field, message: expect.stringMatching(message) });
});

it("says that a busy Hub asks to wait", async () => {
  await setFaults({ busy: 1000 });
  const problem = problemOf(await download("local/fable-1m"));
  expect(problem).toEqual({ message: expect.stringMatching(/got 429.*try again in a few minutes/) });
});

it("removes what is kept", async () => {
  const { folder } = unwrap(await download("local/fable-1m")) as KeptModel;
  expect(await keptModels().list()).toContain(folder);
  unwrap(await hub.removeKept(folder));
  expect(await keptModels().list()).not.toContain(folder);
});
