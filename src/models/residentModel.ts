// A model's weights on the GPU, matrices in the 16 or 32 bits their file had, each row padded to whole vec4s.
import type { ModelConfig } from "../formats/modelConfig";
import { type Tensor as FileTensor, type FloatDtype, toFloat32 } from "../formats/tensor";
import type { Gpu } from "../gpu/device";
import { allocate, bufferOf, release } from "../gpu/memory";
import { bytesOf, type Dtype, pad4, parameterBytes, Storage, type Tensor } from "../gpu/tensor";
import { registerTiling, type Tiling } from "../gpu/tiling";
import { residentTensor } from "../ops/trace";

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

/** Matrices keep their file's type; vectors (biases, norms) are few and become f32. */
const residentDtype = ({ dtype, shape }: FileTensor): Dtype =>
  shape.length === 1 ? "f32" : dtypes[dtype as FloatDtype];

/** A model before it is on the GPU; see modelFolder. */
export interface ModelWeights {
  readonly config: ModelConfig;
  /** Exactly the tensors of `architectureOf(config)`, linear weights as [out, in], in F32, F16 or BF16. */
  readonly tensors: ReadonlyMap<string, FileTensor>;
}

/** The places of the weights without a GPU: enough to trace a step and to estimate memory. */
export function describeModel(
  { config, tensors }: ModelWeights,
  tiling: Tiling = registerTiling,
): ResidentModel {
  return layOut(config, tensors, tiling, (label, sizeBytes) => new Storage(label, sizeBytes, "resident"));
}

/**
 * Copies all weights to the GPU.
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
  const model = layOut(config, tensors, gpu.tiling, (label) => storages.get(label)!);
  let done = 0;
  for (const [name, tensor] of tensors) {
    const bytes = tensor.shape.length === 1 ? new Uint8Array(toFloat32(tensor).buffer) : tensor.bytes;
    const padded = padParameter(bytes, tensor.shape, bytesOf(residentDtype(tensor)));
    gpu.device.queue.writeBuffer(bufferOf(storages.get(name)!), 0, padded);
    done += padded.byteLength;
    onProgress(done / model.sizeBytes);
  }
  return model;
}

function layOut(
  config: ModelConfig,
  tensors: ReadonlyMap<string, FileTensor>,
  tiling: Tiling,
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
    tiling,
    release: () => release([...placed.values()].map((t) => t.storage)),
  };
}

/** Row-major bytes of a vector or matrix with every dimension zero-padded to a multiple of four. */
export function padParameter(
  bytes: Uint8Array,
  shape: readonly number[],
  elementBytes: number,
): Uint8Array<ArrayBuffer> {
  const [rows, columns] = shape.length === 1 ? [1, shape[0]!] : (shape as [number, number]);
  if (shape.every((size) => size % 4 === 0)) return new Uint8Array(bytes);
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
