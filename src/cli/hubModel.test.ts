// --model as a Hub id: against a real server, into a real folder.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Gpu } from "../gpu/device";
import { HubServer } from "../hub/testing/hubServer";
import { gateToken, testRepositories } from "../hub/testing/repositories";
import { readModel } from "./files";
import { type Environment, locateModel, locateNamed, modelName, parseHubId } from "./hubModel";

let server: HubServer;
let cache: string;
let printed: string;
beforeAll(async () => {
  server = await HubServer.start(testRepositories(process.cwd()));
});
afterAll(() => server.close());
beforeEach(() => {
  server.faults = {};
  server.requests = [];
  cache = mkdtempSync(join(tmpdir(), "hub-model-"));
  printed = "";
  return () => rmSync(cache, { recursive: true });
});

const locate = (text: string, more: Environment = {}) =>
  locateModel(
    text,
    { XDG_CACHE_HOME: cache, HF_ENDPOINT: server.url, ...more },
    {
      write: (piece) => {
        printed += piece;
      },
    },
  );

const gpu = { maxBindingBytes: 2 ** 27 } as Gpu; // none is used
const embedded = "public/models/fable-1m";
const hasSameWeights = (folder: string) =>
  readFileSync(join(folder, "model.safetensors")).equals(readFileSync(join(embedded, "model.safetensors")));

test("tells ids from paths", () => {
  expect(parseHubId("Qwen/Qwen2.5-0.5B")).toEqual({ id: "Qwen/Qwen2.5-0.5B", revision: "main" });
  expect(parseHubId("openai-community/gpt2@607a30d")).toEqual({
    id: "openai-community/gpt2",
    revision: "607a30d",
  });
  for (const path of ["./a/b", "../a/b", "/a/b", "a", "a/b/c", "a/b.bin/", "~/a", "a/b@"])
    expect(parseHubId(path), path).toBeUndefined();
  expect(modelName("openai-community/gpt2@607a30d")).toBe("openai-community/gpt2");
  expect(modelName(embedded)).toBe(embedded);
});

test("a path that is there wins, and asks nobody", async () => {
  expect(await locate("public/models")).toBe("public/models");
  expect(server.requests).toEqual([]);
});

test("downloads once, byte for byte, and says how far it is", async () => {
  server.faults = { cuts: 2, cutAfterBytes: 300_000 };
  const folder = await locate("local/fable-1m");
  expect(hasSameWeights(folder)).toBe(true);
  expect(printed).toMatch(/local\/fable-1m · \d+\.\d of 2\.\d MiB · \d+\.\d MiB\/s/);
  server.requests = [];
  expect(await locate("local/fable-1m")).toBe(folder);
  expect(server.requests.filter(({ path }) => path.includes("/cdn/"))).toEqual([]);
});

test("downloads an ONNX export where there are no safetensors, and reads it", async () => {
  const folder = await locate("local/fable-1m-exported");
  const { folder: exported } = await readModel(folder, "model", gpu);
  const { folder: plain } = await readModel(embedded, "model", gpu);
  expect([...exported.tensors.keys()]).toEqual([...plain.tensors.keys()]);
  for (const [name, tensor] of plain.tensors)
    expect(Buffer.compare(await exported.tensors.get(name)!.read(), await tensor.read()), name).toBe(0);
});

test("goes on where a line that stayed cut left off", async () => {
  server.faults = { cuts: 1000, cutAfterBytes: 0 };
  await expect(locate("local/large")).rejects.toThrow(
    /There is no folder local\/large; as a Hub id: .*was cut/,
  );
  server.faults = {};
  expect(hasSameWeights(await locate("local/fable-1m"))).toBe(true);
});

test("uses the copy when the Hub cannot be reached", async () => {
  const folder = await locate("local/fable-1m");
  const gone = { HF_ENDPOINT: "http://127.0.0.1:9" };
  expect(await locate("local/fable-1m", gone)).toBe(folder);
  expect(printed).toMatch(/cannot be reached, using the copy of [0-9a-f]{7}/);
});

test("a run goes on at the commit that it was begun with", async () => {
  const environment = { XDG_CACHE_HOME: cache, HF_ENDPOINT: server.url };
  const named = { model: "local/fable-1m", data: "train.jsonl" };
  const { source, path } = await locateNamed(named, environment, { write: () => {} });
  expect(source).toEqual({ ...named, model_commit: expect.stringMatching(/^[0-9a-f]{40}$/) });
  expect(basename(path)).toContain(source.model_commit);

  server.requests = [];
  expect(await locateNamed(source, environment)).toEqual({ source, path });
  expect(server.requests).toEqual([]); // a commit that is there never changes
  rmSync(path, { recursive: true });
  expect((await locateNamed(source, environment, { write: () => {} })).path).toBe(path);
  const asked = server.requests.filter((request) => /revision|tree|resolve/.test(request.path));
  expect(asked.length).toBeGreaterThan(3);
  for (const request of asked) expect(request.path).toContain(source.model_commit);
  // What its branch has come to is no stand-in for a commit that is gone.
  const gone = { ...named, model_commit: "0".repeat(40) };
  await expect(locateNamed(gone, environment)).rejects.toThrow(/no such revision/);
  const folder = { model: embedded, model_commit: null };
  expect(await locateNamed(folder, environment)).toEqual({ source: folder, path: embedded });
});

test("a token from the environment opens what is gated", async () => {
  await expect(locate("local/fable-1m-gated")).rejects.toThrow("Accept the terms");
  expect(existsSync(await locate("local/fable-1m-gated", { HF_TOKEN: gateToken }))).toBe(true);
});

test.each([
  ["local/none", /There is no folder local\/none; as a Hub id: .*got 401/],
  ["local/fable-1m@v9", /no such revision/],
  ["local/other-family", /mamba/],
])("says what is wrong with %s", async (text, message) => {
  await expect(locate(text)).rejects.toThrow(message);
});
