import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Lifetime, planArena } from "./arena";

const lifetime = fc
  .record({ sizeBytes: fc.integer({ min: 1, max: 1000 }), a: fc.nat(30), b: fc.nat(30) })
  .map(({ sizeBytes, a, b }) => ({ sizeBytes, first: Math.min(a, b), last: Math.max(a, b) }));

/** Live bytes by brute force: the sum over each moment. */
function peakOf(lifetimes: readonly Lifetime[]): number {
  const end = Math.max(0, ...lifetimes.map(({ last }) => last + 1));
  const live = Array.from({ length: end }, (_, moment) =>
    lifetimes
      .filter(({ first, last }) => first <= moment && moment <= last)
      .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  );
  return Math.max(0, ...live);
}

/**
 * Activations of one training step of a transformer: each is written in the forward pass and read again at the
 * mirrored place of the backward pass, where gradients of the same sizes live for a few calls.
 */
function transformerStep(layers: number, hidden: number, intermediate: number): Lifetime[] {
  const widths = [
    hidden,
    hidden,
    hidden,
    hidden,
    2,
    hidden,
    hidden,
    intermediate,
    intermediate,
    intermediate,
  ];
  const end = 2 * layers * widths.length;
  const lifetimes: Lifetime[] = [];
  for (let layer = 0; layer < layers; layer++) {
    widths.forEach((sizeBytes, i) => {
      const first = layer * widths.length + i;
      const mirrored = end - 1 - first;
      lifetimes.push({ sizeBytes, first, last: mirrored });
      lifetimes.push({ sizeBytes, first: mirrored, last: Math.min(end, mirrored + 2 + (i % 3)) });
    });
  }
  return lifetimes;
}

describe("planArena", () => {
  it("never lets two tensors that are alive together share a slot, and every tensor fits", () => {
    fc.assert(
      fc.property(fc.array(lifetime, { maxLength: 60 }), (lifetimes) => {
        const plan = planArena(lifetimes);
        lifetimes.forEach((one, i) => {
          expect(plan.slotBytes[plan.slotOf[i]!]).toBeGreaterThanOrEqual(one.sizeBytes);
          lifetimes.slice(0, i).forEach((other, j) => {
            const together = one.first <= other.last && other.first <= one.last;
            if (together) expect(plan.slotOf[i]).not.toBe(plan.slotOf[j]);
          });
        });
      }),
    );
  });

  it("knows the peak, which no plan is under, and uses no more than giving each tensor its own place", () => {
    fc.assert(
      fc.property(fc.array(lifetime, { maxLength: 60 }), (lifetimes) => {
        const plan = planArena(lifetimes);
        expect(plan.peakLiveBytes).toBe(peakOf(lifetimes));
        expect(plan.totalBytes).toBe(plan.slotBytes.reduce((sum, bytes) => sum + bytes, 0));
        expect(plan.totalBytes).toBeGreaterThanOrEqual(plan.peakLiveBytes);
        const separate = lifetimes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        expect(plan.totalBytes).toBeLessThanOrEqual(separate);
      }),
    );
  });

  it.each([
    [2, 64, 176],
    [8, 576, 1536],
    [30, 960, 2560],
  ])("stays within 1.15 of the peak for %i layers of %i and %i", (layers, hidden, intermediate) => {
    const plan = planArena(transformerStep(layers, hidden, intermediate));
    expect(plan.totalBytes / plan.peakLiveBytes).toBeLessThan(1.15);
  });
});
