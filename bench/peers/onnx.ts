// Writes the few parts of an ONNX file that a graph of matrix products needs: protocol buffers, by hand.
// Field numbers: onnx/onnx.proto3 (ModelProto, GraphProto, NodeProto, TensorProto, ValueInfoProto).

/** A length-delimited field. */
function bytesField(number: number, content: Uint8Array): Uint8Array {
  return concatenate([...varint((number << 3) | 2), ...varint(content.length)], content);
}
const textField = (number: number, text: string) => bytesField(number, new TextEncoder().encode(text));
const intField = (number: number, value: number) =>
  Uint8Array.from([...varint(number << 3), ...varint(value)]);

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

function concatenate(...parts: (readonly number[] | Uint8Array)[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const FLOAT = 1;

export interface OnnxNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly output: string;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  /** f32 constants by name. */
  readonly constants: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly values: Float32Array }
  >;
  readonly input: { readonly name: string; readonly shape: readonly number[] };
  readonly output: { readonly name: string; readonly shape: readonly number[] };
}

/** The bytes of a model with operator set 17. */
export function onnxModel({ nodes, constants, input, output }: OnnxGraph): Uint8Array {
  const graph = concatenate(
    ...nodes.map(({ type, inputs, output: name }) =>
      bytesField(
        1,
        concatenate(...inputs.map((from) => textField(1, from)), textField(2, name), textField(4, type)),
      ),
    ),
    textField(2, "graph"),
    ...[...constants].map(([name, { shape, values }]) =>
      bytesField(
        5,
        concatenate(
          ...shape.map((size) => intField(1, size)),
          intField(2, FLOAT),
          textField(8, name),
          bytesField(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
        ),
      ),
    ),
    bytesField(11, valueInfo(input)),
    bytesField(12, valueInfo(output)),
  );
  return concatenate(intField(1, 8), bytesField(7, graph), bytesField(8, intField(2, 17)));
}

function valueInfo({ name, shape }: OnnxGraph["input"]): Uint8Array {
  const dimensions = concatenate(...shape.map((size) => bytesField(1, intField(1, size))));
  const tensor = concatenate(intField(1, FLOAT), bytesField(2, dimensions));
  return concatenate(textField(1, name), bytesField(2, bytesField(1, tensor)));
}
