// A model's weights on the GPU, matrices in the 16 or 32 bits their file had, each row padded to whole vec4s.
import type { ModelConfig } from "../formats/modelConfig";
import type { StoredTensor, StoredTensors } from "../formats/storedTensor";
import { dtypeBytes, type FloatDtype, toFloat32 } from "../formats/tensor";
import type { Gpu } from "../gpu/device";
import { allocate, bufferOf, checkBindable, release } from "../gpu/memory";
import { bytesOf, type Dtype, pad4, parameterBytes, Storage, type Tensor } from "../gpu/tensor";
import { residentTensor } from "../ops/trace";

export interface ResidentModel {
  readonly config: ModelConfig;
  /** By Hugging Face name, e.g. model.layers.0.self_attn.q_proj.weight; linear weights as [out, in]. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly sizeBytes: number;
  /** Frees the weights; programs that use them cannot be replayed afterwards. */
  release(): void;
}

const dtypes: Readonly<Record<FloatDtype, Dtype>> = { F32: "f32", F16: "f16", BF16: "bf16" };

/** Matrices keep their file's type; vectors (biases, norms) are few and become f32. */
const residentDtype = ({ dtype, shape }: Pick<StoredTensor, "dtype" | "shape">): Dtype =>
  shape.length === 1 ? "f32" : dtypes[dtype as FloatDtype];

/** A model before it is on the GPU; see modelFolder. */
export interface ModelWeights {
  readonly config: ModelConfig;
  /** Exactly the tensors of `architectureOf(config)`, linear weights as [out, in], in F32, F16 or BF16. */
  readonly tensors: StoredTensors;
}

/** The places of the weights without a GPU: enough to trace a step and to estimate memory. */
export function describeModel({ config, tensors }: ModelWeights): ResidentModel {
  return layOut(config, tensors, (label, sizeBytes) => new Storage(label, sizeBytes, "resident"));
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
  { config, tensors }: ModelWeights,
  onProgress: (fraction: number) => void = () => {},
): Promise<ResidentModel> {
  const requests = [...tensors].map(([label, tensor]) => ({
    label,
    sizeBytes: parameterBytes(tensor.shape, residentDtype(tensor)),
  }));
  const storages = new Map((await allocate(gpu.device, requests)).map((storage) => [storage.label, storage]));
  const model = layOut(config, tensors, (label) => storages.get(label)!);
  const upload = new Upload(gpu, (bytes) => onProgress(bytes / model.sizeBytes));
  try {
    for (const [name, tensor] of tensors) await uploadTensor(upload, storages.get(name)!, tensor);
  } catch (error) {
    model.release();
    throw error;
  }
  return model;
}

/** Bytes of a tensor that are in memory at once, and bytes that wait for the GPU. */
const PIECE_BYTES = 2 ** 24;

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

async function uploadTensor(upload: Upload, storage: Storage, stored: StoredTensor): Promise<void> {
  const { dtype, shape } = stored;
  const resident = residentDtype(stored);
  if (shape.length === 1) {
    const values = toFloat32({ dtype, shape, bytes: await stored.read() });
    return upload.write(storage, 0, padParameter(new Uint8Array(values.buffer), shape, 4));
  }
  const [rows, columns] = shape as [number, number];
  const rowBytes = columns * dtypeBytes[dtype];
  const strideBytes = pad4(columns) * bytesOf(resident);
  const pieceRows = Math.max(4, 4 * Math.floor(PIECE_BYTES / rowBytes / 4));
  for (let row = 0; row < rows; row += pieceRows) {
    const count = Math.min(pieceRows, rows - row);
    const bytes = await stored.read(row * rowBytes, (row + count) * rowBytes);
    await upload.write(storage, row * strideBytes, padParameter(bytes, [count, columns], bytesOf(resident)));
  }
}

function layOut(
  config: ModelConfig,
  tensors: StoredTensors,
  place: (label: string, sizeBytes: number) => Storage,
): ResidentModel {
  const placed = new Map<string, Tensor>();
  let sizeBytes = 0;
  for (const [name, tensor] of tensors) {
    const dtype = residentDtype(tensor);
    const bytes = parameterBytes(tensor.shape, dtype);
    placed.set(name, residentTensor(name, tensor.shape, dtype, place(name, bytes)));
    sizeBytes += bytes;
  }
  return {
    config,
    tensors: placed,
    sizeBytes,
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
