// The model in use: where its weights lie, so that they outlive a lost GPU, what the page shows of it, and its weights on the GPU.

import { asSource, type ByteSource, blobSource, readWhole } from "../formats/byteSource";
import { isLlama2c, llama2cFolder } from "../formats/llama2c";
import { bestExport, isOnnxFile } from "../formats/onnxFiles";
import { tensorBytes } from "../formats/tensor";
import { type QuantisedDtype, quantisationTexts } from "../gpu/quantised";
import { sha256Of } from "../hub/digest";
import { openKept } from "../hub/keptModel";
import { moduleSizesOf } from "../lab/presets";
import { architectureOf, linearNames } from "../models/architecture";
import { familyOf } from "../models/families";
import {
  codeBitsOf,
  type FolderSources,
  type ModelFolder,
  readModelFolder,
  readTexts,
} from "../models/modelFolder";
import { fetchModelFiles } from "./embedded";
import { keptModels } from "./keptModels";
import type { ModelInfo, ModelOrigin, ModelSource } from "./messages";
import { StudioError } from "./problems";

export interface LoadedModel {
  /** Where to find it again. */
  readonly origin: ModelOrigin;
  readonly folder: ModelFolder;
  readonly info: ModelInfo;
  /** Tokenizer and generation settings as they came, to go with an exported model. */
  readonly companions: ReadonlyMap<string, Uint8Array>;
  /** Digest of configuration, weights and tokenizer: says whether a kept run belongs to this model. */
  readonly fingerprint: string;
}

/** Says whether a run can go on to the same numbers: the model, and the bits that its weights are kept in. */
export const identityOf = ({ fingerprint, folder: { quantisation } }: LoadedModel): string =>
  quantisation ? `${fingerprint}:${quantisation}` : fingerprint;

/** A model's name with the bits that its identity tells of. */
export function describeIdentity(name: string, identity: string): string {
  const quantisation = identity.split(":")[1];
  return quantisation
    ? `${name} with base weights in ${quantisationTexts[quantisation as QuantisedDtype]}`
    : name;
}

/**
 * Reads a model; its weights stay on the CPU.
 * @throws FormatError naming the file and what is wrong with it
 */
export async function readModel(
  source: ModelSource,
  onProgress: (fraction: number) => void,
): Promise<LoadedModel> {
  const { sources, sha256: known } = await openSource(source, onProgress);
  const files = isLlama2c(sources)
    ? await llama2cFolder(new Map([...sources].map(([name, file]) => [name, asSource(name, file)])))
    : sources;
  const folder = await readModelFolder(files);
  return {
    origin: originOf(source),
    folder,
    info: modelInfo(source.name, folder),
    companions: await readTexts(files),
    fingerprint: await fingerprintOf(files, known),
  };
}

function originOf(source: ModelSource): ModelOrigin {
  if (source.kind !== "files") return source;
  const { kind, name, files, handles = [] } = source;
  const facts = files.map(({ name, size, lastModified }) => ({ name, sizeBytes: size, lastModified }));
  return {
    kind,
    name,
    handles,
    files: facts.filter(({ name: file }) => isFingerprinted(file) || file.endsWith(".bin")),
  };
}

interface OpenedSource {
  readonly sources: FolderSources;
  /** Of files whose digest is known already. */
  readonly sha256: ReadonlyMap<string, string>;
}

/** Files that stay where they are: their bytes are read when they are wanted. @throws when there are none, or a part */
async function openSource(
  source: ModelSource,
  onProgress: (fraction: number) => void,
): Promise<OpenedSource> {
  const sha256 = new Map<string, string>();
  switch (source.kind) {
    case "embedded":
      return { sources: await fetchModelFiles(source.name, onProgress), sha256 };
    case "kept": {
      const { sources, ...kept } = await openKept(keptModels(), source.folder);
      return { sources: sourcesOf(sources), sha256: kept.sha256 };
    }
    case "files": {
      if (source.files.length === 0)
        throw new StudioError("model: expected the files of a model folder, got none.");
      return { sources: sourcesOf(source.files.map((file) => blobSource(file.name, file))), sha256 };
    }
  }
}

/**
 * By name. A folder also holds a readme and the like, exports in several precisions, and .bin files, which are
 * PyTorch's own format where there is a config.json.
 */
function sourcesOf(files: readonly ByteSource[]): Map<string, ByteSource> {
  const names = files.map(({ name }) => name);
  const isFolder = names.includes("config.json");
  const hasSafetensors = names.some((name) => name.endsWith(".safetensors"));
  const best = bestExport(names);
  const isWanted = ({ name }: ByteSource) => {
    if (isOnnxFile(name)) return !hasSafetensors && (best?.files.includes(name) ?? true);
    return /\.(json|jinja|safetensors)$/.test(name) || (!isFolder && name.endsWith(".bin"));
  };
  return new Map(files.filter(isWanted).map((file) => [file.name, file]));
}

function modelInfo(name: string, folder: ModelFolder): ModelInfo {
  const { config, tensors } = folder;
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
    codeBits: codeBitsOf(folder) ?? null,
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

/** Whether a file makes the model the one it is. */
const isFingerprinted = (name: string): boolean =>
  /\.safetensors$|^config\.json$|^tokenizer\.json$/.test(name) || isOnnxFile(name);

async function fingerprintOf(files: FolderSources, known: ReadonlyMap<string, string>): Promise<string> {
  const names = [...files.keys()].filter(isFingerprinted).sort();
  const digests: string[] = [];
  for (const name of names) {
    digests.push(`${name}:${known.get(name) ?? (await digestOf(name, files.get(name)!))}`);
  }
  return sha256(new TextEncoder().encode(digests.join("\n")));
}

/** Files up to this size are digested by the browser itself, which is faster and wants all bytes at once. */
const WHOLE_BYTES = 2 ** 25;

async function digestOf(name: string, file: ByteSource | Uint8Array): Promise<string> {
  const source = asSource(name, file);
  return source.sizeBytes <= WHOLE_BYTES ? sha256(await readWhole(source)) : sha256Of(source);
}

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
