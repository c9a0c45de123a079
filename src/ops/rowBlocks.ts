// Matrices that no kernel can bind whole lie in several buffers, some rows in each: what reads such a weight runs once
// for each block. WebGPU promises 128 MB a binding, which the embedding of a large vocabulary is over.
import { type Dtype, pad4, parameterBytes, Storage, type Tensor } from "../gpu/tensor";
import { PART_TERMS } from "./sumParts";
import { residentTensor } from "./trace";

/**
 * Rows of a block are a multiple of the first of these that fits: GPUs then add up over rows in the order that they do
 * for a whole matrix. Any multiple of 64 keeps codes in fewer bits and their scales together.
 */
const ROW_MULTIPLES = [PART_TERMS, 64];

/**
 * A weight at the places that `place` gives: whole, or in as few blocks of rows as `mostBytes` allows. Depends on
 * nothing else, so that estimates and uploads agree. A block of 64 rows that is still too large is left to `place`.
 */
export function residentWeight(
  label: string,
  shape: readonly number[],
  dtype: Dtype,
  mostBytes: number,
  place: (label: string, sizeBytes: number) => Storage,
): Tensor {
  const tensor = (name: string, part: readonly number[]) =>
    residentTensor(name, part, dtype, place(name, parameterBytes(part, dtype)));
  const [rows, ...columns] = shape as [number, ...number[]];
  const most = columns.length === 0 ? rows : rowsThatFit(rows, columns, dtype, mostBytes);
  if (most >= rows) return tensor(label, shape);
  const blocks: Tensor[] = [];
  for (let first = 0; first < rows; first += most) {
    const end = Math.min(first + most, rows);
    blocks.push(tensor(`${label}[${first}:${end}]`, [end - first, ...columns]));
  }
  const sizeBytes = blocks.reduce((sum, block) => sum + block.sizeBytes, 0);
  return {
    label,
    shape,
    dtype,
    storage: new Storage(label, 0, "resident"),
    offsetBytes: 0,
    sizeBytes,
    blocks,
  };
}

function rowsThatFit(rows: number, columns: readonly number[], dtype: Dtype, mostBytes: number): number {
  const bytesOf = (count: number) => parameterBytes([count, ...columns], dtype);
  if (bytesOf(rows) <= mostBytes) return rows;
  for (const multiple of ROW_MULTIPLES) {
    // In fewer bits not all bytes grow with the rows: a share of the rows may take a larger one of the bytes.
    let count = multiple * Math.floor((pad4(rows) * mostBytes) / bytesOf(rows) / multiple);
    while (count > 0 && bytesOf(count) > mostBytes) count -= multiple;
    if (count > 0) return count;
  }
  return 64;
}

/** What a kernel binds at once of a weight, and the row that it begins at; most weights are one such block. */
export function rowBlocks(weight: Tensor): { readonly block: Tensor; readonly firstRow: number }[] {
  const { blocks = [weight] } = weight;
  const most = blocks[0]!.shape[0]!; // of every block but the last
  return blocks.map((block, i) => ({ block, firstRow: i * most }));
}
