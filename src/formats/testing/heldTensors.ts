// All tensors of a model in memory, for tests to compare.
import { heldTensor, type StoredTensors } from "../storedTensor";
import type { Tensor } from "../tensor";

export async function heldTensors({
  tensors,
}: {
  readonly tensors: StoredTensors;
}): Promise<Map<string, Tensor>> {
  const held = new Map<string, Tensor>();
  for (const [name, stored] of tensors) held.set(name, await heldTensor(stored));
  return held;
}
