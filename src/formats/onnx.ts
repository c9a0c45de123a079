// The weights of an ONNX export, under the names that they had before. Only the initializers matter here and the nodes
// that read them; the graph is not run. Source: onnx/onnx, onnx.proto.
import type { ByteSource } from "./byteSource";
import { FormatError } from "./formatError";
import { type OnnxNode, originalNames, readOnnxNode } from "./onnxNames";
import { type Field, heldFields, ProtobufFile, packedInts } from "./protobuf";
import { type StoredTensor, storedIn, transposedStored } from "./storedTensor";
import { type Dtype, tensorBytes } from "./tensor";

// Numbers of onnx.proto's fields.
const MODEL_GRAPH = 7;
const GRAPH = { node: 1, initializer: 5 } as const;
const TENSOR = {
  dims: 1,
  dataType: 2,
  floatData: 4,
  int32Data: 5,
  int64Data: 7,
  name: 8,
  rawData: 9,
  externalData: 13,
} as const;
const ENTRY = { key: 1, value: 2 } as const;
const dtypes: Readonly<Record<number, Dtype>> = { 1: "F32", 10: "F16", 16: "BF16" };

/** A node with more than this holds a constant, which is no weight. */
const NODE_BYTES = 2 ** 16;

interface Initializer {
  readonly name: string;
  readonly tensor: StoredTensor;
}

/**
 * The weights of an export of PyTorch or Optimum, read when they are asked for. Matrices of linear layers are turned
 * back to [out, in] where the exporter has turned them over.
 * @param others the files that lie beside it, by name: large exports keep their weights there
 * @throws FormatError naming the file and what is wrong with it
 */
export async function openOnnx(
  source: ByteSource,
  others: ReadonlyMap<string, ByteSource>,
): Promise<Map<string, StoredTensor>> {
  const file = new ProtobufFile(source);
  const initializers = new Map<string, Initializer>();
  const nodes: OnnxNode[] = [];
  let hasGraph = false;
  for await (const part of file.fields(0, source.sizeBytes)) {
    if (part.number !== MODEL_GRAPH || !part.isDelimited) continue;
    hasGraph = true;
    for await (const field of file.fields(part.begin, part.end)) {
      if (field.number === GRAPH.initializer) {
        const found = await readInitializer(file, field, others);
        if (found) initializers.set(found.name, found);
      } else if (field.number === GRAPH.node && field.end - field.begin <= NODE_BYTES) {
        nodes.push(readNode(file, await file.read(field.begin, field.end), field.begin));
      }
    }
  }
  if (!hasGraph) throw new FormatError(source.name, "", "expected an ONNX model, got one without a graph.");
  const tensors = new Map<string, StoredTensor>();
  const shapes = new Map([...initializers].map(([name, { tensor }]) => [name, tensor.shape]));
  for (const { name, from, isTransposed } of originalNames(source.name, nodes, shapes)) {
    const { tensor } = initializers.get(from)!;
    tensors.set(name, isTransposed ? transposedStored(tensor) : tensor);
  }
  return tensors;
}

function readNode(file: ProtobufFile, message: Uint8Array, at: number): OnnxNode {
  try {
    return readOnnxNode(message);
  } catch {
    throw file.damaged(at);
  }
}

/** Undefined for what is no float: shapes, masks, indices. */
async function readInitializer(
  file: ProtobufFile,
  { begin, end }: Field,
  others: ReadonlyMap<string, ByteSource>,
): Promise<Initializer | undefined> {
  const shape: number[] = [];
  let name = "";
  let dataType = 0;
  let data: Field | undefined;
  const external = new Map<string, string>();
  for await (const field of file.fields(begin, end)) {
    if (field.number === TENSOR.rawData || field.number === TENSOR.floatData) data = field;
    else if (field.number === TENSOR.dataType) dataType = field.value;
    else if (field.number === TENSOR.dims && !field.isDelimited) shape.push(field.value);
    else if (field.number === TENSOR.dims) {
      shape.push(...packedInts(await file.read(field.begin, field.end)));
    } else if (field.number === TENSOR.name) name = text(await file.read(field.begin, field.end));
    else if (field.number === TENSOR.externalData) {
      external.set(...readEntry(await file.read(field.begin, field.end)));
    }
  }
  const dtype = dtypes[dataType];
  if (!dtype) return undefined;
  const place = external.size > 0 ? externalPlace(file.source.name, name, external, others) : undefined;
  const at = place?.at ?? data?.begin;
  const sizeBytes = place?.sizeBytes ?? (data ? data.end - data.begin : 0);
  const expected = tensorBytes({ dtype, shape });
  // A single number may be written in other ways; no weight is one.
  if (at === undefined || sizeBytes !== expected) {
    if (shape.length === 0 || expected === 0) return undefined;
    throw new FormatError(
      file.source.name,
      name,
      `expected ${expected} bytes for ${dtype} [${shape}], got ${sizeBytes}.`,
    );
  }
  return { name, tensor: storedIn(place?.source ?? file.source, at, name, { dtype, shape }) };
}

function externalPlace(
  fileName: string,
  name: string,
  external: ReadonlyMap<string, string>,
  others: ReadonlyMap<string, ByteSource>,
) {
  const location = external.get("location") ?? "";
  const source = others.get(location.split("/").at(-1)!);
  if (!source) {
    const got = [...others.keys()].join(", ") || "no other file";
    throw new FormatError(fileName, name, `expected its bytes in ${location} beside the model, got ${got}.`);
  }
  const at = Number(external.get("offset") ?? 0);
  return { source, at, sizeBytes: Number(external.get("length") ?? source.sizeBytes - at) };
}

function readEntry(message: Uint8Array): [key: string, value: string] {
  const entry: [string, string] = ["", ""];
  for (const { number, begin, end } of heldFields(message)) {
    if (number === ENTRY.key) entry[0] = text(message.subarray(begin, end));
    if (number === ENTRY.value) entry[1] = text(message.subarray(begin, end));
  }
  return entry;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
