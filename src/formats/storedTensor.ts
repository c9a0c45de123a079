// Tensors that stay where they lie until somebody reads them, one at a time or in parts: a model larger than memory
// passes through it in pieces.
import { type ByteSource, discard } from "./byteSource";
import { FormatError } from "./formatError";
import { type Dtype, type Tensor, tensorBytes, transposed } from "./tensor";

export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** The file it lies in, for messages. */
  readonly file: string;
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

/** A stored tensor with all its bytes. */
export async function heldTensor(
  stored: StoredTensor,
): Promise<Tensor & { readonly bytes: Uint8Array<ArrayBuffer> }> {
  const { dtype, shape } = stored;
  return { dtype, shape, bytes: await stored.read() };
}

/** A stored matrix that is turned over whenever it is read, which takes all of it. */
export function transposedStored(matrix: StoredTensor): StoredTensor {
  const { dtype, shape, file } = matrix;
  const read = async (begin?: number, end?: number) => {
    const held = await heldTensor(matrix);
    const { bytes } = transposed(held);
    discard(held.bytes);
    return bytes.subarray(begin, end) as Uint8Array<ArrayBuffer>;
  };
  return { dtype, shape: shape.toReversed(), file, read };
}
