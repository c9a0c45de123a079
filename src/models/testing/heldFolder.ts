// A model folder whose weights are held, written whole: what tests begin with, and what a folder written in parts must
// be to the byte.
import { type ModelConfig, writeModelConfig } from "../../formats/modelConfig";
import { writeSafetensors } from "../../formats/safetensors";
import { type FloatDtype, type Tensor, transposed } from "../../formats/tensor";
import { familyOf } from "../families";

/** Weights that are held, linear ones as [out, in]. */
export interface HeldWeights {
  readonly config: ModelConfig;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

export function heldFolder(
  { config, tensors }: HeldWeights,
  companions: ReadonlyMap<string, Uint8Array>,
): Map<string, Uint8Array> {
  const { embedding, transposed: isTransposed } = familyOf(config);
  const stored = new Map(
    [...tensors].map(([name, tensor]) => [name, isTransposed?.test(name) ? transposed(tensor) : tensor]),
  );
  return new Map([
    ...companions,
    ["config.json", writeModelConfig(config, tensors.get(embedding)!.dtype as FloatDtype)],
    ["model.safetensors", writeSafetensors(stored, { format: "pt" })],
  ]);
}
