// A model's weights on the GPU, matrices in the 16 or 32 bits their file had or in fewer, each row padded to whole vec4s.
import type { ModelConfig } from "../formats/modelConfig";
import { heldTensor, type StoredTensor, type StoredTensors } from "../formats/storedTensor";
import { dtypeBytes, type Tensor as FileTensor, type FloatDtype, toFloat32 } from "../formats/tensor";
import type { Gpu } from "../gpu/device";
import { allocate, bufferOf, checkBindable, release } from "../gpu/memory";
import { isQuantised, NF4_BLOCK, type QuantisedDtype } from "../gpu/quantised";
import { type Dtype, pad4, parameterBytes, Storage, type Tensor } from "../gpu/tensor";
import { registerTiling, type Tiling } from "../gpu/tiling";
import { createQuantiser } from "../ops/quantise";
import { residentTensor } from "../ops/trace";
import { architectureOf } from "./architecture";

export interface ResidentModel {
  readonly config: ModelConfig;
  /** By Hugging Face name, e.g. model.layers.0.self_attn.q_proj.weight; linear weights as [out, in]. */
  readonly tensors: ReadonlyMap<string, Tensor>;
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
export function describeModel(weights: ModelWeights, tiling: Tiling = registerTiling): ResidentModel {
  return layOut(weights, tiling, (label, sizeBytes) => new Storage(label, sizeBytes, "resident"));
}

/** @throws GpuMemoryError with both numbers when a tensor is over what a kernel can bind */
export function checkModelFits(weights: ModelWeights, limits: GPUSupportedLimits): void {
  for (const { label, sizeBytes } of describeModel(weights).tensors.values())
    checkBindable(limits, label, sizeBytes);
}

/**
 * Copies all weights to the GPU, a part at a time.
 * @param onProgress fraction of bytes copied, 0 … 1
 * @throws GpuMemoryError before anything is copied when a tensor is over the adapter's limit or memory is short
 */
export async function uploadModel(
  gpu: Gpu,
  weights: ModelWeights,
  onProgress: (fraction: number) => void = () => {},
): Promise<ResidentModel> {
  const requests = [...describeModel(weights).tensors.values()];
  const storages = new Map((await allocate(gpu.device, requests)).map((storage) => [storage.label, storage]));
  const model = layOut(weights, gpu.tiling, (label) => storages.get(label)!);
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

async function uploadTensor(upload: Upload, { storage, dtype }: Tensor, stored: StoredTensor): Promise<void> {
  const { shape } = stored;
  if (shape.length === 1) {
    const values = toFloat32(await heldTensor(stored));
    return upload.write(storage, 0, padParameter(new Uint8Array(values.buffer), shape, 4));
  }
  const columns = pad4(shape[1]!);
  const quantiser = isQuantised(dtype) ? createQuantiser(columns, dtype) : undefined;
  let at = 0;
  for await (const { bytes, rows } of piecesOf(stored)) {
    const piece = [rows, shape[1]!];
    const written = quantiser
      ? quantiser.codes(paddedValues({ dtype: stored.dtype, shape: piece, bytes }))
      : padParameter(bytes, piece, dtypeBytes[stored.dtype]);
    await upload.write(storage, at, written);
    at += written.length;
  }
  if (quantiser) await upload.write(storage, at, quantiser.scales());
}

/** A matrix in pieces of whole rows, all but the last of a multiple of 64 values. */
async function* piecesOf(
  stored: StoredTensor,
): AsyncGenerator<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly rows: number }> {
  const [rows, columns] = stored.shape as [number, number];
  const rowBytes = columns * dtypeBytes[stored.dtype];
  const most = Math.max(NF4_BLOCK, NF4_BLOCK * Math.floor(PIECE_BYTES / rowBytes / NF4_BLOCK));
  for (let row = 0; row < rows; row += most) {
    const count = Math.min(most, rows - row);
    yield { bytes: await stored.read(row * rowBytes, (row + count) * rowBytes), rows: count };
  }
}

function paddedValues(piece: FileTensor): Float32Array {
  const values = new Uint8Array(toFloat32(piece).buffer);
  return new Float32Array(padParameter(values, piece.shape, 4).buffer);
}

function layOut(
  weights: ModelWeights,
  tiling: Tiling,
  place: (label: string, sizeBytes: number) => Storage,
): ResidentModel {
  const dtypeOf = residentDtypes(weights);
  const placed = new Map<string, Tensor>();
  let sizeBytes = 0;
  for (const [name, { shape }] of weights.tensors) {
    const dtype = dtypeOf(name);
    const bytes = parameterBytes(shape, dtype);
    placed.set(name, residentTensor(name, shape, dtype, place(name, bytes)));
    sizeBytes += bytes;
  }
  return {
    config: weights.config,
    tensors: placed,
    sizeBytes,
    tiling,
    release: () => release([...placed.values()].map((t) => t.storage)),
  };
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
