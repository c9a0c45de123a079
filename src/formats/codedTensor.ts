// Matrices whose files hold whole numbers of a few bits in the place of values: (code − zero point) · scale, with a
// scale for a block, a row, a column or all of it. They are computed in parts, whenever they are read.
// Source: onnx/onnx, docs/Operators.md (DequantizeLinear); microsoft/onnxruntime, docs/ContribOperators.md (MatMulNBits).
import type { StoredTensor } from "./storedTensor";
import { dtypeBytes, type FloatDtype, fromFloat32, toFloat32 } from "./tensor";

/** Codes packed low bits first. */
export interface Codes {
  /** Its bytes. */
  readonly packed: StoredTensor;
  readonly bits: 2 | 4 | 8;
  /** Two's complement. */
  readonly isSigned: boolean;
  /** Codes from the beginning of a row to that of the next. */
  readonly stride: number;
}

export interface CodedMatrix {
  readonly shape: readonly [rows: number, columns: number];
  readonly codes: Codes;
  /** [rows / rowsPerScale, columns / columnsPerScale], each rounded up. The values get their type. */
  readonly scales: StoredTensor;
  readonly rowsPerScale: number;
  readonly columnsPerScale: number;
  /** One for each scale, or one for all. */
  readonly zeroPoints: Codes | StoredTensor | number;
}

/** Values that are computed at once. */
const PART_VALUES = 2 ** 20;

/** The matrix's values, rounded once, to the type of the scales. */
export function dequantisedStored(matrix: CodedMatrix): StoredTensor {
  const { shape, codes, scales } = matrix;
  const [rows, columns] = shape;
  const dtype = scales.dtype as FloatDtype;
  const rowBytes = columns * dtypeBytes[dtype];
  const rowsAtOnce = Math.max(1, Math.floor(PART_VALUES / columns));
  const read = async (begin = 0, end = rows * rowBytes) => {
    const bytes = new Uint8Array(end - begin);
    for (let row = Math.floor(begin / rowBytes); row * rowBytes < end; row += rowsAtOnce) {
      const values = await valuesOf(matrix, row, Math.min(row + rowsAtOnce, rows));
      const part = fromFloat32(values, dtype);
      const at = row * rowBytes - begin;
      bytes.set(part.subarray(Math.max(0, -at), bytes.length - at), Math.max(0, at));
    }
    return bytes;
  };
  return { dtype, shape, file: codes.packed.file, codeBits: codes.bits, read };
}

/** Values of rows from `begin` to before `end`. */
async function valuesOf(matrix: CodedMatrix, begin: number, end: number): Promise<Float32Array> {
  const { shape, codes, scales, rowsPerScale, columnsPerScale, zeroPoints } = matrix;
  const [, columns] = shape;
  const scaleColumns = Math.ceil(columns / columnsPerScale);
  const firstGroup = Math.floor(begin / rowsPerScale);
  const groups = Math.ceil(end / rowsPerScale);
  const values = await unpacked(codes, begin, end, columns);
  const scaleValues = await floatsOf(scales, firstGroup, groups, scaleColumns);
  const zeros = await zerosOf(zeroPoints, firstGroup, groups, scaleColumns);
  for (let row = begin; row < end; row++) {
    const first = (Math.floor(row / rowsPerScale) - firstGroup) * scaleColumns;
    let at = (row - begin) * columns;
    for (let group = 0; group < scaleColumns; group++) {
      const scale = scaleValues[first + group]!;
      const zero = typeof zeros === "number" ? zeros : zeros[first + group]!;
      const stop = (row - begin) * columns + Math.min(columns, (group + 1) * columnsPerScale);
      for (; at < stop; at++) values[at] = Math.fround(values[at]! - zero) * scale;
    }
  }
  return values;
}

/** Codes of rows from `begin` to before `end`, as numbers. */
async function unpacked(
  { packed, bits, isSigned, stride }: Codes,
  begin: number,
  end: number,
  columns: number,
): Promise<Float32Array> {
  const perByte = 8 / bits;
  const firstByte = Math.floor((begin * stride) / perByte);
  const bytes = await packed.read(firstByte, Math.ceil(((end - 1) * stride + columns) / perByte));
  const values = new Float32Array((end - begin) * columns);
  const mask = 2 ** bits - 1;
  const negative = isSigned ? 2 ** (bits - 1) : 2 ** bits;
  let at = 0;
  for (let row = begin; row < end; row++) {
    let byte = Math.floor((row * stride) / perByte) - firstByte;
    let shift = ((row * stride) % perByte) * bits;
    for (let column = 0; column < columns; column++) {
      const code = (bytes[byte]! >> shift) & mask;
      values[at++] = code < negative ? code : code - 2 ** bits;
      shift += bits;
      if (shift === 8) {
        shift = 0;
        byte++;
      }
    }
  }
  return values;
}

async function floatsOf(
  stored: StoredTensor,
  begin: number,
  end: number,
  columns: number,
): Promise<Float32Array> {
  const rowBytes = columns * dtypeBytes[stored.dtype];
  const bytes = await stored.read(begin * rowBytes, end * rowBytes);
  return toFloat32({ dtype: stored.dtype, shape: [end - begin, columns], bytes });
}

async function zerosOf(
  zeroPoints: CodedMatrix["zeroPoints"],
  begin: number,
  end: number,
  columns: number,
): Promise<Float32Array | number> {
  if (typeof zeroPoints === "number") return zeroPoints;
  return "packed" in zeroPoints
    ? unpacked(zeroPoints, begin, end, columns)
    : floatsOf(zeroPoints, begin, end, columns);
}
