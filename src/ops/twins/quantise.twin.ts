// What a matrix in fewer bits stands for, value by value, read from the bytes that the kernels read.
import type { QuantisedDtype } from "../../gpu/quantised";
import { nf4Values } from "../quantise";

/** @param shape padded to four */
export function dequantised(
  bytes: Uint8Array<ArrayBuffer>,
  [rows, columns]: readonly [number, number],
  dtype: QuantisedDtype,
): Float64Array {
  const count = rows * columns;
  if (dtype === "int8") {
    const codes = new Int8Array(bytes.buffer, 0, count);
    const scales = new Float32Array(bytes.buffer, count, rows);
    return Float64Array.from(codes, (code, i) => code * scales[Math.floor(i / columns)]!);
  }
  const scales = dtype === "nf4" ? new Float32Array(bytes.buffer, count / 2 + 64) : outerScales(bytes, count);
  return Float64Array.from({ length: count }, (_, i) => {
    const code = (bytes[i >> 1]! >> (4 * (i & 1))) & 15;
    return nf4Values[code]! * scales[Math.floor(i / 64)]!;
  });
}

function outerScales(bytes: Uint8Array<ArrayBuffer>, count: number): Float64Array {
  const blocks = Math.ceil(count / 64);
  const begin = count / 2 + 64; // behind the values
  const codes = bytes.subarray(begin, begin + blocks);
  const floats = new Float32Array(bytes.buffer, begin + 4 * Math.ceil(blocks / 4));
  const outer = Math.ceil(blocks / 256);
  const mean = floats[outer]!;
  return Float64Array.from(codes, (code, i) => {
    return floats[outer + 1 + code]! * floats[Math.floor(i / 256)]! + mean;
  });
}
