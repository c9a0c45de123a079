// A Hugging Face model folder: config, weights (one file or shards) and tokenizer, checked to belong together.
import { z } from "zod";
import { FormatError } from "../formats/formatError";
import { checkSchema, decodeUtf8, parseJson } from "../formats/jsonFile";
import { type ModelConfig, writeModelConfig } from "../formats/modelConfig";
import { readSafetensors, writeSafetensors } from "../formats/safetensors";
import { type FloatDtype, type Tensor, transposed } from "../formats/tensor";
import { loadTokenizer, type Tokenizer } from "../formats/tokenizer";
import { architectureOf } from "./architecture";
import { familyOf, readModelConfig } from "./families";
import type { ModelWeights } from "./residentModel";

/** Files of a folder by name, as they lie on disk. */
export type FolderFiles = ReadonlyMap<string, Uint8Array>;

export interface ModelFolder extends ModelWeights {
  readonly tokenizer: Tokenizer;
  /** Ids that end a generation, from generation_config.json, config.json and the tokenizer. */
  readonly stopTokenIds: readonly number[];
}

const weightsName = "model.safetensors";
const headName = "lm_head.weight";
const indexName = "model.safetensors.index.json";
// Weights of any format: in a written folder they would be the old model's.
const weightsEnding = /\.(safetensors|bin|pt|pth|gguf|h5|msgpack|onnx)(\.index\.json)?$/;
const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });
const tokenId = z.int().nonnegative();
const generationSchema = z.looseObject({ eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish() });

/**
 * Reads a folder; tensors are views into the given bytes.
 * @throws FormatError naming the file, and the tensor with the shape expected and got
 */
export function readModelFolder(files: FolderFiles): ModelFolder {
  const { config, tensors } = readModelWeights(files);
  const text = (name: string) => decodeUtf8(fileOf(files, name), name);
  const chatTemplate = files.has("chat_template.jinja") ? text("chat_template.jinja") : undefined;
  const tokenizer = loadTokenizer(text("tokenizer.json"), text("tokenizer_config.json"), chatTemplate);
  if (tokenizer.vocabSize > config.vocabSize) {
    throw new FormatError(
      "tokenizer.json",
      "vocab",
      `expected at most vocab_size ${config.vocabSize} tokens (config.json), got ${tokenizer.vocabSize}.`,
    );
  }
  const stops = [...readGenerationStops(files), ...config.eosTokenIds, ...tokenizer.eosTokenIds];
  return { config, tensors, tokenizer, stopTokenIds: [...new Set(stops)] };
}

function fileOf(files: FolderFiles, name: string): Uint8Array {
  const bytes = files.get(name);
  if (!bytes) {
    const got = [...files.keys()].join(", ") || "no files";
    throw new FormatError(name, "", `expected this file in the model folder, got ${got}.`);
  }
  return bytes;
}

function readGenerationStops(files: FolderFiles): number[] {
  const name = "generation_config.json";
  const bytes = files.get(name);
  if (!bytes) return [];
  const { eos_token_id } = checkSchema(generationSchema, parseJson(decodeUtf8(bytes, name), name), name);
  return typeof eos_token_id === "number" ? [eos_token_id] : (eos_token_id ?? []);
}

/** Config and weights of a folder; no tokenizer is needed. @throws as readModelFolder */
export function readModelWeights(files: FolderFiles): ModelWeights {
  const config = readModelConfig(fileOf(files, "config.json"));
  return { config, tensors: checkTensors(config, readTensors(files)) };
}

/** A tensor and the file it came from, for messages. */
interface Found {
  readonly file: string;
  readonly tensor: Tensor;
}

/** All tensors of model.safetensors, or of the shards that the index names. */
function readTensors(files: FolderFiles): Map<string, Found> {
  const found = new Map<string, Found>();
  if (!files.has(indexName) || files.has(weightsName)) {
    const { tensors } = readSafetensors(fileOf(files, weightsName), weightsName);
    for (const [name, tensor] of tensors) found.set(name, { tensor, file: weightsName });
    return found;
  }
  const index = checkSchema(
    indexSchema,
    parseJson(decodeUtf8(fileOf(files, indexName), indexName), indexName),
    indexName,
  );
  const places = Object.entries(index.weight_map);
  for (const shard of new Set(places.map(([, file]) => file))) {
    for (const [name, tensor] of readSafetensors(fileOf(files, shard), shard).tensors) {
      if (index.weight_map[name] !== shard) {
        const listed = index.weight_map[name] ?? "no file";
        throw new FormatError(shard, name, `expected it where ${indexName} has it (${listed}), got it here.`);
      }
      found.set(name, { tensor, file: shard });
    }
  }
  for (const [name, file] of places) {
    if (!found.has(name))
      throw new FormatError(file, name, `expected this tensor, which ${indexName} lists, got none.`);
  }
  return found;
}

/** The tensors that the config asks for, under their full names and with linear weights as [out, in]. */
function checkTensors(config: ModelConfig, stored: ReadonlyMap<string, Found>): Map<string, Tensor> {
  const family = familyOf(config);
  const isBase = ![...stored.keys()].some((name) => name.startsWith(family.prefix));
  const fullName = (name: string) => (isBase && name !== headName ? `${family.prefix}${name}` : name);
  const found = new Map([...stored].map(([name, each]) => [fullName(name), each]));
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of architectureOf(config).tensors) {
    const each = found.get(name);
    if (!each) {
      throw new FormatError(
        weightsName,
        name,
        `expected a tensor of shape [${shape}], got none. The weights are not of this config.json.`,
      );
    }
    const isTransposed = family.transposed?.test(name) === true;
    checkTensor(name, isTransposed ? shape.toReversed() : shape, each);
    tensors.set(name, isTransposed ? transposed(each.tensor) : each.tensor);
    found.delete(name);
  }
  const isTiedHead = (name: string, { tensor }: Found) =>
    name === headName && sameBytes(tensor.bytes, tensors.get(family.embedding)!.bytes);
  for (const [name, each] of found) {
    if (family.ignored.test(name) || isTiedHead(name, each)) continue;
    const reason =
      name === headName ? " and differs from the embedding, although tie_word_embeddings is true" : "";
    throw new FormatError(
      each.file,
      name,
      `expected only tensors that config.json asks for, got this one${reason}.`,
    );
  }
  return tensors;
}

function checkTensor(name: string, shape: readonly number[], { file, tensor }: Found): void {
  if (tensor.shape.join() !== shape.join()) {
    throw new FormatError(file, name, `expected shape [${shape}] (config.json), got [${tensor.shape}].`);
  }
  if (tensor.dtype !== "F32" && tensor.dtype !== "F16" && tensor.dtype !== "BF16") {
    throw new FormatError(
      file,
      name,
      `expected F32, F16 or BF16, got ${tensor.dtype}. Use weights that are not quantised.`,
    );
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/**
 * Files of a model folder that transformers opens: config.json and model.safetensors are written, the rest
 * (tokenizer, generation settings) is passed on as given.
 * @param companions further files by name, e.g. tokenizer.json of the folder the model came from
 * @throws FormatError when a tensor is missing or has another shape than the config says
 */
export function writeModelFolder(
  { config, tensors }: ModelWeights,
  companions: FolderFiles,
): Map<string, Uint8Array> {
  const { embedding, transposed: isTransposed } = familyOf(config);
  const stored = new Map(
    [...tensors].map(([name, tensor]) => [name, isTransposed?.test(name) ? transposed(tensor) : tensor]),
  );
  checkTensors(config, new Map([...stored].map(([name, tensor]) => [name, { tensor, file: weightsName }])));
  const files = new Map<string, Uint8Array>();
  for (const [name, bytes] of companions) {
    if (name !== "config.json" && !weightsEnding.test(name)) files.set(name, bytes);
  }
  files.set("config.json", writeModelConfig(config, tensors.get(embedding)!.dtype as FloatDtype));
  files.set(weightsName, writeSafetensors(stored, { format: "pt" }));
  return files;
}
