import { describe, expect, test } from "vitest";
import { curveColour, curveDash, surroundings } from "./palette";
import { scaleOf } from "./scale";
import { drawMarks, pathOf, type Scene, sceneToSvg } from "./scene";

const scene: Scene = {
  width: 120,
  height: 60,
  title: 'Loss < 1 & "rank"',
  ground: "#ffffff",
  marks: [
    { kind: "area", points: Float64Array.of(10, 10, 50, 10, 50, 50, 10, 50), colour: "#ff0000", opacity: 1 },
    {
      ...{ kind: "line", points: Float64Array.of(60, 30, 110.126, 30), colour: "#0000ff" },
      ...{ width: 4, dash: [], opacity: 1 },
    },
    { kind: "dot", x: 85, y: 50, radius: 5, colour: "#00ff00", opacity: 1 },
    { kind: "text", x: 60, y: 8, text: "q < v & “o”", anchor: "middle", colour: "#000000", size: 11 },
  ],
};

function pixelsOf(draw: (context: CanvasRenderingContext2D) => void): (x: number, y: number) => string {
  const canvas = document.createElement("canvas");
  canvas.width = scene.width;
  canvas.height = scene.height;
  const context = canvas.getContext("2d")!;
  context.fillStyle = scene.ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  draw(context);
  return (x, y) => [...context.getImageData(x, y, 1, 1).data.slice(0, 3)].join();
}

describe("a scene", () => {
  const places = [
    [30, 30, "255,0,0"],
    [85, 30, "0,0,255"],
    [85, 50, "0,255,0"],
    [5, 55, "255,255,255"],
  ] as const;

  test("on a canvas", () => {
    const at = pixelsOf((context) => drawMarks(context, scene.marks, 1));
    for (const [x, y, colour] of places) expect(at(x, y), `${x}, ${y}`).toBe(colour);
  });

  test("as SVG, which a browser draws the same", async () => {
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(sceneToSvg(scene))}`;
    await image.decode();
    const at = pixelsOf((context) => context.drawImage(image, 0, 0));
    for (const [x, y, colour] of places) expect(at(x, y), `${x}, ${y}`).toBe(colour);
  });

  test("as SVG that is well formed, with its texts in full", () => {
    const parsed = new DOMParser().parseFromString(sceneToSvg(scene), "image/svg+xml");
    expect(parsed.querySelector("parsererror")).toBeNull();
    expect(parsed.querySelector("title")?.textContent).toBe(scene.title);
    expect(parsed.querySelector("text")?.textContent).toBe("q < v & “o”");
  });

  test("a long line is as strong, drawn in strands", () => {
    const points = Float64Array.from({ length: 600 }, (_, at) => (at % 2 === 0 ? 10 + at / 6 : 30));
    const long = { kind: "line", points, colour: "#0000ff", width: 2, dash: [], opacity: 1 } as const;
    const at = pixelsOf((context) => drawMarks(context, [long], 1));
    const column = Array.from({ length: 60 }, (_, y) => at(60, y)).filter(
      (colour) => colour !== "255,255,255",
    );
    expect(column.length).toBeGreaterThanOrEqual(2);
    expect(column.length).toBeLessThanOrEqual(4);
  });
});

test("pathOf writes no more digits than can be seen", () => {
  expect(pathOf(Float64Array.of(0, 1 / 3, 10, 2.25))).toBe("M0 0.3L10 2.3");
  expect(pathOf(new Float64Array())).toBe("");
});

test.each([false, true])("a scale goes there and back, log %s", (isLog) => {
  const scale = scaleOf([1, 64], [50, 450], isLog);
  expect(scale.pixel(1)).toBeCloseTo(50, 9);
  expect(scale.pixel(64)).toBeCloseTo(450, 9);
  expect(scale.pixel(8)).toBeCloseTo(isLog ? 250 : 50 + (400 * 7) / 63, 9);
  for (const value of [1, 2.5, 17, 64]) expect(scale.value(scale.pixel(value))).toBeCloseTo(value, 9);
});

describe("the palette", () => {
  const luminance = (colour: string) => {
    const [r, g, b] = [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const contrast = (one: string, other: string) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high! + 0.05) / (low! + 0.05);
  };

  test.each(["light", "dark"] as const)("every curve can be seen on a %s ground", (scheme) => {
    for (let line = 0; line < 8; line++)
      for (const share of [0, 0.25, 0.5, 0.75, 1])
        expect(
          contrast(curveColour(line, share, scheme), surroundings[scheme].ground),
        ).toBeGreaterThanOrEqual(3);
  });

  test("lines differ in dash as well as in colour", () => {
    const lines = Array.from({ length: 8 }, (_, line) => line);
    expect(new Set(lines.map((line) => curveDash(line).join())).size).toBe(8);
    expect(new Set(lines.map((line) => curveColour(line, 0.5, "light"))).size).toBe(8);
  });
});
