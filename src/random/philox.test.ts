import { describe, expect, it } from "vitest";
import { philox4x32, RandomStream } from "./philox";

describe("philox4x32", () => {
  // Known answers from the Random123 distribution (kat_vectors, philox4x32 10 rounds).
  it("matches the published vectors", () => {
    expect(philox4x32([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    const ones = 0xffffffff;
    expect(philox4x32([ones, ones, ones, ones], [ones, ones])).toEqual([
      0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd,
    ]);
    expect(philox4x32([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
    ]);
  });
});

describe("RandomStream", () => {
  it("gives the same word at an index whatever was drawn before", () => {
    const forward = new RandomStream(7, "a");
    const words = Array.from({ length: 40 }, (_, i) => forward.word(i));
    const backward = new RandomStream(7, "a");
    for (let i = 39; i >= 0; i--) expect(backward.word(i)).toBe(words[i]);
    expect(new RandomStream(7, "b").word(0)).not.toBe(words[0]);
    expect(new RandomStream(8, "a").word(0)).not.toBe(words[0]);
  });

  it("draws normals of mean 0 and deviation 1", () => {
    const random = new RandomStream(1, "normal");
    const n = 20_000;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const x = random.normal(i);
      sum += x;
      squares += x * x;
    }
    expect(Math.abs(sum / n)).toBeLessThan(0.03);
    expect(Math.abs(squares / n - 1)).toBeLessThan(0.04);
  });

  it("permutes: every index once, not in order", () => {
    const order = new RandomStream(3, "shuffle").permutation(100);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect([...order]).not.toEqual([...order].sort((a, b) => a - b));
  });
});
