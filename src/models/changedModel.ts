// Changed weights as a whole Hugging Face folder: what was not changed is widened or rounded to the same type.
import type { ByteSource } from "../formats/byteSource";
import { convertedStored, type StoredTensor, type StoredTensors } from "../formats/storedTensor";
import type { FloatDtype } from "../formats/tensor";
import { type FolderFiles, writeModelFolder } from "./modelFolder";
import type { ModelWeights } from "./residentModel";

export interface ChangedModel {
  readonly folder: ModelWeights;
  /** Tokenizer and other files that go with the weights. */
  readonly companions: FolderFiles;
}

/**
 * The folder's files, all tensors in one type; the weights are made as they are read, a part at a time.
 * @param changed what stands in for the model's own, by tensor name
 * @param dtype F32 unless asked otherwise: 16 bits round small updates away
 * @throws RangeError, when it is read, where a value does not fit the type
 */
export function changedModelFiles(
  { folder, companions }: ChangedModel,
  changed: StoredTensors,
  dtype: FloatDtype,
): Map<string, Uint8Array | ByteSource> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, stored] of folder.tensors) {
    const source = changed.get(name) ?? stored;
    const converted = convertedStored(source, dtype);
    tensors.set(name, dtype === "F16" && source !== converted ? finite(name, converted) : converted);
  }
  return writeModelFolder({ config: folder.config, tensors }, companions);
}

/** Refuses a part with a value that F16 has no room for. */
function finite(name: string, stored: StoredTensor): StoredTensor {
  const read = async (begin = 0, end?: number) => {
    const bytes = await stored.read(begin, end);
    for (let at = (begin + 1) % 2; at < bytes.length; at += 2) {
      if ((bytes[at]! & 0x7c) !== 0x7c) continue;
      const remedy = "choose f32 or bf16";
      throw new RangeError(`${name}: expected values up to 65504 for f16, got larger ones; ${remedy}`);
    }
    return bytes;
  };
  return { ...stored, read };
}
