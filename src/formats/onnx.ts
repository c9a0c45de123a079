// The weights of an ONNX export, under the names that they had before. Only the initializers matter here and the nodes
// that read them; the graph is not run. Source: onnx/onnx, onnx.proto.
import type { ByteSource } from "./byteSource";
import { FormatError } from "./formatError";
import { type Initializer, readInitializer } from "./onnxInitializer";
import { originalNames } from "./onnxNames";
import { ATTRIBUTE, NODE, type OnnxNode, readOnnxNode } from "./onnxNode";
import { onnxValues } from "./onnxValues";
import { type Field, ProtobufFile } from "./protobuf";
import { type StoredTensor, transposedStored } from "./storedTensor";

// Numbers of onnx.proto's fields.
const MODEL_GRAPH = 7;
const GRAPH = { node: 1, initializer: 5 } as const;

/** A node with more than this holds a constant, which is no weight, or the graph of a branch. */
const NODE_BYTES = 2 ** 16;

interface Graph {
  readonly initializers: Map<string, Initializer>;
  readonly nodes: OnnxNode[];
}

/**
 * The weights of an export of PyTorch, Optimum or onnxruntime-genai, read when they are asked for. Matrices of linear
 * layers are turned back to [out, in] where the exporter has turned them over, and codes of 2, 4 or 8 bits become
 * values again.
 * @param others the files that lie beside it, by name: large exports keep their weights there
 * @throws FormatError naming the file and what is wrong with it
 */
export async function openOnnx(
  source: ByteSource,
  others: ReadonlyMap<string, ByteSource>,
): Promise<Map<string, StoredTensor>> {
  const file = new ProtobufFile(source);
  const graph: Graph = { initializers: new Map(), nodes: [] };
  let hasGraph = false;
  for await (const part of file.fields(0, source.sizeBytes)) {
    if (part.number !== MODEL_GRAPH || !part.isDelimited) continue;
    hasGraph = true;
    await readGraph(file, part, others, graph);
  }
  if (!hasGraph) throw new FormatError(source.name, "", "expected an ONNX model, got one without a graph.");
  const values = onnxValues(source.name, graph.nodes, graph.initializers);
  const shapes = new Map([...values].map(([name, { shape }]) => [name, shape]));
  const tensors = new Map<string, StoredTensor>();
  for (const { name, from, isTransposed } of originalNames(graph.nodes, shapes)) {
    const tensor = values.get(from)!;
    tensors.set(name, isTransposed ? transposedStored(tensor) : tensor);
  }
  return tensors;
}

/** Adds a graph's initializers and nodes, and those of its branches: Optimum's merged decoders have two. */
async function readGraph(
  file: ProtobufFile,
  { begin, end }: Pick<Field, "begin" | "end">,
  others: ReadonlyMap<string, ByteSource>,
  graph: Graph,
): Promise<void> {
  for await (const field of file.fields(begin, end)) {
    if (field.number === GRAPH.initializer) {
      const found = await readInitializer(file, field, others);
      if (found) graph.initializers.set(found.name, found);
    } else if (field.number === GRAPH.node) {
      for (const branch of await readNode(file, field, graph)) await readGraph(file, branch, others, graph);
    }
  }
}

/** Adds a node. @returns where the graphs of its branches lie */
async function readNode(
  file: ProtobufFile,
  { begin, end }: Field,
  { nodes }: Graph,
): Promise<Pick<Field, "begin" | "end">[]> {
  if (end - begin > NODE_BYTES) return largeBranches(file, begin, end);
  try {
    const { node, branches } = readOnnxNode(await file.read(begin, end));
    nodes.push(node);
    return branches.map((branch) => ({ begin: begin + branch.begin, end: begin + branch.end }));
  } catch {
    throw file.damaged(begin);
  }
}

async function largeBranches(file: ProtobufFile, begin: number, end: number): Promise<Field[]> {
  const branches: Field[] = [];
  for await (const attribute of file.fields(begin, end)) {
    if (attribute.number !== NODE.attribute) continue;
    for await (const field of file.fields(attribute.begin, attribute.end)) {
      if (field.number === ATTRIBUTE.graph) branches.push(field);
    }
  }
  return branches;
}
