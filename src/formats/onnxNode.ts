// A node of an ONNX graph, as far as it tells of weights. Source: onnx/onnx, onnx.proto (NodeProto, AttributeProto).
import { type Field, heldFields } from "./protobuf";

// Numbers of onnx.proto's fields.
export const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, metadata: 9 } as const;
export const ATTRIBUTE = { name: 1, int: 3, graph: 6 } as const;
const ENTRY = { key: 1, value: 2 } as const;

export interface OnnxNode {
  readonly opType: string;
  readonly name: string;
  /** An input that is left out in the middle is "". */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes that are whole numbers. */
  readonly numbers: ReadonlyMap<string, number>;
  /** The modules it was in, as torch.export keeps them. */
  readonly scopes: string | undefined;
}

type Place = Pick<Field, "begin" | "end">;

/**
 * @returns the node, and where the graphs of its branches lie in the message
 * @throws Error when the message is damaged
 */
export function readOnnxNode(message: Uint8Array): { readonly node: OnnxNode; readonly branches: Place[] } {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const words = new Map<number, string>();
  const numbers = new Map<string, number>();
  const branches: Place[] = [];
  let scopes: string | undefined;
  for (const { number, begin, end } of heldFields(message)) {
    const bytes = message.subarray(begin, end);
    if (number === NODE.input) inputs.push(text(bytes));
    else if (number === NODE.output) outputs.push(text(bytes));
    else if (number === NODE.name || number === NODE.opType) words.set(number, text(bytes));
    else if (number === NODE.metadata) scopes = scopesOf(bytes) ?? scopes;
    else if (number === NODE.attribute) {
      let key = "";
      for (const inner of heldFields(bytes)) {
        if (inner.number === ATTRIBUTE.name) key = text(bytes.subarray(inner.begin, inner.end));
        if (inner.number === ATTRIBUTE.int) numbers.set(key, inner.value);
        if (inner.number === ATTRIBUTE.graph)
          branches.push({ begin: begin + inner.begin, end: begin + inner.end });
      }
    }
  }
  const [name, opType] = [words.get(NODE.name) ?? "", words.get(NODE.opType) ?? ""];
  return { node: { opType, name, inputs, outputs, numbers, scopes }, branches };
}

function scopesOf(entry: Uint8Array): string | undefined {
  const [key, value] = [ENTRY.key, ENTRY.value].map((wanted) => {
    for (const { number, begin, end } of heldFields(entry))
      if (number === wanted) return text(entry.subarray(begin, end));
    return "";
  });
  return key!.endsWith("name_scopes") ? value : undefined;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
