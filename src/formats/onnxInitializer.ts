// A tensor of an ONNX file: values as floats, or codes of a few bits, in the file itself or in one beside it.
// Source: onnx/onnx, onnx.proto (TensorProto).
import { type ByteSource, bytesSource } from "./byteSource";
import { FormatError } from "./formatError";
import { type Field, heldFields, type ProtobufFile, packedInts } from "./protobuf";
import { type StoredTensor, storedIn } from "./storedTensor";
import { type Dtype, dtypeBytes } from "./tensor";

// Numbers of onnx.proto's fields.
const TENSOR = {
  dims: 1,
  dataType: 2,
  floatData: 4,
  int32Data: 5,
  name: 8,
  rawData: 9,
  externalData: 13,
} as const;
const ENTRY = { key: 1, value: 2 } as const;

interface Element {
  /** Of its bytes: a type of fewer than eight bits is packed into them. */
  readonly dtype: Dtype;
  readonly bits: number;
  /** Of codes. */
  readonly isSigned?: boolean;
}

const elements: Readonly<Record<number, Element>> = {
  1: { dtype: "F32", bits: 32 },
  2: { dtype: "U8", bits: 8, isSigned: false },
  3: { dtype: "I8", bits: 8, isSigned: true },
  10: { dtype: "F16", bits: 16 },
  16: { dtype: "BF16", bits: 16 },
  21: { dtype: "U8", bits: 4, isSigned: false },
  22: { dtype: "U8", bits: 4, isSigned: true },
};

export interface Initializer extends Element {
  readonly name: string;
  /** Of its elements, however they are packed. */
  readonly shape: readonly number[];
  /** Its values, or the bytes of its codes. */
  readonly tensor: StoredTensor;
}

/**
 * Undefined for what is neither float nor code: shapes, masks, indices.
 * @throws FormatError naming the tensor when its bytes are not there
 */
export async function readInitializer(
  file: ProtobufFile,
  { begin, end }: Field,
  others: ReadonlyMap<string, ByteSource>,
): Promise<Initializer | undefined> {
  const shape: number[] = [];
  let name = "";
  let dataType = 0;
  let data: Field | undefined;
  let words: number[] | undefined;
  const external = new Map<string, string>();
  for await (const field of file.fields(begin, end)) {
    const bytes = () => file.read(field.begin, field.end);
    if (field.number === TENSOR.rawData || field.number === TENSOR.floatData) data = field;
    else if (field.number === TENSOR.dataType) dataType = field.value;
    else if (field.number === TENSOR.dims && !field.isDelimited) shape.push(field.value);
    else if (field.number === TENSOR.dims) shape.push(...packedInts(await bytes()));
    else if (field.number === TENSOR.name) name = text(await bytes());
    else if (field.number === TENSOR.externalData) external.set(...readEntry(await bytes()));
    else if (field.number === TENSOR.int32Data && elements[dataType]) {
      words = field.isDelimited ? packedInts(await bytes()) : [...(words ?? []), field.value];
    }
  }
  const element = elements[dataType];
  if (!element) return undefined;
  const { dtype, bits } = element;
  const count = shape.reduce((product, size) => product * size, 1);
  const expected = Math.ceil((count * bits) / 8);
  const place =
    external.size > 0
      ? externalPlace(file.source.name, name, external, others)
      : words
        ? wordsPlace(file.source.name, words, dtypeBytes[dtype])
        : data && { source: file.source, at: data.begin, sizeBytes: data.end - data.begin };
  if (place?.sizeBytes !== expected) {
    if (shape.length === 0 || expected === 0) return undefined; // no weight is a single number or none
    const got = `got ${place?.sizeBytes ?? 0}`;
    const type = bits < 8 ? `codes of ${bits} bits` : dtype;
    throw new FormatError(
      file.source.name,
      name,
      `expected ${expected} bytes for ${type} [${shape}], ${got}.`,
    );
  }
  const stored = { dtype, shape: bits < 8 ? [expected] : shape };
  return { ...element, name, shape, tensor: storedIn(place.source, place.at, name, stored) };
}

/** Numbers of 8 or 16 bits that are written as varints: small tensors made by hand. */
function wordsPlace(fileName: string, words: readonly number[], bytesEach: number) {
  const bytes = new Uint8Array(words.length * bytesEach);
  words.forEach((word, index) => {
    for (let i = 0; i < bytesEach; i++) bytes[index * bytesEach + i] = (word >> (8 * i)) & 0xff;
  });
  return { source: bytesSource(fileName, bytes), at: 0, sizeBytes: bytes.length };
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
