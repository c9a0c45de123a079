// llama2.c checkpoints (a .bin of weights and a tokenizer .bin) as a Hugging Face folder, so that everything behind
// this file sees one kind of model. Source: karpathy/llama2.c, export.py (versions 0 and 1) and run.c.
import { type ByteSource, readWhole } from "./byteSource";
import { FormatError } from "./formatError";
import { safetensorsSource } from "./safetensors";
import { type StoredTensor, storedIn } from "./storedTensor";
import { tensorBytes } from "./tensor";

interface Header {
  readonly dim: number;
  readonly hiddenDim: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly vocabSize: number;
  readonly maxSequenceLength: number;
  /** Whether the head is the token embedding. */
  readonly isTied: boolean;
  readonly version: 0 | 1;
}

const weightsName = "model.safetensors";
const magic = 0x616b3432; // "ak42", in versions from 1
const version0Bytes = 28;
const version1Bytes = 256;

/** Whether the files are a llama2.c model: binary files and no config.json. */
export function isLlama2c(files: ReadonlyMap<string, unknown>): boolean {
  return !files.has("config.json") && [...files.keys()].some((name) => name.endsWith(".bin"));
}

/**
 * config.json, model.safetensors and the tokenizer's files. Weights keep their 32 bits and stay where they are: what
 * is read of model.safetensors is made of the checkpoint.
 * @param files the checkpoint and the tokenizer, both .bin; the smaller one is the tokenizer
 * @throws FormatError naming the file and what is wrong in it
 */
export async function llama2cFolder(
  files: ReadonlyMap<string, ByteSource>,
): Promise<Map<string, ByteSource | Uint8Array>> {
  const binaries = [...files.values()]
    .filter(({ name }) => name.endsWith(".bin"))
    .sort((a, b) => a.sizeBytes - b.sizeBytes);
  const [tokenizer, checkpoint] = binaries;
  if (!tokenizer || !checkpoint || binaries.length > 2) {
    const got = binaries.map(({ name }) => name).join(", ");
    throw new FormatError(
      "model",
      "",
      `expected a llama2.c checkpoint and its tokenizer, two .bin files, or a folder with config.json, got ${got}.`,
    );
  }
  const start = await checkpoint.read(0, Math.min(version1Bytes, checkpoint.sizeBytes));
  const header = readHeader(checkpoint.name, start);
  const pieces = llama2cTokenizer(tokenizer.name, await readWhole(tokenizer), header.vocabSize);
  const text = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  return new Map<string, ByteSource | Uint8Array>([
    ["config.json", text(configOf(header))],
    [weightsName, safetensorsSource(weightsName, openTensors(checkpoint, header), { format: "pt" })],
    ["tokenizer.json", text(pieces)],
    ["tokenizer_config.json", text({ bos_token: "<s>", eos_token: "</s>", unk_token: "<unk>" })],
  ]);
}

/**
 * tokenizer.json's content for a llama2.c tokenizer.
 * @param bytes the tokenizer's .bin
 * @throws FormatError when it has not `vocabSize` tokens
 */
export function llama2cTokenizer(name: string, bytes: Uint8Array, vocabSize: number): object {
  return tokenizerOf(readVocabulary(name, bytes, vocabSize));
}

function readHeader(name: string, bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < version0Bytes) {
    throw new FormatError(name, "", `expected a llama2.c checkpoint, got a file of ${bytes.length} bytes.`);
  }
  const hasMagic = view.getUint32(0, true) === magic && bytes.length >= version1Bytes;
  const version = hasMagic ? view.getInt32(4, true) : 0;
  if (version !== 0 && version !== 1) {
    const got = version === 2 ? "version 2, which is quantised" : `version ${version}`;
    throw new FormatError(name, "version", `expected 0 or 1, got ${got}. Export the model as version 1.`);
  }
  const first = version === 1 ? 8 : 0;
  const sizes = Array.from({ length: 7 }, (_, i) => view.getInt32(first + 4 * i, true));
  const [dim, hiddenDim, layers, heads, keyValueHeads, vocab, maxSequenceLength] = sizes as [
    number, number, number, number, number, number, number,
  ]; // biome-ignore format: the header's order
  const vocabSize = Math.abs(vocab);
  const isTied = version === 1 ? bytes[first + 28] === 1 : vocab > 0;
  const header = {
    dim,
    hiddenDim,
    layers,
    heads,
    keyValueHeads,
    vocabSize,
    maxSequenceLength,
    isTied,
    version,
  };
  const isPlausible =
    sizes.every((size, i) => (i === 5 ? size !== 0 : size > 0) && Math.abs(size) < 2 ** 24) &&
    dim % heads === 0 &&
    heads % keyValueHeads === 0;
  if (!isPlausible) {
    throw new FormatError(name, "", `expected a llama2.c checkpoint, got a header of ${sizes.join(", ")}.`);
  }
  return { ...header, version };
}

function configOf(header: Header): object {
  return {
    architectures: ["LlamaForCausalLM"],
    bos_token_id: 1,
    eos_token_id: 2,
    hidden_act: "silu",
    hidden_size: header.dim,
    intermediate_size: header.hiddenDim,
    max_position_embeddings: header.maxSequenceLength,
    model_type: "llama",
    num_attention_heads: header.heads,
    num_hidden_layers: header.layers,
    num_key_value_heads: header.keyValueHeads,
    rms_norm_eps: 1e-5,
    rope_parameters: { rope_theta: 10_000, rope_type: "default" },
    rope_theta: 10_000,
    tie_word_embeddings: header.isTied,
    vocab_size: header.vocabSize,
  };
}

/** The file's tensors in its order; each kind holds all layers one behind the other. */
function tensorOrder(header: Header): { name: string; shape: number[]; perLayer: boolean }[] {
  const { dim, hiddenDim, heads, keyValueHeads, vocabSize, maxSequenceLength, isTied, version } = header;
  const keys = (dim / heads) * keyValueHeads;
  const layer = (name: string, ...shape: number[]) => ({ name: `${name}.weight`, shape, perLayer: true });
  const once = (name: string, ...shape: number[]) => ({ name, shape, perLayer: false });
  const embedding = once("model.embed_tokens.weight", vocabSize, dim);
  const attentionNorm = layer("input_layernorm", dim);
  const feedForwardNorm = layer("post_attention_layernorm", dim);
  const norm = once("model.norm.weight", dim);
  const attention = [
    layer("self_attn.q_proj", dim, dim),
    layer("self_attn.k_proj", keys, dim),
    layer("self_attn.v_proj", keys, dim),
    layer("self_attn.o_proj", dim, dim),
  ];
  const feedForward = [
    layer("mlp.gate_proj", hiddenDim, dim),
    layer("mlp.down_proj", dim, hiddenDim),
    layer("mlp.up_proj", hiddenDim, dim),
  ];
  const head = isTied ? [] : [once("lm_head.weight", vocabSize, dim)];
  if (version === 1) {
    return [attentionNorm, feedForwardNorm, norm, embedding, ...attention, ...feedForward, ...head];
  }
  const angles = once("", 2, maxSequenceLength, dim / heads / 2); // cosines and sines, which are computed here
  return [embedding, attentionNorm, ...attention, feedForwardNorm, ...feedForward, norm, angles, ...head];
}

/** The checkpoint's tensors where they lie. */
function openTensors(source: ByteSource, header: Header): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  let at = header.version === 1 ? version1Bytes : version0Bytes;
  for (const { name: kind, shape, perLayer } of tensorOrder(header)) {
    const size = tensorBytes({ dtype: "F32", shape });
    for (let layer = 0; layer < (perLayer ? header.layers : 1); layer++, at += size) {
      if (kind === "") continue;
      const path = perLayer ? `model.layers.${layer}.${kind}` : kind;
      const stored = storedIn(source, at, path, { dtype: "F32", shape });
      const isRotated = /\.[qk]_proj\./.test(kind);
      tensors.set(path, isRotated ? halved(stored, header.dim / header.heads) : stored);
    }
  }
  if (at !== source.sizeBytes) {
    throw new FormatError(
      source.name,
      "",
      `expected ${at} bytes, as its header says, got ${source.sizeBytes}.`,
    );
  }
  return tensors;
}

/** Rows of q or k: llama2.c turns neighbours 2i and 2i + 1 of a head together, Hugging Face i and i + D/2. */
function halved(stored: StoredTensor, headDim: number): StoredTensor {
  const rowBytes = 4 * stored.shape[1]!;
  const headBytes = headDim * rowBytes;
  const read = async (begin = 0, end = tensorBytes(stored)) => {
    const first = Math.floor(begin / headBytes) * headBytes;
    const values = await stored.read(first, Math.ceil(end / headBytes) * headBytes);
    const moved = new Uint8Array(values.length);
    for (let row = 0; row * rowBytes < values.length; row++) {
      const d = row % headDim;
      const to = row - d + (d % 2) * (headDim / 2) + Math.floor(d / 2);
      moved.set(values.subarray(row * rowBytes, (row + 1) * rowBytes), to * rowBytes);
    }
    return moved.subarray(begin - first, end - first);
  };
  return { ...stored, read };
}

interface Piece {
  readonly text: string;
  readonly score: number;
}

/** Ids below this are <unk>, <s>, </s> and the 256 bytes. */
const firstPiece = 259;

function readVocabulary(name: string, bytes: Uint8Array, vocabSize: number): Piece[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const pieces: Piece[] = [];
  let at = 4; // the longest piece's length comes first
  try {
    while (pieces.length < vocabSize) {
      const length = view.getInt32(at + 4, true);
      if (length < 0 || at + 8 + length > bytes.length) throw new RangeError("past the end");
      const text = decoder.decode(bytes.subarray(at + 8, at + 8 + length));
      pieces.push({ text, score: view.getFloat32(at, true) });
      at += 8 + length;
    }
  } catch {
    const got = `got ${pieces.length} that can be read`;
    throw new FormatError(name, "", `expected a llama2.c tokenizer of ${vocabSize} tokens, ${got}.`);
  }
  if (at !== bytes.length) {
    throw new FormatError(
      name,
      "",
      `expected ${vocabSize} tokens in ${at} bytes, got ${bytes.length} bytes.`,
    );
  }
  return pieces;
}

/** tokenizer.json of SentencePiece's BPE, as transformers converts it. */
function tokenizerOf(pieces: readonly Piece[]): object {
  const special = ["<unk>", "<s>", "</s>"];
  // Newer exports keep ▁ for a space, older ones write the space.
  const tokens = pieces.map(({ text }, id) => special[id] ?? text.replaceAll(" ", "▁"));
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({
      ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
    })),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
      pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
      special_tokens: { "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] } },
    },
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: "<unk>",
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: mergesOf(tokens, pieces),
    },
  };
}

/** Every split of a piece into two pieces; a piece of a higher score is merged first. */
function mergesOf(tokens: readonly string[], pieces: readonly Piece[]): string[][] {
  const known = new Set(tokens.slice(firstPiece));
  const ids = tokens.map((_, id) => id).slice(firstPiece);
  ids.sort((a, b) => pieces[b]!.score - pieces[a]!.score || a - b);
  return ids.flatMap((id) => {
    const characters = [...tokens[id]!];
    const splits = characters
      .slice(1)
      .map((_, i) => [characters.slice(0, i + 1).join(""), characters.slice(i + 1).join("")]);
    return splits.filter(([left, right]) => known.has(left!) && known.has(right!));
  });
}
