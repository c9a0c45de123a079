// The table's statistics against values worked out by hand, and when it may call a setting the best.
import { describe, expect, it } from "vitest";
import { cellsOf, experimentSchema } from "./experiment";
import { type CellResult, resultTable, settingResults, summarise } from "./results";

const experiment = (seeds: number[]) =>
  experimentSchema.parse({ grid: { ranks: [1, 8], targetSets: [{ modules: ["q_proj"] }], seeds } });

const result = (id: string, validationLoss: number | null, more: Partial<CellResult> = {}): CellResult => ({
  ...{ id, outcome: "done", reason: null, step: 10, keptStep: null, trainLoss: 1, validationLoss },
  ...{ lowestValidationLoss: validationLoss, task: null, trainableParameters: 100 },
  ...{ timeMs: 1000, memoryBytes: 5000, racedWith: 4 },
  ...more,
});

/** Losses of rank 1 and rank 8, by seed. */
const tableOf = (one: number[], eight: number[], measure: "validationLoss" | "exact" = "validationLoss") => {
  const of = (rank: number, values: number[]) =>
    values.map((value, seed) =>
      result(`r${rank}_q_s${seed}`, value, { task: { exact: value, fraction: value, count: 4 } }),
    );
  const cells = cellsOf(experiment([0, 1, 2]));
  return resultTable(cells, [...of(1, one), ...of(8, eight)], measure);
};

describe("summarise", () => {
  it("gives mean, sample deviation, and the range up to three values", () => {
    expect(summarise([])).toBeNull();
    expect(summarise([3])).toEqual({ count: 1, mean: 3, std: null, interval: null });
    expect(summarise([1, 2, 6])).toEqual({ count: 3, mean: 3, std: Math.sqrt(7), interval: [1, 6] });
  });

  it("gives two standard errors beyond three values", () => {
    // 2, 4, 4, 6: mean 4, squares 4 + 0 + 0 + 4 over 3, standard error √(8/3)/2
    const { mean, std, interval } = summarise([2, 4, 4, 6])!;
    expect([mean, std]).toEqual([4, Math.sqrt(8 / 3)]);
    expect(interval![0]).toBeCloseTo(4 - Math.sqrt(8 / 3), 12);
    expect(interval![1]).toBeCloseTo(4 + Math.sqrt(8 / 3), 12);
  });
});

describe("resultTable", () => {
  it("has the paper's rows and columns", () => {
    const grid = {
      methods: ["lora", "full"] as ("lora" | "full")[],
      ranks: [8, 1],
      targetSets: [{ modules: ["q_proj"] }, { modules: ["v_proj"] }, { modules: ["k_proj"], rank: 4 }],
    };
    const { columns, rows } = resultTable(cellsOf(experimentSchema.parse({ grid })), [], "validationLoss");
    expect(columns).toEqual([1, 4, 8, null]);
    const filled = rows.map(({ label, settings }) => [label, settings.map((setting) => setting !== null)]);
    expect(filled).toEqual([
      ["q", [true, false, true, false]],
      ["v", [true, false, true, false]],
      ["k", [false, true, false, false]],
      ["all weights", [false, false, false, true]],
    ]);
  });

  it("calls a setting the best only when its interval lies apart", () => {
    expect(tableOf([2, 2.1, 2.2], [1.7, 1.8, 1.9]).verdict).toEqual({ kind: "best", settingId: "r8_q" });
    const overlap = tableOf([2, 2.1, 2.2], [1.7, 1.8, 2.05]).verdict;
    expect(overlap).toEqual({ kind: "within noise", settingIds: ["r8_q", "r1_q"] });
    // A share is better when it is higher; touching intervals overlap.
    expect(tableOf([0.5, 0.6], [0.7, 0.8], "exact").verdict).toEqual({ kind: "best", settingId: "r8_q" });
    expect(tableOf([0.5, 0.7], [0.7, 0.8], "exact").verdict.kind).toBe("within noise");
  });

  it("lets full fine-tuning, which has no spread, be the best outside of the others' ranges only", () => {
    const targetSets = [{ modules: ["q_proj"] }];
    const grid = { methods: ["lora" as const, "full" as const], ranks: [1], targetSets, seeds: [0, 1] };
    const cells = cellsOf(experimentSchema.parse({ grid }));
    const verdictWith = (full: number) => {
      const results = [result("r1_q_s0", 2), result("r1_q_s1", 2.2), result("full_s0", full)];
      return resultTable(cells, results, "validationLoss").verdict;
    };
    expect(verdictWith(1.5)).toEqual({ kind: "best", settingId: "full" });
    expect(verdictWith(2.05)).toEqual({ kind: "within noise", settingIds: ["full", "r1_q"] });
  });

  it("says when there is too little to judge by", () => {
    expect(tableOf([2], [1]).verdict).toEqual({ kind: "one seed" });
    expect(tableOf([], []).verdict).toEqual({ kind: "none" });
    expect(tableOf([1, 2], []).verdict).toEqual({ kind: "one setting" });
  });

  it("leaves failed and skipped cells out of the mean and names them", () => {
    const cells = cellsOf(experiment([0, 1, 2]));
    const results = [
      result("r1_q_s0", 2),
      result("r1_q_s1", 9, { outcome: "failed", reason: "step 3: no number" }),
      result("r1_q_s2", 3, { outcome: "stopped", timeMs: 3000, memoryBytes: 7000 }),
    ];
    const [one, eight] = settingResults(cells, results, "validationLoss");
    expect(one).toMatchObject({
      ...{ cellCount: 3, cellIds: ["r1_q_s0", "r1_q_s2"], meanTimeMs: 2000, memoryBytes: 7000 },
      ...{ summary: { mean: 2.5, count: 2 }, trainableParameters: 100 },
      missing: [{ id: "r1_q_s1", reason: "step 3: no number" }],
    });
    expect(eight).toMatchObject({ cellIds: [], summary: null, trainableParameters: null });
  });
});
