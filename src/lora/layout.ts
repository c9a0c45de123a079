// Everything a method trains lies in one flat buffer, so that the gradient norm takes two dispatches and the
// update one, and a checkpoint is one read.
import { parameterBytes, type Storage, type Tensor } from "../gpu/tensor";
import { residentTensor } from "../ops/trace";

export interface TrainableEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offsetBytes: number;
}

export interface TrainableLayout {
  readonly entries: readonly TrainableEntry[];
  /** Bytes of the flat f32 buffer, padding included. */
  readonly sizeBytes: number;
  /** Trained values, without padding. */
  readonly parameterCount: number;
}

/** WebGPU's alignment of a binding's offset. */
export const ALIGNMENT = 256;

/** Places parameters behind each other in the given order, each at an offset that a kernel can bind. */
export function layOutTrainable(
  parameters: Iterable<readonly [name: string, shape: readonly number[]]>,
): TrainableLayout {
  const entries: TrainableEntry[] = [];
  let sizeBytes = 0;
  let parameterCount = 0;
  for (const [name, shape] of parameters) {
    entries.push({ name, shape, offsetBytes: sizeBytes });
    sizeBytes += Math.ceil(parameterBytes(shape) / ALIGNMENT) * ALIGNMENT;
    parameterCount += shape.reduce((product, size) => product * size, 1);
  }
  return { entries, sizeBytes, parameterCount };
}

/** The entries as tensors in a flat storage, by name. @param firstByte where the layout begins in it */
export function tensorsOf(layout: TrainableLayout, storage: Storage, firstByte = 0): Map<string, Tensor> {
  return new Map(
    layout.entries.map(({ name, shape, offsetBytes }) => [
      name,
      residentTensor(name, shape, "f32", storage, firstByte + offsetBytes),
    ]),
  );
}
