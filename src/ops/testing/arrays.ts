// Arrays of op tests: values in the type a kernel will store them in, padded as src/gpu/tensor.ts says.
import { fromFloat32, toFloat32 } from "../../formats/tensor";
import { isQuantised, type QuantisedDtype } from "../../gpu/quantised";
import { type Dtype, type PlainDtype, pad4 } from "../../gpu/tensor";
import { RandomStream } from "../../random/philox";
import { createQuantiser } from "../quantise";
import { dequantised } from "../twins/quantise.twin";

/** Dense, row-major, unpadded. What a twin computes with. */
export type Values = Float64Array;

/** An operand of an op under test. */
export interface TestArray {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  /** Exactly what the GPU will hold: already rounded to `dtype`. */
  readonly values: Values;
  /** What the GPU holds of a matrix in fewer bits. */
  readonly encoded?: Uint8Array<ArrayBuffer>;
}

const fileType = { f32: "F32", f16: "F16", bf16: "BF16" } as const;

/** Rounds to the stored type, so that kernel and twin start from the same numbers. */
export function array(shape: readonly number[], values: ArrayLike<number>, dtype: Dtype = "f32"): TestArray {
  const size = shape.reduce((product, count) => product * count, 1);
  if (values.length !== size)
    throw new Error(`array [${shape}]: expected ${size} values, got ${values.length}`);
  if (dtype === "u32") return { shape, dtype, values: Float64Array.from(values) };
  if (isQuantised(dtype)) return quantised(shape as [number, number], values, dtype);
  const type = fileType[dtype];
  const bytes = fromFloat32(Float32Array.from(values), type);
  return { shape, dtype, values: Float64Array.from(toFloat32({ dtype: type, shape, bytes })) };
}

function quantised(
  shape: readonly [number, number],
  values: ArrayLike<number>,
  dtype: QuantisedDtype,
): TestArray {
  const stored = paddedShape(shape, "parameter") as [number, number];
  const quantiser = createQuantiser(stored[1], dtype);
  const padded = padTo(Float64Array.from(values), shape, stored);
  const parts = [quantiser.codes(Float32Array.from(padded)), quantiser.scales()] as const;
  const encoded = new Uint8Array(parts[0].length + parts[1].length);
  encoded.set(parts[0]);
  encoded.set(parts[1], parts[0].length);
  const kept = dequantised(encoded, stored, dtype);
  const cropped = Float64Array.from({ length: values.length }, (_, i) => {
    const row = Math.floor(i / shape[1]);
    return kept[row * stored[1] + (i % shape[1])]!;
  });
  return { shape, dtype, values: cropped, encoded };
}

/** Normal values of the given deviation; the name keys them, so that cases do not share numbers. */
export function normal(
  name: string,
  shape: readonly number[],
  { deviation = 1, mean = 0, dtype = "f32" as Dtype } = {},
): TestArray {
  const random = new RandomStream(20, name);
  const size = shape.reduce((product, count) => product * count, 1);
  const values = Float64Array.from({ length: size }, (_, i) => mean + deviation * random.normal(i));
  return array(shape, values, dtype);
}

/** Uniform integers below `bound`. */
export function indices(name: string, length: number, bound: number): TestArray {
  const random = new RandomStream(20, name);
  return array(
    [length],
    Array.from({ length }, (_, i) => random.integer(i, bound)),
    "u32",
  );
}

/** Every dimension padded to four, as parameters are stored; activations pad their last dimension only. */
export function paddedShape(shape: readonly number[], kind: "parameter" | "activation"): number[] {
  return shape.map((size, i) => (kind === "parameter" || i === shape.length - 1 ? pad4(size) : size));
}

/** Lays `values` out in `stored`, zeros elsewhere. At most two dimensions. */
export function padTo(values: Values, shape: readonly number[], stored: readonly number[]): Values {
  const width = shape.at(-1) ?? 1;
  const storedWidth = stored.at(-1) ?? 1;
  const padded = new Float64Array(stored.reduce((product, size) => product * size, 1));
  for (let i = 0; i < values.length; i++) {
    padded[Math.floor(i / width) * storedWidth + (i % width)] = values[i]!;
  }
  return padded;
}

/** Little-endian bytes of padded values as the kernels read them. */
export function encode(values: Values, dtype: PlainDtype): Uint8Array<ArrayBuffer> {
  if (dtype === "u32") return new Uint8Array(Uint32Array.from(values).buffer);
  return fromFloat32(Float32Array.from(values), fileType[dtype]);
}
