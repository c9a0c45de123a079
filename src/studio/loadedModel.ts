// The model in use: its bytes, which outlive a lost GPU, what the page shows of it, and its weights on the GPU.

import { isLlama2c, llama2cFolder } from "../formats/llama2c";
import { readSafetensorsHeader } from "../formats/safetensors";
import { tensorBytes } from "../formats/tensor";
import { checkBindable } from "../gpu/memory";
import { moduleSizesOf } from "../lab/presets";
import { architectureOf, linearNames } from "../models/architecture";
import { familyOf } from "../models/families";
import { type ModelFolder, readModelFolder } from "../models/modelFolder";
import { fetchModelFiles } from "./embedded";
import type { ModelInfo, ModelSource } from "./messages";
import { StudioError } from "./problems";

export interface LoadedModel {
  readonly kind: ModelSource["kind"];
  readonly folder: ModelFolder;
  readonly info: ModelInfo;
  /** Tokenizer and generation settings as they came, to go with an exported model. */
  readonly companions: ReadonlyMap<string, Uint8Array>;
  /** Digest of configuration, weights and tokenizer: says whether a kept run belongs to this model. */
  readonly fingerprint: string;
}

/**
 * Reads a model; its weights stay on the CPU.
 * @throws FormatError naming the file and what is wrong with it
 */
export async function readModel(
  source: ModelSource,
  onProgress: (fraction: number) => void,
): Promise<LoadedModel> {
  const given =
    source.kind === "embedded"
      ? await fetchModelFiles(source.name, onProgress)
      : await readFiles(source.files);
  const files = isLlama2c(given) ? llama2cFolder(given) : given;
  const folder = readModelFolder(files);
  return {
    kind: source.kind,
    folder,
    info: modelInfo(source.name, folder),
    companions: new Map([...files].filter(([name]) => /[.](json|jinja)$/.test(name))),
    fingerprint: await fingerprintOf(files),
  };
}

async function readFiles(files: readonly File[] = []): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  if (files.length === 0) throw new StudioError("model: expected the files of a model folder, got none.");
  const bytes = new Map<string, Uint8Array<ArrayBuffer>>();
  // A folder also holds a readme and the like, and .bin is PyTorch's own format where there is a config.json.
  const isFolder = files.some(({ name }) => name === "config.json");
  const wanted = isFolder ? /\.(json|jinja|safetensors)$/ : /\.(json|jinja|safetensors|bin)$/;
  for (const file of files) {
    if (!wanted.test(file.name)) continue;
    bytes.set(file.name, new Uint8Array(await file.arrayBuffer()));
  }
  return bytes;
}

/**
 * Refuses weights with a tensor over what the adapter binds, from the files' headers, before anything is loaded.
 * @throws GpuMemoryError with both numbers
 */
export async function checkModelSize(files: readonly File[], limits: GPUSupportedLimits): Promise<void> {
  for (const file of files.filter(({ name }) => name.endsWith(".safetensors"))) {
    const read = async (from: number, to: number) =>
      new Uint8Array(await file.slice(from, Math.min(to, file.size)).arrayBuffer());
    const start = await read(0, 8);
    // A file this short or a header this long is reported where the file is read.
    const headerBytes = start.length < 8 ? 0n : new DataView(start.buffer).getBigUint64(0, true);
    if (headerBytes === 0n || headerBytes > BigInt(file.size)) continue;
    const { places } = readSafetensorsHeader(await read(0, 8 + Number(headerBytes)), file.size, file.name);
    for (const [name, { begin, end }] of places) checkBindable(limits, name, end - begin);
  }
}

function modelInfo(name: string, { config, tensors }: ModelFolder): ModelInfo {
  let parameterCount = 0;
  let weightBytes = 0;
  const byDtype = new Map<string, number>();
  for (const tensor of tensors.values()) {
    const bytes = tensorBytes(tensor);
    parameterCount += tensor.shape.reduce((product, size) => product * size, 1);
    weightBytes += bytes;
    byDtype.set(tensor.dtype, (byDtype.get(tensor.dtype) ?? 0) + bytes);
  }
  const [dtype] = [...byDtype].reduce((most, entry) => (entry[1] > most[1] ? entry : most));
  return {
    name,
    parameterCount,
    weightBytes,
    dtype,
    layers: config.numHiddenLayers,
    hiddenSize: config.hiddenSize,
    vocabSize: config.vocabSize,
    maxPositionEmbeddings: config.maxPositionEmbeddings,
    moduleNames: linearNames(config),
    defaultTargetModules: familyOf(config).defaultTargetModules,
    moduleSizes: moduleSizesOf(architectureOf(config).linears),
    hasBiases: [...tensors.keys()].some((tensor) => tensor.endsWith(".bias")),
  };
}

async function fingerprintOf(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): Promise<string> {
  const names = [...files.keys()]
    .filter((name) => name.endsWith(".safetensors") || name === "config.json" || name === "tokenizer.json")
    .sort();
  const digests = await Promise.all(names.map(async (name) => `${name}:${await sha256(files.get(name)!)}`));
  return sha256(new TextEncoder().encode(digests.join("\n")));
}

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
