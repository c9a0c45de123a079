// A picture that grows is drawn again at its right end only, and looks the same as if it were drawn anew.
import { expect, test } from "vitest";
import { render } from "../../testing/render";
import { type RaceCurve, raceScene } from "../race/raceScene";
import { differenceFrom } from "./difference";
import { Picture } from "./Picture";

const size = { width: 700, height: 300 };
const steps = 1500;

/** Three curves as far as they have got, one with a band. */
function sceneAt(length: number) {
  const x = Array.from({ length }, (_, place) => place + 1);
  const curve = (index: number, dash: readonly number[]): RaceCurve => ({
    ...{ id: `${index}`, name: `cell ${index}`, colour: ["#b3261e", "#1e66b3", "#2e7d32"][index]!, dash, x },
    y: x.map((at) => 1 + index / 4 + 3 / (1 + at / 90) + Math.sin(at * (index + 1)) / 9),
  });
  const banded = { ...curve(2, []), deviation: x.map((at) => 0.1 + Math.sin(at) / 20) };
  const look = { ...size, scheme: "light", axis: "step", isLog: false, yName: "loss" } as const;
  return raceScene([curve(0, []), curve(1, [6, 3]), banded], { ...look, range: [0, steps] });
}

const picture = (length: number) => (
  <div style={{ position: "relative", ...size }}>
    <Picture {...size} marks={sceneAt(length).marks} />
  </div>
);
const pixelsOf = (container: Element) => {
  const canvas = container.querySelector("canvas")!;
  return canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height).data;
};

test("a growing picture has the pixels of one drawn anew", () => {
  const growing = render(picture(900));
  for (const length of [901, 902, 960]) growing.rerender(picture(length));
  const grown = pixelsOf(growing.container);
  const anew = pixelsOf(render(picture(960)).container);
  expect(anew.some((value) => value > 0)).toBe(true);
  let different = 0;
  for (let at = 0; at < anew.length; at++) if (Math.abs(anew[at]! - grown[at]!) > 16) different++;
  // The dashes of a curve are counted from its beginning, but to a fraction of a pixel.
  expect(different).toBeLessThan(anew.length / 50_000);
});

test("only what grew is drawn again, unless the axes changed", () => {
  const [before, now] = [sceneAt(900), sceneAt(901)];
  const edge = differenceFrom(before.marks, now.marks);
  expect(edge).toBeGreaterThan(before.x.pixel(900) - 12);
  expect(edge).toBeLessThanOrEqual(before.x.pixel(900));
  expect(differenceFrom(now.marks, now.marks)).toBe(Number.POSITIVE_INFINITY);
  expect(differenceFrom(before.marks, now.marks.slice(1))).toBe(0);
  const recoloured = now.marks.map((mark) => ({ ...mark, colour: "#000000" }));
  expect(differenceFrom(before.marks, recoloured)).toBe(0);
});
