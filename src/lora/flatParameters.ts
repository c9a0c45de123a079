// Named f32 parameters in one flat GPU buffer: an adapter's factors, or whatever else a method trains.
import type { StoredTensor } from "../formats/storedTensor";
import type { Gpu } from "../gpu/device";
import { allocate, bufferOf, readBuffer, release } from "../gpu/memory";
import { parameterBytes, type Storage, type Tensor } from "../gpu/tensor";
import { cropParameter, padParameter } from "../models/residentModel";
import { residentStored } from "../models/residentValues";
import { type TrainableLayout, tensorsOf } from "./layout";

export class FlatParameters {
  readonly tensors: ReadonlyMap<string, Tensor>;

  constructor(
    readonly layout: TrainableLayout,
    readonly storage: Storage,
    /** Where the parameters begin in the storage, which may hold others too. */
    readonly firstByte = 0,
  ) {
    this.tensors = tensorsOf(layout, storage, firstByte);
  }

  /** @throws GpuMemoryError when there is no room. */
  static async create(gpu: Gpu, layout: TrainableLayout, label: string): Promise<FlatParameters> {
    const [storage] = await allocate(gpu.device, [{ label, sizeBytes: layout.sizeBytes }]);
    return new FlatParameters(layout, storage!);
  }

  /** Overwrites all entries. @throws when one is missing or has another number of values than its shape says. */
  write(gpu: Gpu, values: ReadonlyMap<string, Float32Array>): void {
    for (const { name, shape, offsetBytes } of this.layout.entries) {
      const given = values.get(name);
      const count = shape.reduce((product, size) => product * size, 1);
      if (given?.length !== count) {
        throw new Error(`${name}: expected ${count} values, got ${given ? given.length : "none"}`);
      }
      const bytes = new Uint8Array(given.buffer as ArrayBuffer, given.byteOffset, given.byteLength);
      const padded = padParameter(bytes, shape, 4);
      gpu.device.queue.writeBuffer(bufferOf(this.storage), this.firstByte + offsetBytes, padded);
    }
  }

  /** Values by name, without padding. Waits for the GPU. */
  async read(gpu: Gpu): Promise<Map<string, Float32Array<ArrayBuffer>>> {
    const bytes = await readBuffer(gpu.device, this.storage, this.firstByte, this.layout.sizeBytes);
    return new Map(
      this.layout.entries.map(({ name, shape, offsetBytes }) => {
        const padded = new Float32Array(bytes, offsetBytes, parameterBytes(shape) / 4);
        return [name, cropParameter(padded, shape)];
      }),
    );
  }

  /** The same as tensors, each read from the GPU when it is asked for. */
  stored(gpu: Gpu): Map<string, StoredTensor> {
    return new Map(
      this.layout.entries.map(({ name, shape, offsetBytes }) => [
        name,
        residentStored(gpu, shape, this.storage, this.firstByte + offsetBytes),
      ]),
    );
  }

  release(): void {
    release([this.storage]);
  }
}
