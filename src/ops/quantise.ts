// Weights in fewer bits, as bitsandbytes makes them: int8 with a scale per row, NF4 with a scale per block of 64, and
// double quantisation of those scales. Source: bitsandbytes, functional.py and csrc; Dettmers et al. 2022, 2023.
import { NF4_BLOCK, NF4_VALUES, type QuantisedDtype, SCALE_BLOCK } from "../gpu/quantised";

/** What the 16 codes of NF4 stand for (Dettmers et al. 2023, appendix E). */
export const nf4Values = Float32Array.of(
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453,
  -0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0,
  0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
  0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
); // biome-ignore format: a table

/** A matrix on its way into codes, rows after rows. */
export interface Quantiser {
  /**
   * The codes of the next rows.
   * @param values whole rows, padded with zeros; all calls but the last get a multiple of 64 values
   */
  codes(values: Float32Array): Uint8Array<ArrayBuffer>;
  /** What lies behind the codes, NF4's values included; asked for after the last rows. */
  scales(): Uint8Array<ArrayBuffer>;
}

/** @param columns of a row, padded to four */
export function createQuantiser(columns: number, dtype: QuantisedDtype): Quantiser {
  return dtype === "int8" ? new Int8Quantiser(columns) : new Nf4Quantiser(dtype === "nf4-double");
}

class Int8Quantiser implements Quantiser {
  readonly #scales: number[] = [];

  constructor(readonly columns: number) {}

  codes(values: Float32Array): Uint8Array<ArrayBuffer> {
    const codes = new Int8Array(values.length);
    for (let begin = 0; begin < values.length; begin += this.columns) {
      const end = begin + this.columns;
      const absmax = largestOf(values, begin, end);
      const factor = absmax > 0 ? Math.fround(127 * Math.fround(1 / absmax)) : 0; // as PyTorch divides
      for (let i = begin; i < end; i++) codes[i] = roundEven(Math.fround(values[i]! * factor));
      this.#scales.push(absmax / 127);
    }
    return new Uint8Array(codes.buffer);
  }

  scales(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(Float32Array.from(this.#scales).buffer);
  }
}

class Nf4Quantiser implements Quantiser {
  readonly #absmax: number[] = [];

  constructor(readonly isDouble: boolean) {}

  codes(values: Float32Array): Uint8Array<ArrayBuffer> {
    const codes = new Uint8Array(values.length / 2);
    for (let begin = 0; begin < values.length; begin += NF4_BLOCK) {
      const end = Math.min(begin + NF4_BLOCK, values.length);
      const absmax = largestOf(values, begin, end);
      const factor = absmax > 0 ? Math.fround(1 / absmax) : 0;
      for (let i = begin; i < end; i++) {
        codes[i >> 1]! |= nearest(nf4Middles, Math.fround(values[i]! * factor)) << (4 * (i & 1));
      }
      this.#absmax.push(absmax);
    }
    return codes;
  }

  scales(): Uint8Array<ArrayBuffer> {
    const absmax = Float32Array.from(this.#absmax);
    const scales = this.isDouble ? doublyQuantised(absmax) : new Uint8Array(absmax.buffer);
    const bytes = new Uint8Array(4 * NF4_VALUES + scales.length);
    bytes.set(new Uint8Array(nf4Values.buffer));
    bytes.set(scales, 4 * NF4_VALUES);
    return bytes;
  }
}

/** Codes of the scales less their mean, the scale of each 256 of them, the mean, and what the codes stand for. */
function doublyQuantised(absmax: Float32Array): Uint8Array<ArrayBuffer> {
  const mean = Math.fround(absmax.reduce((sum, value) => sum + value, 0) / absmax.length);
  const rest = absmax.map((value) => value - mean);
  const codeBytes = Math.ceil(rest.length / 4) * 4;
  const outer = new Float32Array(Math.ceil(rest.length / SCALE_BLOCK));
  const bytes = new Uint8Array(codeBytes + 4 * (outer.length + 1 + dynamicValues.length));
  for (let block = 0; block < outer.length; block++) {
    const begin = block * SCALE_BLOCK;
    const end = Math.min(begin + SCALE_BLOCK, rest.length);
    const most = largestOf(rest, begin, end);
    outer[block] = most;
    const factor = most > 0 ? Math.fround(1 / most) : 0;
    for (let i = begin; i < end; i++) bytes[i] = nearest(dynamicMiddles, Math.fround(rest[i]! * factor));
  }
  const floats = new Float32Array(bytes.buffer, codeBytes);
  floats.set(outer);
  floats[outer.length] = mean;
  floats.set(dynamicValues, outer.length + 1);
  return bytes;
}

/** bitsandbytes' 8-bit type with a moving exponent: 7 decades, each with twice the fractions of the one below. */
export const dynamicValues = dynamicMap();

function dynamicMap(): Float32Array {
  const values = [0, 1];
  for (let exponent = 0; exponent < 7; exponent++) {
    const count = 2 ** exponent;
    for (let i = 0; i < count; i++) {
      const value = 10 ** (exponent - 6) * (0.1 + (0.9 * (i + 0.5)) / count);
      values.push(value, -value);
    }
  }
  return Float32Array.from(values).sort();
}

const nf4Middles = middlesOf(nf4Values);
const dynamicMiddles = middlesOf(dynamicValues);

/** Values above the i-th middle are nearer to the next code. */
function middlesOf(sorted: Float32Array): Float32Array {
  return sorted.slice(1).map((value, i) => (sorted[i]! + value) / 2);
}

/** Index of the nearest value by bisection of the middles, whose number is a power of two less one. */
function nearest(middles: Float32Array, value: number): number {
  let index = 0;
  for (let step = (middles.length + 1) >> 1; step > 0; step >>= 1) {
    if (value > middles[index + step - 1]!) index += step;
  }
  return index;
}

function largestOf(values: Float32Array, begin: number, end: number): number {
  let most = 0;
  for (let i = begin; i < end; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

/** To the nearest whole number, ties to even, for magnitudes far below 2²². */
const roundEven = (value: number): number => Math.fround(Math.fround(value + 12_582_912) - 12_582_912);
