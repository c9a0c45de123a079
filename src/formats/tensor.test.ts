import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FloatDtype, fromFloat32, type Tensor, toFloat32 } from "./tensor";

const everyHalf = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
const tensorOf = (
  dtype: Tensor["dtype"],
  array: Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>,
): Tensor => ({
  dtype,
  shape: [array.length],
  bytes: new Uint8Array(array.buffer),
});
const halvesOf = (values: Float32Array, dtype: FloatDtype) =>
  new Uint16Array(fromFloat32(values, dtype).buffer);

/** Value of a float with `exponentBits` and `mantissaBits` by the definition of IEEE 754. */
function ieeeValue(bits: number, exponentBits: number, mantissaBits: number): number {
  const sign = bits >> (exponentBits + mantissaBits) ? -1 : 1;
  const exponent = (bits >> mantissaBits) & (2 ** exponentBits - 1);
  const fraction = (bits & (2 ** mantissaBits - 1)) / 2 ** mantissaBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1)
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

describe.each([
  { dtype: "F16", exponentBits: 5, mantissaBits: 10 },
  { dtype: "BF16", exponentBits: 8, mantissaBits: 7 },
] as const)("$dtype", ({ dtype, exponentBits, mantissaBits }) => {
  const expected = Float64Array.from(everyHalf, (bits) => ieeeValue(bits, exponentBits, mantissaBits));
  const values = toFloat32(tensorOf(dtype, everyHalf));

  it("decodes all 65,536 patterns exactly", () => {
    const wrong = everyHalf.filter((bits) => !Object.is(values[bits], expected[bits]));
    expect([...wrong]).toEqual([]);
  });

  it("encodes each of them back, NaN to a NaN", () => {
    const back = halvesOf(values, dtype);
    const wrong = everyHalf.filter((bits) =>
      Number.isNaN(expected[bits]!) ? !Number.isNaN(expected[back[bits]!]!) : back[bits] !== bits,
    );
    expect([...wrong]).toEqual([]);
  });

  // Neighbours of equal sign are neighbouring patterns; the pattern past the largest finite one, infinity,
  // counts as the next power of two.
  const infinity = (2 ** exponentBits - 1) << mantissaBits;
  const magnitude = (bits: number) => (bits === infinity ? 2 ** (2 ** (exponentBits - 1)) : expected[bits]!);

  it("rounds every midpoint to the even neighbour, and just beside it to the nearer one", () => {
    const next = (value: number, step: number) => {
      const bits = new Uint32Array(Float32Array.of(value).buffer);
      bits[0]! += step;
      return new Float32Array(bits.buffer)[0]!;
    };
    for (let low = 0; low < infinity; low++) {
      const middle = (magnitude(low) + magnitude(low + 1)) / 2;
      if (Math.fround(middle) !== middle) continue; // below f32's own grid
      const even = low % 2 === 0 ? low : low + 1;
      const rounded = halvesOf(Float32Array.of(middle, -middle, next(middle, -1), next(middle, 1)), dtype);
      if (rounded[0] !== even || rounded[1] !== (even | 0x8000))
        expect.fail(`${middle} became ${rounded[0]}`);
      if (rounded[2] !== low || rounded[3] !== low + 1)
        expect.fail(`beside ${middle}: ${rounded[2]}, ${rounded[3]}`);
    }
  });

  it("rounds any number to a nearest one", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => {
        const bits = halvesOf(Float32Array.of(value), dtype)[0]! & 0x7fff;
        const distance = (candidate: number) => Math.abs(magnitude(candidate) - Math.abs(value));
        if (!Number.isFinite(value)) expect(bits).toBe(infinity);
        if (!Number.isFinite(value)) return;
        if (bits > 0) expect(distance(bits)).toBeLessThanOrEqual(distance(bits - 1));
        if (bits < infinity) expect(distance(bits)).toBeLessThanOrEqual(distance(bits + 1));
      }),
    );
  });
});

describe("toFloat32", () => {
  it("copies unaligned views bit for bit", () => {
    const bits = Uint32Array.of(0x7fc00001, 0x80000000, 1, 0x3f800000);
    const file = new Uint8Array(19);
    file.set(new Uint8Array(bits.buffer), 3);
    const read = toFloat32({ dtype: "F32", shape: [4], bytes: file.subarray(3) });
    expect([...new Uint32Array(read.buffer)]).toEqual([...bits]);
    file.fill(0);
    expect(read[3]).toBe(1);
  });

  it("refuses types that are no weights", () => {
    const tensor: Tensor = { dtype: "I64", shape: [1], bytes: new Uint8Array(8) };
    expect(() => toFloat32(tensor)).toThrow("expected F32, F16 or BF16, got I64");
  });
});
