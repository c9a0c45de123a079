import fc from "fast-check";
import { expect, test } from "vitest";
import { type ByteRange, ByteRanges } from "./byteRanges";

const size = 200;
const range = fc
  .tuple(fc.nat(size), fc.nat(size))
  .map(([a, b]): ByteRange => [Math.min(a, b), Math.max(a, b)]);

test("what is there and what is missing make up the file, each byte once", () => {
  fc.assert(
    fc.property(
      fc.array(range, { maxLength: 12 }),
      fc.integer({ min: 1, max: size }),
      (added, pieceBytes) => {
        const expected = new Set(added.flatMap(([begin, end]) => bytesOf(begin, end)));
        const ranges = new ByteRanges(added);
        const there = ranges.list.flatMap(([begin, end]) => bytesOf(begin, end));
        const missing = ranges.missing(size, pieceBytes);
        expect(there).toEqual([...expected].sort((a, b) => a - b));
        expect(ranges.byteCount).toBe(there.length);
        expect(missing.every(([begin, end]) => end > begin && end - begin <= pieceBytes)).toBe(true);
        const all = [...there, ...missing.flatMap(([begin, end]) => bytesOf(begin, end))];
        expect(all.sort((a, b) => a - b)).toEqual(bytesOf(0, size));
      },
    ),
  );
});

test("neighbours become one range", () => {
  const ranges = new ByteRanges([
    [10, 20],
    [0, 5],
    [5, 10],
  ]);
  expect(ranges.list).toEqual([[0, 20]]);
});

const bytesOf = (begin: number, end: number) => Array.from({ length: end - begin }, (_, i) => begin + i);
