import { describe, expect, test } from "vitest";
import { cellsOfDraft, seriesOf } from "../testing/experiment";
import { raceCurves, raceEnd, raceSettings } from "./raceCurves";
import { firstLook } from "./raceLook";
import { raceScene } from "./raceScene";
import { readingAt, readingText } from "./reading";

const cells = cellsOfDraft({ ranks: [1, 8], targetSets: [{ modules: ["q_proj"] }], seeds: "0, 1" });
const settings = raceSettings(cells, "light");
const series = {
  r1_q_s0: seriesOf([4, 2, 1], [5, 3]),
  r1_q_s1: seriesOf([2, 2, 3], [5, 1]),
  r8_q_s0: seriesOf([1]),
};
const plain = { ...firstLook, smoothing: 0 };
const curvesOf = (change: Partial<typeof firstLook> = {}) =>
  raceCurves(settings, series, [], { ...plain, ...change });

describe("raceCurves", () => {
  test("one for each cell, those that wait are empty", () => {
    const curves = curvesOf();
    expect(curves.map(({ name }) => name)).toEqual(cells.map(({ label }) => label));
    expect(curves.map(({ y }) => [...(y as Float32Array)])).toEqual([[4, 2, 1], [2, 2, 3], [1], []]);
  });

  test("seeds averaged, with their deviation", () => {
    const [first, second] = curvesOf({ isAveraged: true });
    expect(first?.name).toBe("rank 1 · q");
    expect([...(first!.y as Float64Array)]).toEqual([3, 2, 2]);
    expect(first?.deviation?.[0]).toBeCloseTo(Math.SQRT2, 12);
    expect(second?.y).toHaveLength(1);
  });

  test("a seed that failed ends no mean", () => {
    const short = { ...series, r1_q_s1: seriesOf([2]) };
    const lengthWith = (lost: readonly string[]) =>
      raceCurves(settings, short, lost, { ...plain, isAveraged: true })[0]!.y.length;
    expect([lengthWith([]), lengthWith(["r1_q_s1"])]).toEqual([1, 3]);
  });

  test("validation, over steps, tokens and time", () => {
    expect([...(curvesOf({ quantity: "validation" })[0]!.x as Uint32Array)]).toEqual([0, 1]);
    expect([...(curvesOf({ axis: "tokens" })[0]!.x as Float64Array)]).toEqual([10, 20, 30]);
    expect([...(curvesOf({ axis: "time" })[0]!.x as Float64Array)]).toEqual([5, 10, 15]);
  });

  test("only what is isolated", () => {
    expect(curvesOf({ isolated: ["r8_q"] }).map(({ id }) => id)).toEqual(["r8_q_s0", "r8_q_s1"]);
  });

  test("the axis has room for the planned steps", () => {
    expect(raceEnd(curvesOf(), "step", 100)).toBe(100);
    expect(raceEnd(curvesOf({ axis: "time" }), "time", 100)).toBe(15);
  });
});

test("a row has one hue and dash, and a rank its own strength", () => {
  const two = raceSettings(
    cellsOfDraft({ ranks: [1, 8], targetSets: [{ modules: ["q_proj"] }, { modules: ["v_proj"] }] }),
    "light",
  );
  expect(new Set(two.map(({ colour }) => colour)).size).toBe(4);
  expect(two[0]!.dash).toEqual(two[1]!.dash);
  expect(two[0]!.dash).not.toEqual(two[2]!.dash);
});

describe("readingAt", () => {
  test("the values of all curves that reach there, best first", () => {
    const reading = readingAt(curvesOf(), 2.9, [0, 100])!;
    expect(reading.x).toBe(3);
    expect(reading.values.map(({ value }) => value)).toEqual([1, 3]);
    expect(readingText(reading, "step")).toBe(
      "step 3: rank 1 · q · seed 0 1.0000; rank 1 · q · seed 1 3.0000",
    );
  });

  test("nothing where nothing was measured", () => {
    expect(readingAt(raceCurves(settings, {}, [], plain), 5, [0, 100])).toBeUndefined();
  });

  test("means with their deviation", () => {
    const reading = readingAt(curvesOf({ isAveraged: true }), 1, [0, 100])!;
    expect(readingText(reading, "step")).toContain("rank 1 · q 3.0000 ± 1.4142");
  });
});

describe("raceScene", () => {
  const look = {
    width: 400,
    height: 200,
    scheme: "light",
    axis: "step",
    isLog: false,
    yName: "loss",
  } as const;

  test("every point lies in the plot, bands too, on both axes", () => {
    for (const isLog of [false, true])
      for (const isAveraged of [false, true]) {
        const scene = raceScene(curvesOf({ isAveraged }), { ...look, isLog, range: [0, 4] });
        const { left, right, top, bottom } = scene.area;
        const drawn = scene.marks.flatMap((mark) =>
          mark.kind === "area" || (mark.kind === "line" && mark.width > 1) ? [mark.points] : [],
        );
        expect(drawn.length).toBeGreaterThan(0);
        for (const points of drawn)
          points.forEach((value, at) => {
            expect(value).toBeGreaterThanOrEqual((at % 2 === 0 ? left : top) - 1e-6);
            expect(value).toBeLessThanOrEqual((at % 2 === 0 ? right : bottom) + 1e-6);
          });
      }
  });

  test("a loss of 0 or NaN does not break the log axis", () => {
    const odd = { ...series, r1_q_s0: seriesOf([1, 0, Number.NaN, 2]) };
    const scene = raceScene(raceCurves(settings, odd, [], plain), { ...look, isLog: true, range: [0, 4] });
    for (const mark of scene.marks)
      if (mark.kind === "line") expect([...mark.points].every(Number.isFinite)).toBe(true);
  });

  test("without points it says so", () => {
    expect(raceScene([], { ...look, range: [0, 10] }).isEmpty).toBe(true);
    expect(raceScene(curvesOf(), { ...look, range: [0, 10] }).isEmpty).toBe(false);
  });
});
