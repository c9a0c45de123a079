import { describe, expect, test } from "vitest";
import { resultTable, settingResults, verdictText } from "../../../studio/stores/labView";
import { cellsOfDraft, resultOf } from "../testing/experiment";
import { formatSummary } from "./formatMeasure";
import { metricLines, metricScene } from "./metricScene";
import { isWithinNoise } from "./verdict";

const targetSets = [{ modules: ["q_proj"] }, { modules: ["q_proj", "v_proj"] }];
const cells = cellsOfDraft({ ranks: [1, 8], targetSets, seeds: "0, 1", methods: ["lora", "full"] });
const losses: Record<string, readonly [number, number]> = {
  r1_q: [2, 2.2],
  r8_q: [1.5, 1.6],
  "r1_q+v": [1.2, 1.3],
  "r8_q+v": [1, 1.1],
};
const results = Object.entries(losses).flatMap(([id, pair]) =>
  pair.map((loss, seed) => resultOf(`${id}_s${seed}`, loss)),
);
const tableOf = (change: Record<string, number>) =>
  resultTable(
    cells,
    results.map((result) => ({ ...result, validationLoss: change[result.id] ?? result.validationLoss })),
    "validationLoss",
  );

describe("verdictText", () => {
  test("a best that stands apart", () => {
    expect(verdictText(tableOf({}))).toBe(
      "Best: rank 8 · q, v. Its spread over seeds overlaps with no other's.",
    );
  });

  test("within noise: no winner, and those that cannot be told apart are named", () => {
    const table = tableOf({ "r1_q+v_s0": 1.05 });
    expect(verdictText(table)).toBe(
      "Within noise: rank 8 · q, v has the lowest mean, but its spread over seeds overlaps with rank 1 · q, v. No setting is marked as best.",
    );
    const marked = table.rows.flatMap(({ settings }) =>
      settings.flatMap((setting) => (setting && isWithinNoise(table, setting) ? [setting.settingLabel] : [])),
    );
    expect(marked).toEqual(["rank 1 · q, v", "rank 8 · q, v"]);
  });

  test("one seed proves nothing", () => {
    const one = resultTable(
      cells,
      results.filter(({ id }) => id.endsWith("_s0")),
      "validationLoss",
    );
    expect(verdictText(one)).toMatch(/^One seed shows no spread/);
  });

  test("nothing measured, nothing said", () => {
    expect(verdictText(resultTable(cells, [], "validationLoss"))).toBe("No results yet.");
  });
});

test("losses in nats, shares in percent", () => {
  const summary = { count: 2, mean: 0.5, std: 0.125, interval: null };
  expect(formatSummary(summary, "validationLoss")).toBe("0.5000 ± 0.1250");
  expect(formatSummary(summary, "exact")).toBe("50 % ± 12.5 %");
  expect(formatSummary({ ...summary, std: null }, "exact")).toBe("50 %");
});

describe("metric by rank", () => {
  const full = resultOf("full_s0", 0.9, { trainableParameters: 1_000_000 });
  const lines = metricLines(
    settingResults(cells, [...results, full], "validationLoss"),
    "rank",
    "validationLoss",
    "light",
  );
  const look = {
    width: 500,
    height: 300,
    axis: "rank",
    measure: "validationLoss",
    yName: "loss",
    scheme: "light",
  } as const;

  test("a line for each target set, a level for full fine-tuning", () => {
    expect(lines.map(({ name, isLevel }) => [name, isLevel])).toEqual([
      ["q", false],
      ["q, v", false],
      ["all weights", true],
    ]);
    expect(lines[0]!.points.map(({ x, mean }) => [x, mean])).toEqual([
      [1, 2.1],
      [8, 1.55],
    ]);
  });

  test("ranks lie evenly on the log₂ axis, better is lower, whiskers where there is a spread", () => {
    const { spots, marks, x } = metricScene(lines, look);
    expect(x.pixel(4) - x.pixel(2)).toBeCloseTo(x.pixel(2) - x.pixel(1), 6);
    expect(spots).toHaveLength(4);
    expect(spots[0]!.y).toBeLessThan(spots[1]!.y);
    expect(spots[0]!.text).toBe("rank 1 · q: 2.1000 ± 0.1414");
    const whiskers = marks.filter((mark) => mark.kind === "line" && mark.opacity === 0.8);
    expect(whiskers).toHaveLength(3 * 4);
  });

  test("against the trained values, full fine-tuning is a point", () => {
    const own = metricLines(
      settingResults(cells, [...results, full], "validationLoss"),
      "parameters",
      "validationLoss",
      "light",
    );
    expect(own.at(-1)!.points[0]!.x).toBe(1_000_000);
    expect(own.some(({ isLevel }) => isLevel)).toBe(false);
  });
});
