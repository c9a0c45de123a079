// What the test server serves: the embedded model under several names, whole, in shards and as an export, one that is gated, some
// that cannot be used, and one whose weights are large enough for several ranges.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readSafetensors, writeSafetensors } from "../../formats/safetensors";
import { onnxBytes } from "../../formats/testing/onnxBytes";
import type { ServedRepository } from "./hubServer";

export const gateToken = "hf_open";
const weightsName = "model.safetensors";

/** @param root of the project */
export function testRepositories(root: string): ServedRepository[] {
  const folder = join(root, "public/models/fable-1m");
  const fable = new Map(
    readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]),
  );
  const without = (...names: string[]) => new Map([...fable].filter(([name]) => !names.includes(name)));
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  const changedConfig = (change: object) =>
    new Map([...fable, ["config.json", text(JSON.stringify({ ...config, ...change }))]]);
  const sample = (name: string) =>
    new Uint8Array(readFileSync(join(root, "public/datasets/restaurants", name)));
  const splits = new Map([
    ["README.md", text("# Restaurants")],
    ["data/train.jsonl", sample("train.jsonl")],
    ["data/validation.jsonl", sample("validation.jsonl")],
  ]);
  const lines = splits.get("data/train.jsonl")!;
  return [
    {
      id: "local/restaurants-shards",
      kind: "datasets",
      files: new Map(numberedFiles("data/train", lines, 3)),
    },
    {
      id: "local/two-splits",
      kind: "datasets",
      files: new Map([
        ...numberedFiles("en/train", lines, 2),
        ["de/train.jsonl", lines],
        ["de/test.jsonl", lines],
      ]),
    },
    { id: "local/restaurants", kind: "datasets", files: splits },
    { id: "local/closed", kind: "datasets", files: splits, gatedBy: gateToken },
    { id: "local/fable-1m", files: fable },
    { id: "local/fable-1m-shards", files: sharded(fable) },
    { id: "local/fable-1m-exported", files: exported(fable) },
    { id: "local/fable-1m-gated", files: fable, gatedBy: gateToken },
    { id: "local/large", files: new Map([...fable, [weightsName, noise(20 * 2 ** 20 + 5)]]) },
    {
      id: "local/no-safetensors",
      files: new Map([...without(weightsName), ["pytorch_model.bin", text("x")]]),
    },
    { id: "local/no-tokenizer", files: without("tokenizer.json") },
    {
      id: "local/other-family",
      files: changedConfig({ model_type: "mamba", architectures: ["MambaForCausalLM"] }),
    },
  ];
}

/** Lines in several files, as large data sets come. */
function numberedFiles(name: string, bytes: Uint8Array, count: number): [string, Uint8Array][] {
  const lines = new TextDecoder().decode(bytes).trimEnd().split("\n");
  const size = Math.ceil(lines.length / count);
  return Array.from({ length: count }, (_, part) => {
    const number = (value: number) => String(value).padStart(5, "0");
    const own = lines.slice(part * size, (part + 1) * size);
    return [`${name}-${number(part)}-of-${number(count)}.jsonl`, text(`${own.join("\n")}\n`)];
  });
}

const text = (value: string) => new TextEncoder().encode(value);

/** The weights in two files with an index, as large models come. */
function sharded(files: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  const { tensors } = readSafetensors(files.get(weightsName)!, weightsName);
  const half = tensors.size >> 1;
  const shards = new Map(
    [0, 1].map((n) => [
      `model-0000${n + 1}-of-00002.safetensors`,
      new Map([...tensors].slice(n * half, n === 0 ? half : undefined)),
    ]),
  );
  const places = [...shards].flatMap(([file, part]) => [...part.keys()].map((name) => [name, file]));
  const index = JSON.stringify({ metadata: {}, weight_map: Object.fromEntries(places) });
  return new Map([
    ...[...files].filter(([name]) => name !== weightsName),
    ["model.safetensors.index.json", text(index)],
    ...[...shards].map(([file, part]) => [file, writeSafetensors(part, { format: "pt" })] as const),
  ]);
}

/** An ONNX export in place of safetensors, as transformers.js wants it, with another one beside it. */
function exported(files: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  const { tensors } = readSafetensors(files.get(weightsName)!, weightsName);
  const { model, data } = onnxBytes(tensors, "model.onnx_data");
  return new Map([
    ...[...files].filter(([name]) => name !== weightsName),
    ["onnx/model.onnx", model],
    ["onnx/model.onnx_data", data],
    ["onnx/model_q4.onnx", text("x")],
  ]);
}

/** Bytes without a pattern, so that a range put in the wrong place shows in the digest. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0, state = 1; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
