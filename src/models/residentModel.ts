// A model's weights on the GPU, matrices in the 16 or 32 bits their file had or in fewer, each row padded to whole vec4s;
// what is over the GPU's binding limit in blocks of rows.
import { discard } from "../formats/byteSource";
import type { ModelConfig } from "../formats/modelConfig";
import { heldTensor, type StoredTensor, type StoredTensors } from "../formats/storedTensor";
import { dtypeBytes, type Tensor as FileTensor, type FloatDtype, toFloat32 } from "../formats/tensor";
import type { Gpu, PlanTarget } from "../gpu/device";
import { allocate, bufferOf, checkBindable, release } from "../gpu/memory";
import { isQuantised, NF4_BLOCK, type QuantisedDtype } from "../gpu/quantised";
import { type Dtype, pad4, parameterBytes, Storage, type Tensor } from "../gpu/tensor";
import { registerTiling, type Tiling } from "../gpu/tiling";
import { createQuantiser } from "../ops/quantise";
import { residentWeight, rowBlocks } from "../ops/rowBlocks";
import { architectureOf } from "./architecture";

export interface ResidentModel {
  readonly config: ModelConfig;
  /** By Hugging Face name, e.g. model.layers.0.self_attn.q_proj.weight; linear weights as [out, in]. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** What the tensors lie in: one each, or one for each of their blocks. */
  readonly storages: readonly Storage[];
  readonly sizeBytes: number;
  /** The matrix kernels that suit the GPU it is on. */
  readonly tiling: Tiling;
  /** Frees the weights; programs that use them cannot be replayed afterwards. */
  release(): void;
}

const dtypes: Readonly<Record<FloatDtype, Dtype>> = { F32: "f32", F16: "f16", BF16: "bf16" };

/** A model before it is on the GPU; see modelFolder. */
export interface ModelWeights {
  readonly config: ModelConfig;
  /** Exactly the tensors of `architectureOf(config)`, linear weights as [out, in], in F32, F16 or BF16. */
  readonly tensors: StoredTensors;
  /**
   * Keeps the weights of linear layers in fewer bits on the GPU, as bitsandbytes does: not the embedding, the head,
   * norms or biases. What files hold stays as it is.
   */
  readonly quantisation?: QuantisedDtype | undefined;
}

/** How each tensor is kept: linear weights as asked for, other matrices as in their file, vectors, few, in f32. */
function residentDtypes({ config, tensors, quantisation }: ModelWeights): (name: string) => Dtype {
  const { linears } = architectureOf(config);
  return (name) => {
    const { dtype, shape } = tensors.get(name)!;
    if (shape.length === 1) return "f32";
    const isLinear = linears.has(name.replace(/[.]weight$/, ""));
    return quantisation && isLinear ? quantisation : dtypes[dtype as FloatDtype];
  };
}

/** The places of the weights without a GPU: enough to trace a step and to estimate memory. */
export function describeModel(weights: ModelWeights, target: PlanTarget = {}): ResidentModel {
  return layOut(weights, target, (label, sizeBytes) => new Storage(label, sizeBytes, "resident"));
}

/** @throws GpuMemoryError with both numbers when even a few rows of a tensor are over what a kernel can bind */
export function checkModelFits(weights: ModelWeights, gpu: Pick<Gpu, "maxBindingBytes">): void {
  for (const { label, sizeBytes } of describeModel(weights, gpu).storages)
    checkBindable(gpu.maxBindingBytes, label, sizeBytes);
}

/**
 * Copies all weights to the GPU, a part at a time.
 * @param onProgress fraction of bytes copied, 0 … 1
 * @throws GpuMemoryError before anything is copied when memory is short
 */
export async function uploadModel(
  gpu: Gpu,
  weights: ModelWeights,
  onProgress: (fraction: number) => void = () => {},
): Promise<ResidentModel> {
  const { storages } = describeModel(weights, gpu);
  const allocated = new Map(
    (await allocate(gpu.device, storages)).map((storage) => [storage.label, storage]),
  );
  const model = layOut(weights, gpu, (label) => allocated.get(label)!);
  const upload = new Upload(gpu, (bytes) => onProgress(bytes / model.sizeBytes));
  try {
    for (const [name, stored] of weights.tensors)
      await uploadTensor(upload, model.tensors.get(name)!, stored);
  } catch (error) {
    model.release();
    throw error;
  }
  return model;
}

/** Bytes of a tensor that are in memory at once, and bytes that wait for the GPU. */
const PIECE_BYTES = 2 ** 23;

/** Writes to the GPU no faster than it takes them, since what waits is held in memory. */
class Upload {
  #written = 0;
  #waiting = 0;

  constructor(
    readonly gpu: Gpu,
    readonly onProgress: (writtenBytes: number) => void,
  ) {}

  async write(storage: Storage, offsetBytes: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { queue } = this.gpu.device;
    queue.writeBuffer(bufferOf(storage), offsetBytes, bytes);
    this.#written += bytes.length;
    this.#waiting += bytes.length;
    if (this.#waiting > PIECE_BYTES) {
      queue.submit([]);
      await queue.onSubmittedWorkDone();
      this.#waiting = 0;
    }
    this.onProgress(this.#written);
  }
}

async function uploadTensor(upload: Upload, tensor: Tensor, stored: StoredTensor): Promise<void> {
  if (stored.shape.length === 1) {
    const held = await heldTensor(stored);
    const values = toFloat32(held);
    const padded = padParameter(new Uint8Array(values.buffer), stored.shape, 4);
    await upload.write(tensor.storage, 0, padded);
    for (const used of [held.bytes, values]) discard(used);
    return;
  }
  for (const { block, firstRow } of rowBlocks(tensor)) await uploadRows(upload, block, firstRow, stored);
}

/** Fills a block with the rows of `stored` from `firstRow` on. */
async function uploadRows(
  upload: Upload,
  { storage, dtype, shape }: Tensor,
  firstRow: number,
  stored: StoredTensor,
): Promise<void> {
  const [count, columns] = shape as [number, number];
  const quantiser = isQuantised(dtype) ? createQuantiser(pad4(columns), dtype) : undefined;
  let at = 0;
  for await (const { bytes, rows } of piecesOf(stored, firstRow, count)) {
    const piece = [rows, columns];
    const values = quantiser && paddedValues({ dtype: stored.dtype, shape: piece, bytes });
    const written = values ? quantiser.codes(values) : padParameter(bytes, piece, dtypeBytes[stored.dtype]);
    await upload.write(storage, at, written);
    at += written.length;
    for (const used of [bytes, values, written]) if (used) discard(used);
  }
  if (quantiser) await upload.write(storage, at, quantiser.scales());
}

/** Rows first … first + count of a matrix in pieces, all but the last of a multiple of 64 values. */
async function* piecesOf(
  stored: StoredTensor,
  first: number,
  count: number,
): AsyncGenerator<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly rows: number }> {
  const rowBytes = stored.shape[1]! * dtypeBytes[stored.dtype];
  const most = Math.max(NF4_BLOCK, NF4_BLOCK * Math.floor(PIECE_BYTES / rowBytes / NF4_BLOCK));
  for (let row = first; row < first + count; row += most) {
    const end = Math.min(row + most, first + count);
    yield { bytes: await stored.read(row * rowBytes, end * rowBytes), rows: end - row };
  }
}

function paddedValues(piece: FileTensor): Float32Array<ArrayBuffer> {
  const values = new Uint8Array(toFloat32(piece).buffer);
  return new Float32Array(padParameter(values, piece.shape, 4).buffer);
}

function layOut(
  weights: ModelWeights,
  { tiling = registerTiling, maxBindingBytes = Number.POSITIVE_INFINITY }: PlanTarget,
  place: (label: string, sizeBytes: number) => Storage,
): ResidentModel {
  const dtypeOf = residentDtypes(weights);
  const tensors = new Map<string, Tensor>();
  const storages: Storage[] = [];
  let sizeBytes = 0;
  const placed = (label: string, bytes: number) => {
    const storage = place(label, bytes);
    storages.push(storage);
    sizeBytes += bytes;
    return storage;
  };
  for (const [name, { shape }] of weights.tensors)
    tensors.set(name, residentWeight(name, shape, dtypeOf(name), maxBindingBytes, placed));
  const { config } = weights;
  return { config, tensors, storages, sizeBytes, tiling, release: () => release(storages) };
}

/** Row-major bytes of a vector or matrix with every dimension zero-padded to a multiple of four; as they are if none is. */
export function padParameter(
  bytes: Uint8Array<ArrayBuffer>,
  shape: readonly number[],
  elementBytes: number,
): Uint8Array<ArrayBuffer> {
  const [rows, columns] = shape.length === 1 ? [1, shape[0]!] : (shape as [number, number]);
  if (shape.every((size) => size % 4 === 0)) return bytes;
  const padded = new Uint8Array(parameterBytes(shape) * (elementBytes / 4));
  const rowBytes = columns * elementBytes;
  const stride = pad4(columns) * elementBytes;
  for (let row = 0; row < rows; row++) {
    padded.set(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), row * stride);
  }
  return padded;
}

/** The inverse of padParameter for f32 values. */
export function cropParameter(padded: Float32Array, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const [rows, columns] = shape.length === 1 ? [1, shape[0]!] : (shape as [number, number]);
  const stride = pad4(columns);
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    values.set(padded.subarray(row * stride, row * stride + columns), row * columns);
  }
  return values;
}
