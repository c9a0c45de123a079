import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bandOf, firstPlaceFrom, nearestPlace, placesToDraw } from "./series";

const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 60 });
const along = (length: number) => Array.from({ length }, (_, place) => place + 1);

describe("bandOf", () => {
  test("mean and sample deviation by hand", () => {
    const { x, mean, deviation } = bandOf([
      { x: [1, 2], y: [1, 5] },
      { x: [1, 2], y: [3, 5] },
    ]);
    expect([...x]).toEqual([1, 2]);
    expect([...mean]).toEqual([2, 5]);
    expect(deviation[0]).toBeCloseTo(Math.SQRT2, 12);
    expect(deviation[1]).toBe(0);
  });

  test("reaches as far as every seed that has begun, and passes over those that have not", () => {
    const begun = { x: along(4), y: [1, 2, 3, 4] };
    expect(bandOf([begun, { x: along(2), y: [1, 2] }, { x: [], y: [] }]).mean).toHaveLength(2);
    expect(bandOf([{ x: [], y: [] }]).mean).toHaveLength(0);
    expect(bandOf([]).mean).toHaveLength(0);
  });

  test("the mean lies among the values, and shifting all values shifts it and leaves the deviation", () => {
    fc.assert(
      fc.property(
        fc.array(values, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: -50, max: 50 }),
        (ys, by) => {
          const seeds = ys.map((y) => ({ x: along(y.length), y }));
          const band = bandOf(seeds);
          const shifted = bandOf(seeds.map(({ x, y }) => ({ x, y: y.map((value) => value + by) })));
          expect(band.mean).toHaveLength(Math.min(...ys.map((y) => y.length)));
          band.mean.forEach((mean, place) => {
            const here = ys.map((y) => y[place]!);
            expect(mean).toBeGreaterThanOrEqual(Math.min(...here) - 1e-9);
            expect(mean).toBeLessThanOrEqual(Math.max(...here) + 1e-9);
            expect(shifted.mean[place]).toBeCloseTo(mean + by, 6);
            expect(shifted.deviation[place]).toBeCloseTo(band.deviation[place]!, 6);
          });
        },
      ),
    );
  });

  test("equal seeds do not deviate", () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 4 }), (y, count) => {
        const { mean, deviation } = bandOf(Array.from({ length: count }, () => ({ x: along(y.length), y })));
        mean.forEach((value, place) => {
          expect(value).toBeCloseTo(y[place]!, 9);
          expect(deviation[place]).toBeCloseTo(0, 9);
        });
      }),
    );
  });
});

describe("placesToDraw", () => {
  test("few, in order, within the zoom, and the peaks survive", () => {
    fc.assert(
      fc.property(
        values,
        fc.nat(60),
        fc.nat(60),
        fc.integer({ min: 1, max: 10 }),
        (y, from, length, buckets) => {
          const places = placesToDraw({ x: along(y.length), y }, from, from + length, buckets);
          const inside = y.flatMap((value, place) =>
            place + 1 >= from && place + 1 <= from + length ? [value] : [],
          );
          expect(places.length).toBeLessThanOrEqual(2 * buckets + 2);
          expect(places).toEqual([...places].sort((a, b) => a - b));
          const drawn = places.map((place) => y[place]!);
          expect(Math.max(...drawn)).toBe(Math.max(...inside));
          expect(Math.min(...drawn)).toBe(Math.min(...inside));
        },
      ),
    );
  });

  test("what is no number is not drawn", () => {
    expect(placesToDraw({ x: [1, 2, 3], y: [1, Number.NaN, Number.POSITIVE_INFINITY] }, 1, 3, 9)).toEqual([
      0,
    ]);
  });
});

test("nearestPlace finds what a search through all finds", () => {
  const sorted = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(sorted, fc.integer({ min: -50, max: 1050 }), (numbers, value) => {
      const x = numbers.sort((a, b) => a - b);
      const distances = x.map((other) => Math.abs(other - value));
      expect(distances[nearestPlace(x, value)!]).toBe(Math.min(...distances));
      expect(x.slice(firstPlaceFrom(x, value)).every((other) => other >= value)).toBe(true);
      expect(x.slice(0, firstPlaceFrom(x, value)).every((other) => other < value)).toBe(true);
    }),
  );
  expect(nearestPlace([], 3)).toBeUndefined();
});
