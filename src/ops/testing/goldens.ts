// Op goldens by variant: what oracle/opGoldens.py stored, widened to float64.
import { loadGolden } from "../../../oracle/goldens";
import { readSafetensors } from "../../formats/safetensors";
import { toFloat32 } from "../../formats/tensor";

export interface Golden {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** Tensors of one variant; asking for one that is not there throws. */
export class GoldenVariant {
  constructor(
    readonly name: string,
    readonly tensors: ReadonlyMap<string, Golden>,
  ) {}

  has(tensor: string): boolean {
    return this.tensors.has(tensor);
  }

  get(tensor: string): Golden {
    const golden = this.tensors.get(tensor);
    if (!golden) throw new Error(`golden ${this.name}: expected a tensor ${tensor}, got none`);
    return golden;
  }

  /** A tensor of shape [1]. */
  scalar(tensor: string): number {
    return this.get(tensor).values[0]!;
  }
}

/** @param op name of a file in oracle/goldens, without its ending. */
export async function loadVariants(op: string): Promise<GoldenVariant[]> {
  const file = `${op}.safetensors`;
  const variants = new Map<string, Map<string, Golden>>();
  for (const [name, tensor] of readSafetensors(await loadGolden(file), file).tensors) {
    const [variant, key] = name.split(".") as [string, string];
    const values =
      tensor.dtype === "I32" ? new Int32Array(new Uint8Array(tensor.bytes).buffer) : toFloat32(tensor);
    if (!variants.has(variant)) variants.set(variant, new Map());
    variants.get(variant)!.set(key, { shape: tensor.shape, values: Float64Array.from(values) });
  }
  return [...variants].map(([name, tensors]) => new GoldenVariant(name, tensors));
}
