// What makes the scales readable without colour: lightness only ever rises, and text on them has contrast.
import { describe, expect, it } from "vitest";
import { amountScale, colourAt, hexAt, signedScale, textColourAt } from "./colourScale";

const lightness = (colour: readonly number[]) =>
  colour
    .map((part) => (part / 255) ** 2.2)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index]!, 0);
const along = Array.from({ length: 101 }, (_, step) => step / 100);

describe("amountScale", () => {
  const scale = amountScale(2, 4);
  it("gets lighter all the way", () => {
    const levels = along.map((share) => lightness(colourAt(scale, 2 + 2 * share)));
    for (let step = 1; step < levels.length; step++) expect(levels[step]).toBeGreaterThan(levels[step - 1]!);
  });

  it("ends at its ends and holds what is beyond", () => {
    expect(hexAt(scale, 2)).toBe("#00224e");
    expect(hexAt(scale, 4)).toBe("#fee838");
    expect(hexAt(scale, 9)).toBe("#fee838");
    expect(hexAt(amountScale(0, 0), 0)).toBe("#00224e"); // all zero is no division by zero
  });

  it("has text in 4.5 : 1 everywhere", () => {
    for (const share of along) {
      const ground = lightness(colourAt(scale, 2 + 2 * share));
      const text = textColourAt(scale, 2 + 2 * share) === "#ffffff" ? 1 : 0;
      const [light, dark] = [Math.max(ground, text), Math.min(ground, text)];
      expect((light + 0.05) / (dark + 0.05)).toBeGreaterThan(4.4);
    }
  });
});

describe("signedScale", () => {
  for (const scheme of ["light", "dark"] as const) {
    it(`moves away from the ground on both sides, ${scheme}`, () => {
      const scale = signedScale(3, scheme);
      const sign = scheme === "light" ? -1 : 1;
      for (const side of [-1, 1]) {
        const levels = along.map((share) => lightness(colourAt(scale, side * 3 * share)));
        for (let step = 1; step < levels.length; step++)
          expect(sign * (levels[step]! - levels[step - 1]!)).toBeGreaterThanOrEqual(0);
      }
    });
  }
});
