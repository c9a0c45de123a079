// Changed weights as a whole Hugging Face folder: what was not changed is widened or rounded to the same type.
import { heldTensor } from "../formats/storedTensor";
import { type FloatDtype, fromFloat32, type Tensor, toFloat32 } from "../formats/tensor";
import { type FolderFiles, writeModelFolder } from "./modelFolder";
import type { ModelWeights } from "./residentModel";

export interface ChangedModel {
  readonly folder: ModelWeights;
  /** Tokenizer and other files that go with the weights. */
  readonly companions: FolderFiles;
}

/**
 * The folder's files, all tensors in one type.
 * @param changed values that stand in for the model's own, by tensor name
 * @param dtype F32 unless asked otherwise: 16 bits round small updates away
 * @throws RangeError when a value does not fit the type
 */
export async function changedModelFiles(
  { folder, companions }: ChangedModel,
  changed: ReadonlyMap<string, Float32Array>,
  dtype: FloatDtype,
): Promise<Map<string, Uint8Array>> {
  const tensors = new Map<string, Tensor>();
  for (const [name, stored] of folder.tensors) {
    const { shape } = stored;
    const values = changed.get(name);
    if (!values && stored.dtype === dtype) {
      tensors.set(name, await heldTensor(stored));
      continue;
    }
    const bytes = fromFloat32(values ?? toFloat32(await heldTensor(stored)), dtype);
    if (dtype === "F16") checkFinite(name, bytes);
    tensors.set(name, { dtype, shape, bytes });
  }
  return writeModelFolder({ config: folder.config, tensors }, companions);
}

function checkFinite(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const overflows = new Uint16Array(bytes.buffer).some((half) => (half & 0x7c00) === 0x7c00);
  if (overflows) {
    throw new RangeError(`${name}: expected values up to 65504 for f16, got larger ones; choose f32 or bf16`);
  }
}
