import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeBatch } from "./batches";
import { sizesOf, type TokenizedExample } from "./examples";
import { packExamples } from "./pack";

/** An example whose ids say which it is and where: 100·index + place. */
const numbered = (lengths: readonly number[]): TokenizedExample[] =>
  lengths.map((length, index) => ({
    ids: Uint32Array.from({ length }, (_, t) => 100 * index + t),
    lossMask: Uint8Array.from({ length }, (_, t) => Number(t > 0)),
  }));
const file = { seed: 0, shuffle: false };

describe("packExamples", () => {
  it("puts each example into the first sequence that has room", () => {
    const packs = [...packExamples(numbered([5, 6, 3, 2, 8]), 8, file)];
    expect(packs.map(({ lengths }) => lengths)).toEqual([[5, 3], [6, 2], [8]]);
    expect([...packs[0]!.ids]).toEqual([0, 1, 2, 3, 4, 200, 201, 202]);
    expect([...packs[0]!.lossMask]).toEqual([0, 1, 1, 1, 1, 0, 1, 1]);
  });

  it("keeps every example whole, exactly once, in an order that only the seed changes", () => {
    const lengths = fc.array(fc.integer({ min: 2, max: 16 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(lengths, fc.nat(100), fc.boolean(), (given, seed, shuffle) => {
        const examples = numbered(given);
        const packed = packExamples(examples, 16, { seed, shuffle });
        const packs = [...packed];
        expect([...packExamples(examples, 16, { seed, shuffle })]).toEqual(packs);
        expect(packed.sizes).toEqual(sizesOf(packs));
        expect([...packed.slice(1, 3)]).toEqual(packs.slice(1, 3));
        const parts: number[][] = [];
        for (const { ids, lengths: own } of packs) {
          expect(ids.length).toBeLessThanOrEqual(16);
          let at = 0;
          for (const length of own!) {
            parts.push([...ids.subarray(at, at + length)]);
            at += length;
          }
          expect(at).toBe(ids.length);
        }
        parts.sort((a, b) => a[0]! - b[0]!);
        expect(parts).toEqual(examples.map(({ ids }) => [...ids]));
      }),
      { numRuns: 50 },
    );
  });

  it("fills its sequences: a thousand short examples leave under a tenth of padding", () => {
    const given = Array.from({ length: 1000 }, (_, i) => 5 + ((i * 7919) % 60));
    const packs = packExamples(numbered(given), 128, { seed: 3, shuffle: true });
    const tokens = given.reduce((sum, length) => sum + length, 0);
    expect(tokens / (128 * packs.length)).toBeGreaterThan(0.9);
  });

  it("predicts no example's first token from the example before it", () => {
    const packs = packExamples(numbered([3, 4, 5]), 12, file);
    const batch = makeBatch(packs, Uint32Array.of(0), 12);
    expect(batch.lengths).toEqual([[3, 4, 5]]);
    expect([...batch.targets]).toEqual([1, 2, 101, 102, 103, 201, 202, 203, 204]);
    expect([...batch.lossRows]).toEqual([0, 1, 3, 4, 5, 7, 8, 9, 10]);
  });
});
