import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RandomStream } from "../random/philox";
import { batchIndices, makeBatch, maxLossRows, splitValidation } from "./batches";
import type { TokenizedExample } from "./examples";

const example = (ids: number[], lossMask: number[]): TokenizedExample => ({
  ids: Uint32Array.from(ids),
  lossMask: Uint8Array.from(lossMask),
});
const exampleArbitrary = fc
  .array(fc.tuple(fc.nat(500), fc.nat(1)), { minLength: 1, maxLength: 9 })
  .map((tokens) =>
    example(
      tokens.map(([id]) => id),
      tokens.map(([, mask], t) => (t === 0 ? 0 : mask)),
    ),
  );

describe("makeBatch", () => {
  it("pads on the right and lists the rows that predict a counted token", () => {
    const examples = [example([5, 6, 7], [0, 1, 0]), example([8], [0]), example([1, 2, 3, 4], [0, 0, 1, 1])];
    expect(makeBatch(examples, Uint32Array.of(2, 0, 1), 4)).toEqual({
      batchSize: 3,
      sequenceLength: 4,
      tokens: Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 0, 8, 0, 0, 0),
      lengths: [[4], [3], [1]],
      lossRows: Uint32Array.of(1, 2, 4),
      targets: Uint32Array.of(3, 4, 6),
    });
  });

  it("never predicts across examples or from padding", () => {
    fc.assert(
      fc.property(fc.array(exampleArbitrary, { minLength: 1, maxLength: 5 }), (examples) => {
        const T = 9;
        const batch = makeBatch(examples, Uint32Array.from(examples.keys()), T);
        const counted = examples.reduce(
          (sum, { lossMask }) => sum + lossMask.filter((m) => m === 1).length,
          0,
        );
        expect(batch.lossRows.length).toBe(counted);
        expect(batch.targets.length).toBe(counted);
        batch.lossRows.forEach((row, n) => {
          const b = Math.floor(row / T);
          const t = row % T;
          expect(t + 1).toBeLessThan(batch.lengths[b]![0]!);
          expect(batch.targets[n]).toBe(batch.tokens[row + 1]);
          expect(examples[b]!.lossMask[t + 1]).toBe(1);
        });
      }),
    );
  });

  it("refuses an example longer than the sequence", () => {
    const message = "example 0: expected at most 2 tokens, got 3";
    expect(() => makeBatch([example([1, 2, 3], [0, 1, 1])], Uint32Array.of(0), 2)).toThrow(message);
  });
});

describe("batchIndices", () => {
  const numbers = fc.record({
    count: fc.integer({ min: 1, max: 30 }),
    size: fc.integer({ min: 1, max: 12 }),
    seed: fc.nat(0xffffffff),
  });

  it("walks through each epoch once, in its own order, wrapping within a batch", () => {
    fc.assert(
      fc.property(numbers, ({ count, size, seed }) => {
        const batches = Math.ceil((3 * count) / size);
        const walk = Array.from({ length: batches }, (_, n) => [
          ...batchIndices(count, size, n, { seed, shuffle: true }),
        ]).flat();
        for (let epoch = 0; epoch < 3; epoch++) {
          const order = new RandomStream(seed, `shuffle:${epoch}`).permutation(count);
          expect(walk.slice(epoch * count, (epoch + 1) * count)).toEqual([...order]);
        }
      }),
    );
  });

  it("gives batch n the same whatever was asked before", () => {
    fc.assert(
      fc.property(numbers, fc.array(fc.nat(100), { maxLength: 10 }), ({ count, size, seed }, before) => {
        const order = { seed, shuffle: true };
        const first = batchIndices(count, size, 7, order);
        for (const n of before) batchIndices(count, size, n, { ...order, seed: seed ^ n });
        expect(batchIndices(count, size, 7, order)).toEqual(first);
      }),
    );
  });

  it("keeps file order without shuffling, and needs an example", () => {
    const order = { seed: 3, shuffle: false };
    expect([...batchIndices(5, 3, 0, order)]).toEqual([0, 1, 2]);
    expect([...batchIndices(5, 3, 1, order)]).toEqual([3, 4, 0]);
    expect([...batchIndices(2, 5, 0, order)]).toEqual([0, 1, 0, 1, 0]);
    expect(() => batchIndices(0, 3, 0, order)).toThrow("examples: expected at least 1, got 0");
  });
});

describe("splitValidation", () => {
  it("parts the examples, keeps their order, and leaves neither side empty", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.nat(),
        (count, fraction, seed) => {
          const { train, validation } = splitValidation(count, fraction, seed);
          expect([...train, ...validation].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
          for (const part of [train, validation]) {
            expect(part.length).toBeGreaterThan(0);
            expect(part).toEqual(part.toSorted());
          }
          expect(Math.abs(validation.length - count * fraction)).toBeLessThanOrEqual(1);
          expect(splitValidation(count, fraction, seed)).toEqual({ train, validation });
        },
      ),
    );
  });

  it("chooses by the seed, and nothing at fraction 0", () => {
    const all = Uint32Array.from({ length: 50 }, (_, i) => i);
    const none = new Uint32Array(0);
    expect(splitValidation(50, 0, 1)).toEqual({ train: all, validation: none });
    expect(splitValidation(1, 0.5, 1)).toEqual({ train: Uint32Array.of(0), validation: none });
    expect(splitValidation(50, 0.2, 1).validation).not.toEqual(splitValidation(50, 0.2, 2).validation);
    for (const fraction of [-0.1, 1, Number.NaN]) {
      expect(() => splitValidation(50, fraction, 1)).toThrow("validation fraction: expected");
    }
  });
});

describe("maxLossRows", () => {
  it("bounds every batch, also one that crosses an epoch", () => {
    fc.assert(
      fc.property(
        fc.array(exampleArbitrary, { minLength: 1, maxLength: 7 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(),
        (examples, size, seed) => {
          const bound = maxLossRows(examples, size);
          for (let n = 0; n < 12; n++) {
            const indices = batchIndices(examples.length, size, n, { seed, shuffle: true });
            expect(makeBatch(examples, indices, 9).lossRows.length).toBeLessThanOrEqual(bound);
          }
        },
      ),
    );
  });

  it("is the sum of the largest where batches fill the epoch exactly", () => {
    const examples = [
      example([1, 2, 3], [0, 1, 1]),
      example([1, 2], [0, 1]),
      example([1], [0]),
      example([1, 2], [0, 1]),
    ];
    expect(maxLossRows(examples, 2)).toBe(3);
    expect(maxLossRows(examples, 1)).toBe(2);
    expect(maxLossRows(examples, 4)).toBe(4);
    // Two places in one epoch, one in the next: the longest may come twice.
    expect(maxLossRows(examples, 3)).toBe(5);
  });
});
