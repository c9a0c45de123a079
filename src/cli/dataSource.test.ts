// --data from the Hub: against a real server, with its faults.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseDatasetFile, trainingFile } from "../hub/datasets";
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

  it("says what to do about a name that is not there, a closed set and a revision of none", async () => {
    await expect(open("hf:local/nothing")).rejects.toThrow(/^data set local\/nothing: .* Check the name/);
    await expect(open("hf:local/closed")).rejects.toThrow("give an access token");
    await expect(open("hf:local/restaurants@next")).rejects.toThrow("There is no such revision");
    await expect(open("hf:local/restaurants/data/test.jsonl")).rejects.toThrow(
      "expected one of its files, got data/test.jsonl. Name one of them behind the id: README.md, data/train.jsonl",
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

describe("trainingFile", () => {
  it.each([
    [["README.md", "train.csv", "test.csv"], "train.csv"],
    [
      ["data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet", "train.jsonl"],
      "data/train-00000-of-00001.parquet",
    ],
    [[".gitattributes", "dataset_infos.json", "all.json", "constraints.md"], "all.json"],
    [["training/part.txt", "valid/part.txt"], "training/part.txt"],
  ])("of %j is %s", (paths, expected) => {
    expect(trainingFile(paths, "data set a/b")).toBe(expected);
  });

  it("asks which one where several could be it, or none", () => {
    expect(() => trainingFile(["en/train.csv", "de/train.csv"], "data set a/b")).toThrow(
      "got 2 that could be it. Name one of them behind the id: en/train.csv, de/train.csv.",
    );
    expect(() => trainingFile(["README.md", "pictures.zip"], "data set a/b")).toThrow(
      "got none. It has no such files.",
    );
  });
});
