// Values that lie on the GPU as stored tensors: read from there in rows when they are asked for, so that a model is
// written without being held.
import type { StoredTensor } from "../formats/storedTensor";
import { tensorBytes } from "../formats/tensor";
import type { Gpu } from "../gpu/device";
import { readBuffer } from "../gpu/memory";
import { pad4, type Storage } from "../gpu/tensor";
import { cropParameter } from "./residentModel";

/** A parameter in f32, without its padding. @param offsetBytes where it begins in the storage */
export function residentStored(
  gpu: Gpu,
  shape: readonly number[],
  storage: Storage,
  offsetBytes: number,
): StoredTensor {
  const columns = shape.at(-1)!;
  const rowBytes = 4 * columns;
  const strideBytes = 4 * pad4(columns);
  const read = async (begin = 0, end = tensorBytes({ dtype: "F32", shape })) => {
    const [first, last] = [Math.floor(begin / rowBytes), Math.ceil(end / rowBytes)];
    if (last <= first) return new Uint8Array();
    const at = offsetBytes + first * strideBytes;
    const padded = await readBuffer(gpu.device, storage, at, (last - first) * strideBytes);
    const values = cropParameter(new Float32Array(padded), [last - first, columns]);
    return new Uint8Array(values.buffer).subarray(begin - first * rowBytes, end - first * rowBytes);
  };
  return { dtype: "F32", shape, file: storage.label, read };
}
