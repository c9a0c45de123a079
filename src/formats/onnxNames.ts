// What a weight was called before it was exported. Exporters keep the names of embeddings, norms and biases, but turn
// the matrices of linear layers over, as MatMul wants them, and name those anew: then the node that reads one says
// which layer it is of.
import type { OnnxNode } from "./onnxNode";

export interface OriginalName {
  readonly name: string;
  /** The value of the graph that it is. */
  readonly from: string;
  readonly isTransposed: boolean;
}

const keptName = /\.(weight|bias)$/;
/** What quantisers put behind the names of weights. */
const codeEnding = /_((DQ_)?Q\d+(_output)?|quantized|dequantized|DequantizeLinear_Output)$/;
const products = new Set(["MatMul", "Gemm", "MatMulInteger", "MatMulNBits"]);
const lookups = new Set(["Gather", "GatherBlockQuantized"]);

/** @param shapes of the weights and constants that are floats, or have become floats again, by their names in the graph */
export function originalNames(
  nodes: readonly OnnxNode[],
  shapes: ReadonlyMap<string, readonly number[]>,
): OriginalName[] {
  const found = new Map<string, OriginalName>();
  for (const from of shapes.keys()) {
    if (keptName.test(from))
      found.set(builderName(from), { name: builderName(from), from, isTransposed: isBuilders(from) });
  }
  for (const node of nodes)
    for (const each of namesOf(node, shapes)) if (!found.has(each.name)) found.set(each.name, each);
  return [...found.values()];
}

/** What a node says of the weights it reads. */
function namesOf(node: OnnxNode, shapes: ReadonlyMap<string, readonly number[]>): OriginalName[] {
  const { opType, inputs, outputs, numbers } = node;
  const [first, second] = inputs as [string, string];
  const isMatrix = (name: string) => shapes.get(name)?.length === 2;
  // Equal tensors are stored once, and passed on under their other names.
  if (opType === "Identity" && shapes.has(first) && keptName.test(outputs[0]!)) {
    return [{ name: outputs[0]!, from: first, isTransposed: false }];
  }
  // An embedding that shares its values with the head may bear the head's name.
  if (lookups.has(opType) && isMatrix(first))
    return named(node, first, "weight", { own: false, anew: false });
  if (!products.has(opType) || !isMatrix(second) || keptName.test(second)) return [];
  // A matrix that kept its module's name is in the module's order, [in, out]; one with a new name was turned over.
  const isCoded = opType === "MatMulNBits"; // which comes as [out, in]
  const turned = { own: isCoded, anew: !isCoded && numbers.get("transB") !== 1 };
  const weight = named(node, second, "weight", turned);
  const bias = isCoded ? inputs[5] : undefined;
  if (!bias || !shapes.has(bias) || keptName.test(bias)) return weight;
  return [...weight, ...named(node, bias, "bias", { own: false, anew: false })];
}

/** @param turned whether it is to be turned over when it has its own name but for a quantiser's ending, and otherwise */
function named(
  node: OnnxNode,
  from: string,
  ending: "weight" | "bias",
  turned: { readonly own: boolean; readonly anew: boolean },
): OriginalName[] {
  const own = from.replace(codeEnding, "");
  if (own !== from && keptName.test(own)) {
    return [{ name: builderName(own), from, isTransposed: isBuilders(own) ? turned.anew : turned.own }];
  }
  const path = modulePath(node);
  return path === undefined
    ? []
    : [{ name: builderName(`${path}.${ending}`), from, isTransposed: turned.anew }];
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
