import { describe, expect, it } from "vitest";
import { checkSampling, sampleToken } from "./sampling";

// Probabilities 0.5, 0.25, 0.15, 0.1 in a shuffled vocabulary.
const probabilities = [0.15, 0.5, 0.1, 0.25];
const logits = Float32Array.from(probabilities, Math.log);

/** How often each token comes, over evenly spread draws. */
function frequencies(options: Parameters<typeof sampleToken>[1]): number[] {
  const counts = [0, 0, 0, 0];
  const n = 2000;
  for (let i = 0; i < n; i++) counts[sampleToken(logits, options, (i + 0.5) / n)]! += 1 / n;
  return counts;
}

describe("sampleToken", () => {
  it("is greedy at temperature 0, the lowest id first among equals", () => {
    expect(sampleToken(logits, { temperature: 0, topK: 0, topP: 1 }, 0.99)).toBe(1);
    expect(sampleToken(new Float32Array([2, 5, 5]), { temperature: 0, topK: 0, topP: 1 }, 0.5)).toBe(1);
  });

  it("draws with the model's probabilities at temperature 1", () => {
    frequencies({ temperature: 1, topK: 0, topP: 1 }).forEach((share, token) => {
      expect(share).toBeCloseTo(probabilities[token]!, 2);
    });
  });

  it("sharpens and flattens with temperature", () => {
    expect(frequencies({ temperature: 0.5, topK: 0, topP: 1 })[1]).toBeCloseTo(0.25 / 0.345, 2);
  });

  it("keeps the k likeliest", () => {
    const [a, b, c, d] = frequencies({ temperature: 1, topK: 2, topP: 1 });
    expect([a, c]).toEqual([0, 0]);
    expect(b! / d!).toBeCloseTo(2, 1);
  });

  it("keeps the smallest set whose probabilities reach p", () => {
    const [a, b, c, d] = frequencies({ temperature: 1, topK: 0, topP: 0.6 });
    expect([a, c]).toEqual([0, 0]);
    expect(b! + d!).toBeCloseTo(1, 5);
    expect(frequencies({ temperature: 1, topK: 0, topP: 0.5 })[1]).toBeCloseTo(1, 5);
  });

  it("names an option out of range", () => {
    expect(() => checkSampling({ temperature: -1, topK: 0, topP: 1 })).toThrow("temperature");
    expect(() => checkSampling({ temperature: 1, topK: 0.5, topP: 1 })).toThrow("top-k");
    expect(() => checkSampling({ temperature: 1, topK: 0, topP: 0 })).toThrow("top-p");
  });
});
