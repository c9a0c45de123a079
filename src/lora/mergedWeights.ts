// An adapter merged into the weights it adapts, a tensor at a time: whoever writes the result never holds more of the
// model than one of them.
import type { PeftAdapter } from "../formats/peft";
import type { StoredTensor } from "../formats/storedTensor";
import { tensorBytes } from "../formats/tensor";
import type { Gpu } from "../gpu/device";
import { describeModel, type ModelWeights, uploadModel } from "../models/residentModel";
import { residentStored } from "../models/residentValues";
import { checkMergeable, mergeAdapter, uploadAdapter } from "./residentAdapter";

export interface MergedTensors {
  /** W + scaling·B·A of the adapted weights by name, [out, in] in F32, computed when they are read. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  release(): void;
}

/** @throws FormatError naming the first module that does not fit; as mergeAdapter, before anything is computed */
export async function mergedWeights(
  gpu: Gpu,
  weights: ModelWeights,
  adapter: PeftAdapter,
): Promise<MergedTensors> {
  const described = describeModel(weights, gpu);
  const resident = await uploadAdapter(gpu, described, adapter);
  checkMergeable(gpu, described, resident);
  /** The tensor that is read, until its end has been. */
  let merged: { readonly name: string; readonly stored: StoredTensor; release(): void } | undefined;
  const release = () => {
    merged?.release();
    merged = undefined;
  };
  const tensors = new Map<string, StoredTensor>();
  for (const module of resident.modules) {
    const name = `${module.path}.weight`;
    const base = weights.tensors.get(name)!;
    const size = tensorBytes({ dtype: "F32", shape: base.shape });
    const read = async (begin = 0, end = size) => {
      if (merged?.name !== name) {
        release();
        const model = await uploadModel(gpu, { ...weights, tensors: new Map([[name, base]]) });
        const made = await mergeAdapter(gpu, model, { ...resident, modules: [module] });
        model.release();
        const { storage } = made.tensors.get(name)!;
        merged = { name, stored: residentStored(gpu, base.shape, storage, 0), release: made.release };
      }
      const bytes = await merged.stored.read(begin, end);
      if (end === size) release();
      return bytes;
    };
    tensors.set(name, { ...base, dtype: "F32", read });
  }
  return {
    tensors,
    release: () => {
      release();
      resident.release();
    },
  };
}
