// Which cells race together: no race is over the budget, none could be longer, and the split keeps the grid's order.
import { expect, it } from "vitest";
import { cellsOf, type ExperimentInput } from "./experiment";
import { planRaces } from "./planRaces";
import { tinyExamples, tinyExperiment, tinyFolder } from "./testing/tinyLab";

const folder = await tinyFolder();
const data = await tinyExamples(folder);
const unlimited = { budgetBytes: Number.POSITIVE_INFINITY, maxBindingBytes: Number.POSITIVE_INFINITY };

function planned(grid: ExperimentInput["grid"], limits = unlimited, mode: "race" | "sequential" = "race") {
  const experiment = tinyExperiment({ mode }, grid);
  const cells = cellsOf(experiment);
  return { cells, ...planRaces(experiment, cells, folder, data, limits) };
}

const grid = { ranks: [1, 2, 8, 16], seeds: [0, 1, 2], targetSets: [{ modules: ["q_proj", "v_proj"] }] };

it("races all cells at once when they fit, at much less than one base each", () => {
  const { races, note, cells } = planned(grid);
  expect(races.map((race) => race.cells)).toEqual([cells]);
  expect(note).toBeUndefined();
  const alone = planned(grid, unlimited, "sequential");
  expect(alone.races).toHaveLength(12);
  expect(alone.note).toMatch(/sequential/);
  const separately = alone.races.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  expect(races[0]!.memoryBytes).toBeLessThan(separately);
});

it.each([1.01, 1.7, 3, 5.5])("fills races up to %d times what the largest cell takes alone", (times) => {
  const alone = planned(grid, unlimited, "sequential").races.map(({ memoryBytes }) => memoryBytes);
  const budgetBytes = times * Math.max(...alone);
  const { races, cells, note } = planned(grid, { ...unlimited, budgetBytes });
  expect(races.flatMap((race) => race.cells)).toEqual(cells);
  expect(note).toMatch(/memory budget/);
  races.forEach((race, i) => {
    expect(race.memoryBytes).toBeLessThanOrEqual(budgetBytes);
    const first = cells.indexOf(race.cells[0]!);
    const longer = cells.slice(first, first + race.cells.length + 1);
    if (i === races.length - 1) return;
    const { races: tried } = planRaces({ mode: "race" }, longer, folder, data, unlimited);
    expect(tried[0]!.memoryBytes).toBeGreaterThan(budgetBytes);
  });
});

it("holds single buffers against what the GPU binds, and lets one that fits nowhere run alone", () => {
  const whole = planned(grid).races[0]!;
  const { races } = planned(grid, { ...unlimited, maxBindingBytes: whole.largestBufferBytes - 1 });
  expect(races.length).toBeGreaterThan(1);
  const { races: tiny } = planned(grid, { ...unlimited, budgetBytes: 1 });
  expect(tiny.map((race) => race.cells.length)).toEqual(Array.from({ length: 12 }, () => 1));
});

it("keeps apart what has other batches or trains the whole model", () => {
  const { races, note } = planned({
    ...{ methods: ["lora", "full"], ranks: [4], seeds: [0, 1], exampleCounts: [5, 0] },
    targetSets: [{ modules: ["q_proj"] }],
  });
  expect(races.map((race) => race.cells.map(({ id }) => id))).toEqual([
    ...[["r4_q_n5_s0", "r4_q_n5_s1"], ["r4_q_all_s0", "r4_q_all_s1"], ["full_n5_s0"], ["full_all_s0"]],
  ]);
  expect(note).toMatch(/Full fine-tuning runs alone/);
});
