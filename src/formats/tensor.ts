// Tensors as files hold them: a type, a shape and raw little-endian bytes; exact conversion to and from f32.
// Typed arrays are used in the machine's own byte order: every platform with WebGPU is little-endian.

/** Bytes per element of each element type that safetensors files name. */
export const dtypeBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

/** Element type by its safetensors name. */
export type Dtype = keyof typeof dtypeBytes;

/** Types that hold model weights here. */
export type FloatDtype = "F32" | "F16" | "BF16";

/** Row-major tensor; `bytes` may be a view into the file it came from and need not be aligned. */
export interface Tensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A new, aligned f32 array of the tensor's values; exact. @throws TypeError for types other than F32, F16, BF16 */
export function toFloat32(tensor: Tensor): Float32Array<ArrayBuffer> {
  // A copy, because a view into a file starts at any byte.
  const copy = new Uint8Array(tensor.bytes).buffer;
  switch (tensor.dtype) {
    case "F32":
      return new Float32Array(copy);
    case "F16":
      return mapBits(new Uint16Array(copy), float16ToFloat32Bits);
    case "BF16":
      return mapBits(new Uint16Array(copy), (half) => half << 16);
    default:
      throw new TypeError(`tensor: expected F32, F16 or BF16, got ${tensor.dtype}`);
  }
}

/** A matrix turned over. */
export function transposed({
  dtype,
  shape,
  bytes,
}: Tensor): Tensor & { readonly bytes: Uint8Array<ArrayBuffer> } {
  const [rows, columns] = shape as [number, number];
  const Words = dtypeBytes[dtype] === 4 ? Uint32Array : Uint16Array;
  const isAligned = bytes.byteOffset % Words.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset } = isAligned ? bytes : new Uint8Array(bytes);
  const from: Uint16Array | Uint32Array = new Words(buffer as ArrayBuffer, byteOffset, rows * columns);
  const to = new Words(from.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) to[column * rows + row] = from[row * columns + column]!;
  }
  return { dtype, shape: [columns, rows], bytes: new Uint8Array(to.buffer) };
}

/** Bytes that a tensor of this type and shape takes. */
export const tensorBytes = ({ dtype, shape }: Pick<Tensor, "dtype" | "shape">): number =>
  shape.reduce((product, size) => product * size, dtypeBytes[dtype]);

/** Little-endian bytes of `values` as `dtype`, rounded to nearest, ties to even; too large becomes infinity. */
export function fromFloat32(values: Float32Array, dtype: FloatDtype): Uint8Array<ArrayBuffer> {
  if (dtype === "F32") return new Uint8Array(new Float32Array(values).buffer);
  const convert = dtype === "F16" ? float32BitsToFloat16 : float32BitsToBfloat16;
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) halves[i] = convert(bits[i]!);
  return new Uint8Array(halves.buffer);
}

function mapBits(halves: Uint16Array, toBits: (half: number) => number): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = toBits(halves[i]!);
  return new Float32Array(bits.buffer);
}

function float16ToFloat32Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (mantissa << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (mantissa << 13);
  if (mantissa === 0) return sign;
  // Subnormal: shift the leading one up to bit 10, where f32 has it implicit.
  const shift = Math.clz32(mantissa) - 21;
  return sign | ((113 - shift) << 23) | (((mantissa << shift) & 0x3ff) << 13);
}

function float32BitsToFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00 | ((magnitude >>> 13) & 0x3ff); // NaN stays NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and above round to infinity
  if (magnitude >= 0x38800000) return sign | roundShift(magnitude - 0x38000000, 13);
  // Below 2^-14 the result is a multiple of 2^-24; below 2^-25 (or at it, a tie) it is zero.
  const exponent = magnitude >>> 23;
  if (exponent < 102) return sign;
  return sign | roundShift((magnitude & 0x7fffff) | 0x800000, 126 - exponent);
}

function float32BitsToBfloat16(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40; // quiet, so that truncation is no infinity
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** value / 2^shift to the nearest integer, ties to even. */
function roundShift(value: number, shift: number): number {
  const half = 1 << (shift - 1);
  return (value + half - 1 + ((value >>> shift) & 1)) >>> shift;
}
