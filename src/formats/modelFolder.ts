// A Hugging Face model folder: config, weights (one file or shards) and tokenizer, checked to belong together.
import { z } from "zod";
import { FormatError } from "./formatError";
import { checkSchema, decodeUtf8, parseJson } from "./jsonFile";
import { llamaTensorShapes } from "./llamaTensors";
import { type LlamaConfig, readModelConfig, writeModelConfig } from "./modelConfig";
import { readSafetensors, writeSafetensors } from "./safetensors";
import type { FloatDtype, Tensor } from "./tensor";
import { loadTokenizer, type Tokenizer } from "./tokenizer";

/** Files of a folder by name, as they lie on disk. */
export type FolderFiles = ReadonlyMap<string, Uint8Array>;

export interface ModelFolder {
  readonly config: LlamaConfig;
  /** Exactly the tensors of `llamaTensorShapes(config)`, in F32, F16 or BF16. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly tokenizer: Tokenizer;
  /** Ids that end a generation, from generation_config.json, config.json and the tokenizer. */
  readonly stopTokenIds: readonly number[];
}

const weightsName = "model.safetensors";
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
  const config = readModelConfig(fileOf(files, "config.json"));
  const tensors = checkTensors(config, readWeights(files));
  const text = (name: string) => decodeUtf8(fileOf(files, name), name);
  const tokenizer = loadTokenizer(text("tokenizer.json"), text("tokenizer_config.json"));
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

/** All tensors of model.safetensors, or of the shards that the index names. */
function readWeights(files: FolderFiles): Map<string, Tensor & { file: string }> {
  const tensors = new Map<string, Tensor & { file: string }>();
  if (!files.has(indexName) || files.has(weightsName)) {
    const { tensors: read } = readSafetensors(fileOf(files, weightsName), weightsName);
    for (const [name, tensor] of read) tensors.set(name, { ...tensor, file: weightsName });
    return tensors;
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
      tensors.set(name, { ...tensor, file: shard });
    }
  }
  for (const [name, file] of places) {
    if (!tensors.has(name))
      throw new FormatError(file, name, `expected this tensor, which ${indexName} lists, got none.`);
  }
  return tensors;
}

function checkTensors(
  config: LlamaConfig,
  found: Map<string, Tensor & { file: string }>,
): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of llamaTensorShapes(config)) {
    const tensor = found.get(name);
    if (!tensor) {
      throw new FormatError(
        weightsName,
        name,
        `expected a tensor of shape [${shape}], got none. The weights are not of this config.json.`,
      );
    }
    const { file, ...rest } = tensor;
    if (rest.shape.join() !== shape.join()) {
      throw new FormatError(file, name, `expected shape [${shape}] (config.json), got [${rest.shape}].`);
    }
    if (rest.dtype !== "F32" && rest.dtype !== "F16" && rest.dtype !== "BF16") {
      throw new FormatError(
        file,
        name,
        `expected F32, F16 or BF16, got ${rest.dtype}. Use weights that are not quantised.`,
      );
    }
    tensors.set(name, rest);
    found.delete(name);
  }
  for (const [name, tensor] of found) {
    if (name.endsWith(".rotary_emb.inv_freq")) continue; // a constant that old transformers saved
    if (name === "lm_head.weight" && sameBytes(tensor.bytes, tensors.get("model.embed_tokens.weight")!.bytes))
      continue;
    const reason =
      name === "lm_head.weight"
        ? " and differs from the embedding, although tie_word_embeddings is true"
        : "";
    throw new FormatError(
      tensor.file,
      name,
      `expected only tensors that config.json asks for, got this one${reason}.`,
    );
  }
  return tensors;
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
  { config, tensors }: Pick<ModelFolder, "config" | "tensors">,
  companions: FolderFiles,
): Map<string, Uint8Array> {
  const checked = checkTensors(
    config,
    new Map([...tensors].map(([name, tensor]) => [name, { ...tensor, file: weightsName }])),
  );
  const dtype = checked.get("model.embed_tokens.weight")!.dtype as FloatDtype;
  const files = new Map<string, Uint8Array>();
  for (const [name, bytes] of companions) {
    if (name !== "config.json" && !weightsEnding.test(name)) files.set(name, bytes);
  }
  files.set("config.json", writeModelConfig(config, dtype));
  files.set(weightsName, writeSafetensors(checked, { format: "pt" }));
  return files;
}
