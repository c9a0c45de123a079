// Downloads from a real server over a real line into the browser's real file system, with everything that goes wrong.
import { proxy, type Remote, wrap } from "comlink";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import type { DownloadCalls } from "./testing/downloadWorker";
import type { Faults, ServedRequest } from "./testing/hubServer";
import type { Progress } from "./transferRate";

const endpoint = inject("hubEndpoint");
let directory: string;
let worker: Worker;
let calls: Remote<DownloadCalls>;

function startWorker(): void {
  worker = new Worker(new URL("./testing/downloadWorker.ts", import.meta.url), { type: "module" });
  calls = wrap<DownloadCalls>(worker);
}

async function setFaults(faults: Faults): Promise<void> {
  await fetch(`${endpoint}/_control`, { method: "POST", body: JSON.stringify(faults) });
}

async function servedRequests(): Promise<ServedRequest[]> {
  return (await fetch(`${endpoint}/_control`)).json();
}

beforeEach(async () => {
  directory = `test-${crypto.randomUUID()}`;
  await setFaults({});
  startWorker();
});
afterEach(async () => {
  worker.terminate();
  await (await navigator.storage.getDirectory()).removeEntry(directory, { recursive: true }).catch(() => {});
});

async function download(id: string, token?: string, revision = "main") {
  const reports: Progress[] = [];
  const onProgress = proxy((progress: Progress) => void reports.push(progress));
  const result = await calls.download(directory, { endpoint, accessToken: token }, id, revision, onProgress);
  return { result, reports };
}

const folderOf = (result: object): string => {
  expect(result).toHaveProperty("folder");
  return (result as { folder: string }).folder;
};

/** Digests of the bytes that the server has, taken on another way than the product's. */
async function servedDigest(path: string): Promise<string> {
  const bytes = await (await fetch(`${endpoint}${path}`)).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

test("fetches only the files that a model needs, byte for byte", async () => {
  const { result, reports } = await download("local/fable-1m");
  const digests = await calls.digests(directory, folderOf(result));
  expect(Object.keys(digests).sort()).toEqual([
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
  ]);
  for (const [name, digest] of Object.entries(digests))
    expect(digest, name).toBe(await servedDigest(`/local/fable-1m/resolve/main/${name}`));
  const last = reports.at(-1)!;
  expect(last.phase).toBe("checking");
  expect(reports.findLast(({ phase }) => phase === "downloading")!.doneBytes).toBeGreaterThan(2_363_000);
  const [kept] = await calls.list(directory);
  expect(kept).toMatchObject({ id: "local/fable-1m", revision: "main", isComplete: true });
  expect(kept!.doneBytes).toBe(kept!.totalBytes);
});

test("fetches all shards that the index names", async () => {
  const { result } = await download("local/fable-1m-shards");
  const digests = await calls.digests(directory, folderOf(result));
  expect(Object.keys(digests)).toContain("model-00002-of-00002.safetensors");
});

test("fetches the best export, and the file its weights are in, where there are no safetensors", async () => {
  const { result } = await download("local/fable-1m-exported");
  const digests = await calls.digests(directory, folderOf(result));
  const weights = Object.keys(digests).filter((name) => name.includes("onnx"));
  expect(weights).toEqual(["model.onnx", "model.onnx_data"]);
  for (const name of weights)
    expect(digests[name]).toBe(await servedDigest(`/local/fable-1m-exported/resolve/main/onnx/${name}`));
});

test("fetches a large file in parallel ranges, at the right places", async () => {
  const { result } = await download("local/large");
  const digests = await calls.digests(directory, folderOf(result));
  expect(digests["model.safetensors"]).toBe(
    await servedDigest("/local/large/resolve/main/model.safetensors"),
  );
  const ranges = (await servedRequests()).filter(({ path }) => path.startsWith("/cdn/"));
  expect(ranges.filter(({ status }) => status === 206).length).toBeGreaterThanOrEqual(3);
});

test("goes on where a connection was cut", async () => {
  await setFaults({ cuts: 3, cutAfterBytes: 1_000_000 });
  const { result } = await download("local/large");
  const digests = await calls.digests(directory, folderOf(result));
  expect(digests["model.safetensors"]).toBe(
    await servedDigest("/local/large/resolve/main/model.safetensors"),
  );
});

test("waits as long as a busy server asks", async () => {
  await setFaults({ busy: 2, retryAfter: 1 });
  const before = performance.now();
  const { result } = await download("local/fable-1m");
  folderOf(result);
  expect(performance.now() - before).toBeGreaterThan(1900);
});

test("continues after a cancel without fetching anything twice", async () => {
  await setFaults({ bytesPerSecond: 4_000_000 });
  const reports: Progress[] = [];
  const onProgress = proxy((progress: Progress) => {
    reports.push(progress);
    if (progress.doneBytes > 6_000_000) void calls.cancel();
  });
  const cancelled = await calls.download(directory, { endpoint }, "local/large", "main", onProgress);
  expect(cancelled).toMatchObject({
    kind: "cancelled",
    message: expect.stringContaining("can be continued"),
  });
  const [kept] = await calls.list(directory);
  expect(kept!.isComplete).toBe(false);
  expect(kept!.doneBytes).toBeGreaterThan(5_000_000);
  await setFaults({});
  const { result, reports: further } = await download("local/large", undefined, kept!.commit);
  await calls.digests(directory, folderOf(result));
  const start = further.find(({ totalBytes }) => totalBytes === kept!.totalBytes)!;
  expect(start).toMatchObject({ phase: "downloading", doneBytes: kept!.doneBytes });
  expect(await fetchedBytes()).toBe(kept!.totalBytes - kept!.doneBytes);
});

test("continues after the page was closed in the middle", async () => {
  await setFaults({ bytesPerSecond: 2_000_000 });
  const enough = new Promise<void>((resolve) => {
    const onProgress = proxy(({ doneBytes }: Progress) => doneBytes > 14_000_000 && resolve());
    void calls.download(directory, { endpoint }, "local/large", "main", onProgress);
  });
  await enough;
  worker.terminate();
  startWorker();
  const [kept] = await calls.list(directory);
  expect(kept).toMatchObject({ id: "local/large", isComplete: false });
  expect(kept!.doneBytes).toBeGreaterThan(1_000_000);
  await setFaults({});
  const { result } = await download("local/large");
  const digests = await calls.digests(directory, folderOf(result));
  expect(digests["model.safetensors"]).toBe(
    await servedDigest("/local/large/resolve/main/model.safetensors"),
  );
});

/** Bytes of weights that the server was asked for since the faults were set. */
async function fetchedBytes(): Promise<number> {
  const ranges = (await servedRequests()).filter(({ path }) => path.startsWith("/cdn/"));
  return ranges.reduce((sum, { range }) => {
    const [, begin, end] = /bytes=(\d+)-(\d+)/.exec(range!)!;
    return sum + Number(end) - Number(begin) + 1;
  }, 0);
}

test("throws damaged bytes away and fetches them anew", async () => {
  await setFaults({ damaged: "model.safetensors" });
  const { result } = await download("local/fable-1m");
  expect(result).toMatchObject({
    kind: "damaged",
    message: expect.stringMatching(/sha256 [0-9a-f]{64}, got/),
  });
  expect((await calls.list(directory))[0]!.isComplete).toBe(false);
  await setFaults({});
  folderOf((await download("local/fable-1m")).result);
});

test("holds small files against git's digest", async () => {
  await setFaults({ damaged: "tokenizer_config.json" });
  const { result } = await download("local/fable-1m");
  expect(result).toMatchObject({ kind: "damaged", message: expect.stringContaining("git sha1") });
});

test.each([
  ["local/none", undefined, "denied", /Check the name; a private or gated repository needs an access token/],
  ["local/none", "hf_any", "notFound", /owner\/name/],
  ["local/fable-1m-gated", undefined, "denied", /Accept the terms .* give an access token/],
  ["local/fable-1m-gated", "hf_wrong", "denied", /token has no access/],
  ["local/no-safetensors", undefined, "unsuitable", /got pytorch_model\.bin/],
  ["local/no-tokenizer", undefined, "unsuitable", /tokenizer\.json/],
  ["local/other-family", undefined, "unsuitable", /mamba/],
])("%s with token %s is refused before any weights are fetched", async (id, token, kind, message) => {
  const { result } = await download(id, token);
  expect(result).toMatchObject({ kind, message: expect.stringMatching(message) });
  expect((await servedRequests()).filter(({ path }) => /\.(safetensors|bin)$/.test(path))).toEqual([]);
  expect(await calls.list(directory)).toEqual([]);
});

test("a token opens what is gated, and no one else's", async () => {
  folderOf((await download("local/fable-1m-gated", "hf_open")).result);
});

test("names a revision that is not there", async () => {
  const { result } = await download("local/fable-1m", undefined, "v9");
  expect(result).toMatchObject({ kind: "noRevision", message: expect.stringContaining("no such revision") });
});

test("a server that stays busy is reported", async () => {
  await setFaults({ busy: 1000 });
  const { result } = await download("local/fable-1m");
  expect(result).toMatchObject({ kind: "tooManyRequests", message: expect.stringContaining("429") });
});

test("a server that is not there is reported", async () => {
  const gone = { endpoint: "http://127.0.0.1:9" };
  const result = await calls.download(
    directory,
    gone,
    "local/fable-1m",
    "main",
    proxy(() => {}),
  );
  expect(result).toMatchObject({ kind: "offline", message: expect.stringContaining("Check the connection") });
});

test("a server without ranges is refused where it would give wrong bytes", async () => {
  await setFaults({ ignoresRanges: true });
  const { result } = await download("local/large");
  expect(result).toMatchObject({ kind: "server", message: expect.stringContaining("206") });
});

test("a model that is removed is gone", async () => {
  const folder = folderOf((await download("local/fable-1m")).result);
  await calls.remove(directory, folder);
  expect(await calls.list(directory)).toEqual([]);
});
