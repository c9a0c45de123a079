// Tensors that stay where they lie until somebody reads them, one at a time or in parts: a model larger than memory
// passes through it in pieces.
import { type ByteSource, discard, joinedSource } from "./byteSource";
import { FormatError } from "./formatError";
import {
  type Dtype,
  dtypeBytes,
  type FloatDtype,
  fromFloat32,
  type Tensor,
  tensorBytes,
  toFloat32,
  transposed,
} from "./tensor";

export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** The file it lies in, for messages. */
  readonly file: string;
  /** Bits of the codes in its file that its values are computed from; absent where the file has values. */
  readonly codeBits?: number;
  /**
   * Its bytes, row-major and little-endian, or those from `begin` to before `end`. They are the caller's own.
   * @throws FormatError when the file no longer has them
   */
  read(begin?: number, end?: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Tensors by name, e.g. of a safetensors file, of its shards, or of an ONNX export. */
export type StoredTensors = ReadonlyMap<string, StoredTensor>;

/** A tensor whose bytes begin at `at` of a file. */
export function storedIn(
  source: ByteSource,
  at: number,
  name: string,
  { dtype, shape }: Pick<Tensor, "dtype" | "shape">,
): StoredTensor {
  const read = async (begin = 0, end = tensorBytes({ dtype, shape })) => {
    const bytes = await source.read(at + begin, at + end);
    if (bytes.length === end - begin) return bytes;
    const got = `got ${bytes.length}. The file has changed since it was opened: choose it again.`;
    throw new FormatError(source.name, name, `expected ${end - begin} bytes, ${got}`);
  };
  return { dtype, shape, file: source.name, read };
}

/** Tensors that are held already, for whoever reads stored ones. */
export function storedTensors(
  tensors: ReadonlyMap<string, Tensor>,
  file = "weights",
): Map<string, StoredTensor> {
  const stored = (tensor: Tensor): StoredTensor => ({
    dtype: tensor.dtype,
    shape: tensor.shape,
    file,
    read: async (begin, end) => new Uint8Array(tensor.bytes.subarray(begin, end)),
  });
  return new Map([...tensors].map(([name, tensor]) => [name, stored(tensor)]));
}

/** Values that are held. */
export function storedValues(
  values: ReadonlyMap<string, Float32Array>,
  shapeOf: (name: string) => readonly number[],
): Map<string, StoredTensor> {
  const held = new Map<string, Tensor>();
  for (const [name, { buffer, byteOffset, byteLength }] of values) {
    held.set(name, {
      dtype: "F32",
      shape: shapeOf(name),
      bytes: new Uint8Array(buffer, byteOffset, byteLength),
    });
  }
  return storedTensors(held);
}

/** A stored tensor with all its bytes. */
export async function heldTensor(
  stored: StoredTensor,
): Promise<Tensor & { readonly bytes: Uint8Array<ArrayBuffer> }> {
  const { dtype, shape } = stored;
  return { dtype, shape, bytes: await stored.read() };
}

/** The matrix that was turned over last, until its end has been read: never more than one is held. */
let turned: { readonly matrix: StoredTensor; readonly bytes: Uint8Array<ArrayBuffer> } | undefined;

/** A stored matrix that is turned over when it is read, which takes all of it; once for parts that follow one another. */
export function transposedStored(matrix: StoredTensor): StoredTensor {
  const size = tensorBytes(matrix);
  const read = async (begin = 0, end = size) => {
    const known = turned?.matrix === matrix ? turned.bytes : undefined;
    const bytes = known ?? (await turnedOver(matrix));
    turned = end < size ? { matrix, bytes } : undefined;
    return begin === 0 && end === size ? bytes : bytes.slice(begin, end);
  };
  return { ...matrix, shape: matrix.shape.toReversed(), read };
}

async function turnedOver(matrix: StoredTensor): Promise<Uint8Array<ArrayBuffer>> {
  const held = await heldTensor(matrix);
  const { bytes } = transposed(held);
  discard(held.bytes);
  return bytes;
}

/** Rows from `begin` to before `end` of a matrix, or values of a vector. */
export function rowsOf(stored: StoredTensor, begin: number, end: number): StoredTensor {
  const [rows, ...rest] = stored.shape as [number, ...number[]];
  const rowBytes = tensorBytes(stored) / rows;
  const read = (from = 0, to = (end - begin) * rowBytes) =>
    stored.read(begin * rowBytes + from, begin * rowBytes + to);
  return { ...stored, shape: [end - begin, ...rest], read };
}

/** Matrices or vectors one below the other. */
export function stackedStored(parts: readonly StoredTensor[]): StoredTensor {
  const [first] = parts as [StoredTensor];
  const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const joined = joinedSource(first.file, parts.map(tensorSource));
  const read = (begin = 0, end = joined.sizeBytes) => joined.read(begin, end);
  return { ...first, shape: [rows, ...first.shape.slice(1)], read };
}

/** A tensor's bytes as a file would have them. */
export const tensorSource = (stored: StoredTensor): ByteSource => ({
  name: stored.file,
  sizeBytes: tensorBytes(stored),
  read: (begin, end) => stored.read(begin, end),
});

/** A stored tensor in another type, widened or rounded part by part. */
export function convertedStored(stored: StoredTensor, dtype: FloatDtype): StoredTensor {
  if (stored.dtype === dtype) return stored;
  const [from, to] = [dtypeBytes[stored.dtype], dtypeBytes[dtype]];
  const read = async (begin = 0, end = tensorBytes({ dtype, shape: stored.shape })) => {
    const [first, last] = [Math.floor(begin / to), Math.ceil(end / to)];
    const bytes = await stored.read(first * from, last * from);
    const values = toFloat32({ dtype: stored.dtype, shape: [last - first], bytes });
    return fromFloat32(values, dtype).subarray(begin - first * to, end - first * to);
  };
  return { ...stored, dtype, read };
}
