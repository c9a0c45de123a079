import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decimate } from "./decimate";

describe("decimate", () => {
  test("short ranges come back whole, empty ones empty", () => {
    expect(decimate([5, 6, 7, 8], 1, 4, 2)).toEqual([1, 2, 3]);
    expect(decimate([5, 6, 7, 8], 2, 2, 2)).toEqual([]);
  });

  test("a single peak among 10,000 points is drawn", () => {
    const values = new Float64Array(10_000).fill(1);
    values[7777] = 9;
    values[1234] = -3;
    const places = decimate(values, 0, values.length, 300);
    expect(places.length).toBeLessThanOrEqual(602);
    expect(places).toContain(7777);
    expect(places).toContain(1234);
  });

  test("what is no number hides no peak", () => {
    const values = Array.from({ length: 100 }, (_, place) => (place % 10 === 0 ? Number.NaN : place));
    const places = decimate(values, 0, 100, 10);
    for (let bucket = 0; bucket < 10; bucket++) {
      expect(places).toContain(bucket * 10 + 1);
      expect(places).toContain(bucket * 10 + 9);
    }
  });

  test("places are in order, in range, few, and keep first, last, lowest and highest", () => {
    const series = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
      minLength: 1,
      maxLength: 400,
    });
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 40 }), fc.nat(100), (values, buckets, skip) => {
        const from = Math.min(skip, values.length - 1);
        const places = decimate(values, from, values.length, buckets);
        expect(places.length).toBeLessThanOrEqual(2 * buckets + 2);
        expect(places[0]).toBe(from);
        expect(places.at(-1)).toBe(values.length - 1);
        for (let index = 1; index < places.length; index++)
          expect(places[index]!).toBeGreaterThan(places[index - 1]!);
        const drawn = places.map((place) => values[place]!);
        const inRange = values.slice(from);
        expect(Math.min(...drawn)).toBe(Math.min(...inRange));
        expect(Math.max(...drawn)).toBe(Math.max(...inRange));
      }),
    );
  });
});
