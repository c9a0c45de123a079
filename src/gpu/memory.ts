// Every GPU buffer of the engine is created here: checked against the device's limits, and refused as a whole
// when the GPU has no room, so that nothing half-allocated stays behind.
import { Storage } from "./tensor";

/** A model, batch or buffer that the adapter cannot hold; the message has both numbers. */
export class GpuMemoryError extends Error {
  override name = "GpuMemoryError";
}

export const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/** The most bytes that a kernel can bind of one buffer on a device with these limits. */
export const bindableBytes = ({ maxStorageBufferBindingSize, maxBufferSize }: GPUSupportedLimits): number =>
  Math.min(maxStorageBufferBindingSize, maxBufferSize);

/** @throws GpuMemoryError when one buffer of `sizeBytes` is over what a kernel can bind. */
export function checkBindable(
  mostBytes: number,
  label: string,
  sizeBytes: number,
  remedy = "choose a smaller model, batch or sequence length",
): void {
  if (sizeBytes > mostBytes) {
    throw new GpuMemoryError(
      `GPU memory: ${label} needs ${megabytes(sizeBytes)}, this adapter binds at most ${megabytes(mostBytes)} at once; ${remedy}`,
    );
  }
}

export interface StorageRequest {
  readonly label: string;
  readonly sizeBytes: number;
  readonly usage?: GPUBufferUsageFlags;
}

/**
 * Allocates all requested storages or none.
 * @throws GpuMemoryError naming the limit or the total that did not fit.
 */
export async function allocate(device: GPUDevice, requests: readonly StorageRequest[]): Promise<Storage[]> {
  const mostBytes = bindableBytes(device.limits);
  for (const { label, sizeBytes } of requests) checkBindable(mostBytes, label, sizeBytes);
  device.pushErrorScope("out-of-memory");
  const storages = requests.map(({ label, sizeBytes, usage = 0 }) => {
    const size = Math.max(16, Math.ceil(sizeBytes / 16) * 16);
    const buffer = device.createBuffer({
      label,
      size,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC | usage,
    });
    return new Storage(label, size, "resident", buffer);
  });
  const error = await device.popErrorScope();
  if (error) {
    for (const { buffer } of storages) buffer?.destroy();
    const total = requests.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    throw new GpuMemoryError(
      `GPU memory: expected room for ${megabytes(total)} (${requests.length} buffers), the GPU refused: ${error.message}`,
    );
  }
  return storages;
}

/** Copies a range of a buffer to the CPU, waiting for all work submitted so far. */
export async function readBuffer(
  device: GPUDevice,
  storage: Storage,
  offsetBytes = 0,
  sizeBytes = storage.sizeBytes - offsetBytes,
): Promise<ArrayBuffer> {
  const staging = device.createBuffer({
    size: sizeBytes,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(bufferOf(storage), offsetBytes, staging, 0, sizeBytes);
  device.queue.submit([encoder.finish()]);
  try {
    await staging.mapAsync(GPUMapMode.READ);
    return staging.getMappedRange().slice(0);
  } finally {
    staging.destroy();
  }
}

/** The buffer behind a storage. @throws when it has not been planned or was released. */
export function bufferOf(storage: Storage): GPUBuffer {
  if (!storage.buffer)
    throw new Error(`buffer ${storage.label}: expected a planned storage, got one without a buffer`);
  return storage.buffer;
}

/** Frees the buffers now instead of whenever they are collected. */
export function release(storages: Iterable<Storage>): void {
  for (const storage of storages) {
    storage.buffer?.destroy();
    storage.buffer = undefined;
  }
}
