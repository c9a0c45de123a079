// What a weight was called before it was exported. Exporters keep the names of embeddings, norms and biases, but turn
// the matrices of linear layers over, as MatMul wants them, and name those anew: then the node that reads one says
// which layer it is of.
import { FormatError } from "./formatError";
import { heldFields } from "./protobuf";

// Numbers of onnx.proto's fields.
const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, metadata: 9 } as const;
const ATTRIBUTE = { name: 1, int: 3 } as const;
const ENTRY = { key: 1, value: 2 } as const;

export interface OnnxNode {
  readonly opType: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Gemm's: its second input is [out, in]. */
  readonly transB: boolean;
  /** The modules it was in, as torch.export keeps them. */
  readonly scopes: string | undefined;
}

/** @throws Error when the message is damaged */
export function readOnnxNode(message: Uint8Array): OnnxNode {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const inputs: string[] = [];
  const outputs: string[] = [];
  const words = new Map<number, string>();
  let transB = false;
  let scopes: string | undefined;
  for (const { number, begin, end } of heldFields(message)) {
    const bytes = message.subarray(begin, end);
    if (number === NODE.input) inputs.push(text(bytes));
    else if (number === NODE.output) outputs.push(text(bytes));
    else if (number === NODE.name || number === NODE.opType) words.set(number, text(bytes));
    else if (number === NODE.attribute || number === NODE.metadata) {
      let key = "";
      let value = "";
      let int = 0;
      for (const inner of heldFields(bytes)) {
        if (inner.number === ENTRY.key) key = text(bytes.subarray(inner.begin, inner.end));
        if (inner.number === ENTRY.value && number === NODE.metadata) {
          value = text(bytes.subarray(inner.begin, inner.end));
        }
        if (inner.number === ATTRIBUTE.int) int = inner.value;
      }
      if (number === NODE.attribute && key === "transB") transB = int === 1;
      if (number === NODE.metadata && key.endsWith("name_scopes")) scopes = value;
    }
  }
  return {
    opType: words.get(NODE.opType) ?? "",
    name: words.get(NODE.name) ?? "",
    inputs,
    outputs,
    transB,
    scopes,
  };
}

export interface OriginalName {
  readonly name: string;
  /** The initializer that holds its values. */
  readonly from: string;
  readonly isTransposed: boolean;
}

const keptName = /\.(weight|bias)$/;
/** Operators of weights in fewer bits: their values are codes. */
const quantised =
  /^(MatMulNBits|GatherBlockQuantized|DequantizeLinear|DynamicQuantizeLinear|MatMulInteger|QLinear.*)$/;

/**
 * @param shapes of the initializers that are floats, by their names in the graph
 * @throws FormatError when the weights are quantised
 */
export function originalNames(
  fileName: string,
  nodes: readonly OnnxNode[],
  shapes: ReadonlyMap<string, readonly number[]>,
): OriginalName[] {
  const found = new Map<string, OriginalName>();
  for (const from of shapes.keys()) {
    if (keptName.test(from))
      found.set(builderName(from), { name: builderName(from), from, isTransposed: isBuilders(from) });
  }
  for (const node of nodes) {
    if (quantised.test(node.opType)) {
      const remedy = "Use an export that is not quantised, such as model.onnx or model_fp16.onnx.";
      throw new FormatError(fileName, node.name, `expected float weights, got ${node.opType}. ${remedy}`);
    }
    for (const each of namesOf(node, shapes)) if (!found.has(each.name)) found.set(each.name, each);
  }
  return [...found.values()];
}

/** What a node says of the initializers it reads. */
function namesOf(node: OnnxNode, shapes: ReadonlyMap<string, readonly number[]>): OriginalName[] {
  const { opType, inputs, outputs } = node;
  const isMatrix = (name: string | undefined): name is string =>
    name !== undefined && shapes.get(name)?.length === 2;
  // Equal tensors are stored once, and passed on under their other names.
  if (opType === "Identity" && shapes.has(inputs[0]!) && keptName.test(outputs[0]!)) {
    return [{ name: outputs[0]!, from: inputs[0]!, isTransposed: false }];
  }
  const path = modulePath(node);
  if (path === undefined) return [];
  const name = `${path}.weight`;
  // An embedding that shares its values with the head may bear the head's name.
  if (opType === "Gather" && isMatrix(inputs[0])) return [{ name, from: inputs[0], isTransposed: false }];
  const [, matrix] = inputs;
  if ((opType !== "MatMul" && opType !== "Gemm") || !isMatrix(matrix) || keptName.test(matrix)) return [];
  return [{ name, from: matrix, isTransposed: !node.transB }];
}

/** "/model/layers.0/mlp/up_proj/MatMul", or the scopes "['', 'model', …, 'model.layers.0.mlp.up_proj', 'linear']". */
function modulePath({ name, scopes }: OnnxNode): string | undefined {
  if (scopes !== undefined) return /'([^']+)', '[^']*'\]$/.exec(scopes)?.[1];
  return /^\/(.+)\/[^/]+$/.exec(name)?.[1]?.replaceAll("/", ".");
}

/** onnxruntime-genai's model builder names everything itself, after its nodes. */
const isBuilders = (name: string): boolean => name.endsWith(".MatMul.weight");

function builderName(name: string): string {
  return name
    .replace(/\.(MatMul|Add|layernorm)\.(weight|bias)$/, ".$2")
    .replace(/^(model\.layers\.\d+)\.attn\./, "$1.self_attn.")
    .replace(/^model\.layers\.\d+\.final_norm_layernorm\./, "model.norm.");
}
