// Codes and scales against bitsandbytes' own.
import { expect, it } from "vitest";
import { loadGolden } from "../../oracle/goldens";
import { readSafetensors } from "../formats/safetensors";
import { toFloat32 } from "../formats/tensor";
import { createQuantiser, dynamicValues, nf4Values } from "./quantise";

const file = readSafetensors(await loadGolden("quantised.safetensors"), "quantised.safetensors");
const floats = (name: string) => toFloat32(file.tensors.get(name)!);
const bytes = (name: string) => new Uint8Array(file.tensors.get(name)!.bytes);
const [rows, columns] = file.tensors.get("weight")!.shape as [number, number];
const weight = floats("weight");

/** Codes and what lies behind them, of the matrix in two pieces. */
function quantise(dtype: "int8" | "nf4" | "nf4-double") {
  const quantiser = createQuantiser(columns, dtype);
  const codes = [weight.subarray(0, 64 * columns), weight.subarray(64 * columns)].map((piece) =>
    quantiser.codes(piece),
  );
  const behind = quantiser.scales();
  const scales = dtype === "int8" ? behind : behind.slice(64);
  if (dtype !== "int8") expect(new Float32Array(behind.buffer, 0, 16)).toEqual(nf4Values);
  return { codes: Uint8Array.from(codes.flatMap((part) => [...part])), scales };
}

/** Largest difference relative to the largest value. */
const difference = (got: ArrayLike<number>, expected: Float32Array): number => {
  expect(got.length).toBe(expected.length);
  const most = Math.max(...expected.map(Math.abs));
  return Math.max(...Array.from(expected, (value, i) => Math.abs(value - got[i]!))) / most;
};

it("gives bitsandbytes' int8 codes and scales", () => {
  const { codes, scales } = quantise("int8");
  expect(codes).toEqual(bytes("int8.codes"));
  const absmax = new Float32Array(scales.buffer).map((scale) => scale * 127);
  expect(difference(absmax, floats("int8.absmax"))).toBeLessThan(1e-6);
});

it("gives bitsandbytes' NF4 codes and scales", () => {
  expect(nf4Values).toEqual(floats("nf4.table"));
  const { codes, scales } = quantise("nf4");
  const each = Uint8Array.from({ length: rows * columns }, (_, i) => (codes[i >> 1]! >> (4 * (i & 1))) & 15);
  expect(each).toEqual(bytes("nf4.codes"));
  expect(new Float32Array(scales.buffer)).toEqual(floats("nf4.absmax"));
});

it("gives bitsandbytes' scales of scales", () => {
  expect(difference(dynamicValues, floats("double.table"))).toBeLessThan(1e-7);
  const { scales } = quantise("nf4-double");
  const count = (rows * columns) / 64;
  const codes = bytes("double.codes");
  const others = [...codes].flatMap((code, i) => (code === scales[i] ? [] : [i]));
  // bitsandbytes' CPU code looks values up in a coarse table first: near zero it misses the nearest by one.
  expect(others.length).toBeLessThan(count / 100);
  for (const i of others) expect(Math.abs(codes[i]! - scales[i]!)).toBe(1);
  const rest = new Float32Array(scales.buffer, Math.ceil(count / 4) * 4);
  expect(difference(rest.subarray(0, 2), floats("double.absmax"))).toBeLessThan(1e-6);
  expect(rest[2]).toBeCloseTo(floats("double.offset")[0]!, 7);
});
