// --data from the Hub: against a real server, with its faults.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultDataSettings } from "../data/config";
import { openDataFile } from "../data/rows";
import { parseDatasetFile } from "../hub/datasets";
import { chooseSplit } from "../hub/splits";
import { HubServer } from "../hub/testing/hubServer";
import { gateToken, testRepositories } from "../hub/testing/repositories";
import { openSource } from "./dataSource";

let server: HubServer;
beforeAll(async () => {
  server = await HubServer.start(testRepositories(process.cwd()));
});
afterAll(() => server.close());
beforeEach(() => {
  server.faults = {};
  server.requests = [];
});

const open = (data: string, eval_data: string | null = null, token?: string) =>
  openSource({ data, eval_data }, { HF_ENDPOINT: server.url, HF_TOKEN: token });
const onDisk = readFileSync("public/datasets/restaurants/train.jsonl");

describe("a data set of the Hub as --data", () => {
  it("is read in ranges, over cut connections, and named by its commit", async () => {
    const { source, data, evalData } = await open(
      "hf:local/restaurants",
      "hf:local/restaurants/data/validation.jsonl",
    );
    expect([data.name, data.sizeBytes]).toEqual(["train.jsonl", onDisk.length]);
    expect(evalData?.name).toBe("validation.jsonl");
    expect(source.data).toMatch(/^hf:local\/restaurants@[0-9a-f]{40}\/data\/train\.jsonl$/);
    server.faults = { cuts: 2, cutAfterBytes: 1000 };
    const half = onDisk.length >> 1;
    const parts = [await data.read(0, half), await data.read(half, onDisk.length + 99)];
    expect(Buffer.concat(parts).equals(onDisk)).toBe(true);
    const again = await open(source.data);
    expect(Buffer.from(await again.data.read(10, 30)).equals(onDisk.subarray(10, 30))).toBe(true);
    expect(again.source.data).toBe(source.data);
  });

  it("is all files of a split as one, each bad row named by its file, and the same again by its name", async () => {
    const { source, data } = await open("hf:local/restaurants-shards");
    expect(source.data).toMatch(/^hf:local\/restaurants-shards@[0-9a-f]{40}\/data\/train$/);
    expect((await open(source.data)).source).toEqual(source);
    server.faults = { cuts: 3, cutAfterBytes: 1000 };
    expect(Buffer.from(await data.read(0, data.sizeBytes)).toString()).toBe(
      `${onDisk.toString().trimEnd()}\n`,
    );
    const rows = [];
    for await (const chunk of (await openDataFile(data, defaultDataSettings)).rows()) rows.push(...chunk);
    const places = rows.map(({ place }) => place);
    const lines = onDisk.toString().trimEnd().split("\n").length;
    expect(places).toHaveLength(lines);
    const second = Math.ceil(lines / 3);
    expect(places[second - 1]).toBe(`train-00000-of-00003.jsonl: line ${second}`);
    expect(places[second]).toBe("train-00001-of-00003.jsonl: line 1");
    await expect(open("hf:local/two-splits")).rejects.toThrow(
      "got 2 that could be it. Name one of them behind the id: en/train (2 files), de/train.jsonl.",
    );
    expect((await open("hf:local/two-splits/en")).data.sizeBytes).toBe(data.sizeBytes);
  });

  it("says what to do about a name that is not there, a closed set and a revision of none", async () => {
    await expect(open("hf:local/nothing")).rejects.toThrow(/^data set local\/nothing: .* Check the name/);
    await expect(open("hf:local/closed")).rejects.toThrow("give an access token");
    await expect(open("hf:local/restaurants@next")).rejects.toThrow("There is no such revision");
    await expect(open("hf:local/restaurants/data/test.jsonl")).rejects.toThrow(
      "expected one of its files, splits or folders, got data/test.jsonl. Name one of them behind the id: data/train.jsonl",
    );
    await expect(open("hf:restaurants")).rejects.toThrow("expected owner/name or owner/name/file");
    const { data } = await open("hf:local/closed", null, gateToken);
    expect(data.sizeBytes).toBe(onDisk.length);
  });
});

describe("parseDatasetFile", () => {
  it.each([
    ["openai/gsm8k", { id: "openai/gsm8k", revision: "main", path: undefined }],
    ["a/b@v1.0/data/x.csv", { id: "a/b", revision: "v1.0", path: "data/x.csv" }],
    ["https://huggingface.co/datasets/a/b/", { id: "a/b", revision: "main", path: undefined }],
    [
      "https://huggingface.co/datasets/a/b/blob/main/data/x.parquet",
      { id: "a/b", revision: "main", path: "data/x.parquet" },
    ],
  ])("reads %s", (text, expected) => {
    expect(parseDatasetFile(text)).toEqual(expected);
  });
});

describe("chooseSplit", () => {
  const shards = (name: string, count: number) =>
    Array.from({ length: count }, (_, n) => `${name}-0000${n}-of-0000${count}.parquet`);

  it.each([
    [["README.md", "train.csv", "test.csv"], undefined, ["train.csv"]],
    [
      ["data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet", "train.jsonl"],
      undefined,
      ["data/train-00000-of-00001.parquet"],
    ],
    [[".gitattributes", "dataset_infos.json", "all.json", "constraints.md"], undefined, ["all.json"]],
    [["training/part.txt", "valid/part.txt"], undefined, ["training/part.txt"]],
    [[...shards("data/train", 3).reverse(), ...shards("data/test", 2)], undefined, shards("data/train", 3)],
    [[...shards("en/train", 2), ...shards("de/train", 3)], "de", shards("de/train", 3)],
    [[...shards("en/train", 2), ...shards("en/test", 2)], "en/test", shards("en/test", 2)],
    [shards("train", 3), "train-00001-of-00003.parquet", ["train-00001-of-00003.parquet"]],
    [["train_10.jsonl", "train_2.jsonl"], undefined, ["train_2.jsonl", "train_10.jsonl"]],
    [
      ["all/train/0000.parquet", "all/train/0001.parquet"],
      "all/train",
      ["all/train/0000.parquet", "all/train/0001.parquet"],
    ],
  ])("of %j, asked for %s, is %j", (paths, named, expected) => {
    expect(chooseSplit(paths, named, "data set a/b").paths).toEqual(expected);
  });

  it("asks which one where several could be it, or none, and misses no file", () => {
    const choose = (paths: string[], named?: string) => () => chooseSplit(paths, named, "data set a/b");
    expect(choose([...shards("en/train", 2), "de/train.parquet"])).toThrow(
      "got 2 that could be it. Name one of them behind the id: en/train (2 files), de/train.parquet.",
    );
    expect(choose(["README.md", "pictures.zip"])).toThrow("got none. It has no such files.");
    expect(choose(["en/train.csv"], "fr")).toThrow("expected one of its files, splits or folders, got fr.");
    expect(choose(shards("train", 3).slice(1))).toThrow("expected all files of train, got 2 of 3 files");
  });
});
