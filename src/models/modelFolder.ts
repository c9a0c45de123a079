// A Hugging Face model folder: config, weights (one file or shards) and tokenizer, checked to belong together.
import { z } from "zod";
import { asSource, type ByteSource, readWhole } from "../formats/byteSource";
import { FormatError } from "../formats/formatError";
import { checkSchema, decodeUtf8, parseJson } from "../formats/jsonFile";
import { type ModelConfig, writeModelConfig } from "../formats/modelConfig";
import { openOnnx } from "../formats/onnx";
import { bestExport, isOnnxFile } from "../formats/onnxFiles";
import { openSafetensors, safetensorsSource } from "../formats/safetensors";
import { type StoredTensor, type StoredTensors, transposedStored } from "../formats/storedTensor";
import { type FloatDtype, tensorBytes } from "../formats/tensor";
import { loadTokenizer, type Tokenizer } from "../formats/tokenizer";
import { architectureOf } from "./architecture";
import { familyOf, readModelConfig } from "./families";
import { regroup } from "./fusedProjections";
import type { ModelWeights } from "./residentModel";

/** Files of a folder by name, as they lie on disk. */
export type FolderFiles = ReadonlyMap<string, Uint8Array>;

export interface ModelFolder extends ModelWeights {
  readonly tokenizer: Tokenizer;
  /** Ids that end a generation, from generation_config.json, config.json and the tokenizer. */
  readonly stopTokenIds: readonly number[];
}

const weightsName = "model.safetensors";
const onnxWeightsName = "model.onnx";
const headName = "lm_head.weight";
const indexName = "model.safetensors.index.json";
// Weights of any format: in a written folder they would be the old model's.
const weightsEnding = /\.(safetensors|bin|pt|pth|gguf|h5|msgpack|onnx)(\.index\.json)?$/;
const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });
const tokenId = z.int().nonnegative();
const generationSchema = z.looseObject({ eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish() });

/** Files of a folder wherever they lie, by name; those that are held already may be given as they are. */
export type FolderSources = ReadonlyMap<string, ByteSource | Uint8Array>;

/**
 * Reads a folder but for its weights, which are read tensor by tensor by whoever wants them.
 * @param weights where they are in no safetensors file of the folder
 * @throws FormatError naming the file, and the tensor with the shape expected and got
 */
export async function readModelFolder(sources: FolderSources, weights?: StoredTensors): Promise<ModelFolder> {
  const { config, tensors } = await readModelWeights(sources, weights);
  const files = await readTexts(sources);
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

/** The folder's files that are small and read whole: configurations, tokenizer, templates. */
export async function readTexts(sources: FolderSources): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const [name, source] of sources) {
    if (!/[.](json|jinja)$/.test(name)) continue;
    files.set(name, source instanceof Uint8Array ? source : await readWhole(source));
  }
  return files;
}

function fileOf<T>(files: ReadonlyMap<string, T>, name: string): T {
  const file = files.get(name);
  if (!file) {
    const got = [...files.keys()].join(", ") || "no files";
    throw new FormatError(name, "", `expected this file in the model folder, got ${got}.`);
  }
  return file;
}

function readGenerationStops(files: FolderFiles): number[] {
  const name = "generation_config.json";
  const bytes = files.get(name);
  if (!bytes) return [];
  const { eos_token_id } = checkSchema(generationSchema, parseJson(decodeUtf8(bytes, name), name), name);
  return typeof eos_token_id === "number" ? [eos_token_id] : (eos_token_id ?? []);
}

/** Config and weights of a folder; no tokenizer is needed. @throws as readModelFolder */
export async function readModelWeights(
  sources: FolderSources,
  weights?: StoredTensors,
): Promise<ModelWeights> {
  const files = await readTexts(sources);
  const config = readModelConfig(fileOf(files, "config.json"));
  const stored = weights ?? (await openWeights(sources, files.get(indexName)));
  const { tensors, rest } = matchTensors(config, stored);
  await checkRest(config, tensors, rest);
  return { config, tensors };
}

/** The best export of the folder; undefined where there is none. */
function onnxName(sources: FolderSources): string | undefined {
  const names = [...sources.keys()].filter((name) => name.endsWith(".onnx"));
  const best = bestExport(names);
  if (best || names.length === 0) return best?.name;
  throw new FormatError(
    onnxWeightsName,
    "",
    `expected one export, got ${names.join(", ")}. Choose one of them.`,
  );
}

/** All tensors of model.safetensors, of the shards that the index names, or of an ONNX export. */
async function openWeights(
  sources: FolderSources,
  indexBytes: Uint8Array | undefined,
): Promise<StoredTensors> {
  const find = (name: string) => asSource(name, fileOf(sources, name));
  const open = (name: string) => openSafetensors(find(name));
  const onnx = indexBytes || sources.has(weightsName) ? undefined : onnxName(sources);
  if (onnx) {
    const others = new Map([...sources.keys()].map((name) => [name, find(name)]));
    return openOnnx(find(onnx), others);
  }
  if (!indexBytes || sources.has(weightsName)) return open(weightsName);
  const index = checkSchema(indexSchema, parseJson(decodeUtf8(indexBytes, indexName), indexName), indexName);
  const places = Object.entries(index.weight_map);
  const found = new Map<string, StoredTensor>();
  for (const shard of new Set(places.map(([, file]) => file))) {
    for (const [name, tensor] of await open(shard)) {
      if (index.weight_map[name] !== shard) {
        const listed = index.weight_map[name] ?? "no file";
        throw new FormatError(shard, name, `expected it where ${indexName} has it (${listed}), got it here.`);
      }
      found.set(name, tensor);
    }
  }
  for (const [name, file] of places) {
    if (!found.has(name))
      throw new FormatError(file, name, `expected this tensor, which ${indexName} lists, got none.`);
  }
  return found;
}

/** The tensors that the config asks for, under their full names and with linear weights as [out, in], and the rest. */
function matchTensors(
  config: ModelConfig,
  stored: StoredTensors,
): { readonly tensors: Map<string, StoredTensor>; readonly rest: StoredTensors } {
  const family = familyOf(config);
  const isBase = ![...stored.keys()].some((name) => name.startsWith(family.prefix));
  const fullName = (name: string) => (isBase && name !== headName ? `${family.prefix}${name}` : name);
  const rest = new Map([...stored].map(([name, each]) => [fullName(name), each]));
  const tensors = new Map<string, StoredTensor>();
  const { tensors: shapes } = architectureOf(config);
  lookUpInHead(shapes, family.embedding, rest);
  regroup(shapes, rest);
  for (const [name, shape] of shapes) {
    const tensor = rest.get(name);
    if (!tensor) throw missing(name, shape, stored);
    const isTransposed = family.transposed?.test(name) === true;
    checkTensor(name, isTransposed ? shape.toReversed() : shape, tensor);
    tensors.set(name, isTransposed ? transposedStored(tensor) : tensor);
    rest.delete(name);
  }
  return { tensors, rest };
}

/** Exports with a head in fewer bits may look its rows up as the embedding, too. */
function lookUpInHead(
  shapes: ReadonlyMap<string, readonly number[]>,
  embedding: string,
  stored: Map<string, StoredTensor>,
): void {
  const head = stored.get(headName);
  if (!head || shapes.has(headName) || stored.has(embedding)) return;
  stored.set(embedding, head);
  stored.delete(headName);
}

function missing(name: string, shape: readonly number[], stored: StoredTensors): FormatError {
  const [first] = stored.values();
  const file = first?.file ?? weightsName;
  const reason = isOnnxFile(file)
    ? "They are not of this config.json, or the export does not say which of its weights it is: use the model's safetensors."
    : "The weights are not of this config.json.";
  return new FormatError(file, name, `expected a tensor of shape [${shape}], got none. ${reason}`);
}

/** Bits of the codes that a model's values were computed from, e.g. "4 and 8"; undefined where files had its values. */
export function codeBitsOf({ tensors }: ModelWeights): string | undefined {
  const bits = new Set([...tensors.values()].flatMap(({ codeBits }) => codeBits ?? []));
  return bits.size === 0 ? undefined : [...bits].sort((a, b) => a - b).join(" and ");
}

/** What a folder may hold beside its parameters: old constants, and a copy of the embedding as the tied head. */
async function checkRest(config: ModelConfig, tensors: StoredTensors, rest: StoredTensors): Promise<void> {
  const { ignored, embedding } = familyOf(config);
  for (const [name, each] of rest) {
    if (ignored.test(name)) continue;
    if (name === headName && (await isTiedHead(each, tensors.get(embedding)!))) continue;
    const reason =
      name === headName ? " and differs from the embedding, although tie_word_embeddings is true" : "";
    throw new FormatError(
      each.file,
      name,
      `expected only tensors that config.json asks for, got this one${reason}.`,
    );
  }
}

function checkTensor(name: string, shape: readonly number[], tensor: StoredTensor): void {
  const { file } = tensor;
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

/** A copy of the embedding, though each may have been rounded to codes of its own. */
async function isTiedHead(head: StoredTensor, embedding: StoredTensor): Promise<boolean> {
  const areCoded = head.codeBits !== undefined || embedding.codeBits !== undefined;
  if (areCoded) return head.shape.join() === embedding.shape.join();
  return haveSameBytes(head, embedding);
}

const COMPARED_BYTES = 2 ** 24;

async function haveSameBytes(a: StoredTensor, b: StoredTensor): Promise<boolean> {
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) return false;
  const size = tensorBytes(a);
  for (let at = 0; at < size; at += COMPARED_BYTES) {
    const end = Math.min(at + COMPARED_BYTES, size);
    const [one, other] = [await a.read(at, end), await b.read(at, end)];
    if (!one.every((byte, index) => byte === other[index])) return false;
  }
  return true;
}

/**
 * Files of a model folder that transformers opens: config.json is written, model.safetensors is made of the tensors as
 * it is read, and the rest (tokenizer, generation settings) is passed on as given.
 * @param companions further files by name, e.g. tokenizer.json of the folder the model came from
 * @throws FormatError when a tensor is missing or has another shape than the config says
 */
export function writeModelFolder(
  { config, tensors }: ModelWeights,
  companions: FolderFiles,
): Map<string, Uint8Array | ByteSource> {
  const { embedding, transposed: isTransposed } = familyOf(config);
  const stored = new Map(
    [...tensors].map(([name, each]) => [name, isTransposed?.test(name) ? transposedStored(each) : each]),
  );
  matchTensors(config, stored);
  const files = new Map<string, Uint8Array | ByteSource>();
  for (const [name, bytes] of companions) {
    if (name !== "config.json" && !weightsEnding.test(name)) files.set(name, bytes);
  }
  files.set("config.json", writeModelConfig(config, tensors.get(embedding)!.dtype as FloatDtype));
  files.set(weightsName, safetensorsSource(weightsName, stored, { format: "pt" }));
  return files;
}
