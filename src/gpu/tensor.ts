// Symbolic tensors: a shape and a place. While a step is traced, only sizes are known; the plan gives places.

import { isQuantised, type QuantisedDtype, quantisedLayout } from "./quantised";

/** Types whose elements lie side by side. */
export type PlainDtype = "f32" | "u32" | "f16" | "bf16";
export type Dtype = PlainDtype | QuantisedDtype;

/**
 * Bytes that belong together in one GPU buffer. A resident storage outlives programs (weights, adapter, batch);
 * a planned one gets its buffer from a program's arena.
 */
export class Storage {
  buffer: GPUBuffer | undefined;

  constructor(
    readonly label: string,
    readonly sizeBytes: number,
    readonly kind: "resident" | "planned",
    buffer?: GPUBuffer,
  ) {
    this.buffer = buffer;
  }
}

/**
 * A row-major array. Its last dimension is stored padded with zeros to a multiple of four, so that kernels read
 * whole vec4s whatever the model's sizes; a weight matrix (see `matrix`) has its rows padded in the same way.
 */
export interface Tensor {
  readonly label: string;
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly storage: Storage;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** Of a matrix that no kernel can bind whole: its rows, a storage for each block; its own has no buffer. */
  readonly blocks?: readonly Tensor[];
}

export const pad4 = (size: number): number => (size + 3) & ~3;

/** Bytes of one element. */
export const bytesOf = (dtype: PlainDtype): number => (dtype === "f16" || dtype === "bf16" ? 2 : 4);

/** Stored bytes of an activation [..., C]: the last dimension padded to four. */
export function activationBytes(shape: readonly number[], dtype: PlainDtype = "f32"): number {
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return rows * pad4(shape.at(-1) ?? 1) * bytesOf(dtype);
}

/** Stored bytes of a parameter: every dimension padded to four. */
export function parameterBytes(shape: readonly number[], dtype: Dtype = "f32"): number {
  if (isQuantised(dtype)) {
    const [rows, columns] = shape as [number, number];
    return quantisedLayout(pad4(rows), pad4(columns), dtype).sizeBytes;
  }
  return shape.reduce((product, size) => product * pad4(size), 1) * bytesOf(dtype);
}
