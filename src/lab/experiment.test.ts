// The grid and the paper's presets: which cells an experiment has, and that equal budgets are equal.
import { describe, expect, it } from "vitest";
import { architectureOf } from "../models/architecture";
import { raceKey } from "../train/raceCells";
import { traineeOf } from "../train/trainee";
import { cellsOf, type ExperimentInput, experimentSchema, targetSetLabel } from "./experiment";
import { experimentPresets, moduleSizesOf, parametersPerRankOf, presetGrid } from "./presets";
import { tinyFolder } from "./testing/tinyLab";

const cells = (input: ExperimentInput) => cellsOf(experimentSchema.parse(input));

describe("cellsOf", () => {
  it("spells out rank × target set × seed with ids, labels and configurations", () => {
    const grid = {
      ranks: [2, 8],
      targetSets: [{ modules: ["q_proj"] }, { modules: ["q_proj", "v_proj"] }],
      seeds: [5, 6],
    };
    const all = cells({ grid, run: { seed: 9, steps: 7 } });
    expect(all.map(({ id }) => id)).toEqual([
      ...["r2_q_s5", "r2_q_s6", "r8_q_s5", "r8_q_s6"],
      ...["r2_q+v_s5", "r2_q+v_s6", "r8_q+v_s5", "r8_q+v_s6"],
    ]);
    expect(all[5]).toMatchObject({
      label: "rank 2 · q, v · seed 6",
      settingId: "r2_q+v",
      row: "q, v",
      rank: 2,
      config: {
        steps: 7,
        seed: 6,
        dataSeed: 9,
        adapter: { rank: 2, targetModules: ["q_proj", "v_proj"], loraAlpha: 16 },
      },
    });
    // All may race: nothing differs but what is a cell's own.
    expect(new Set(all.map(({ config }) => raceKey(config))).size).toBe(1);
  });

  it("takes alpha in proportion to the rank, several learning rates and numbers of examples", () => {
    const grid = {
      ranks: [1, 4],
      alpha: { kind: "perRank", factor: 2 } as const,
      learningRates: [0.001, 0.01],
      exampleCounts: [100, 0],
    };
    const all = cells({ grid });
    expect(all).toHaveLength(8);
    expect(new Set(all.map(({ id }) => id)).size).toBe(8);
    expect(all.map(({ config }) => config.adapter.loraAlpha)).toEqual([2, 2, 2, 2, 8, 8, 8, 8]);
    expect(all[1]).toMatchObject({ id: "r1_q+v_all_lr0.001_s0", learningRate: 0.001, exampleCount: 0 });
    expect(all[2]!.row).toBe("q, v · 100 examples · learning rate 0.01");
  });

  it("has one cell of full fine-tuning for all seeds, which draws nothing at random", () => {
    const all = cells({ grid: { methods: ["lora", "full"], ranks: [4], seeds: [0, 1, 2] } });
    expect(all.map(({ id }) => id)).toEqual(["r4_q+v_s0", "r4_q+v_s1", "r4_q+v_s2", "full_s0"]);
    expect(all[3]).toMatchObject({ rank: null, row: "all weights", config: { method: "full" } });
  });

  it.each<[ExperimentInput, RegExp]>([
    [{ grid: { ranks: [] } }, /ranks/],
    [{ grid: { ranks: [4, 4] } }, /ranks/],
    [{ grid: { seeds: [] } }, /seeds/],
    [{ grid: { targetSets: [{ modules: [] }] } }, /modules/],
    [{ grid: { alpha: { kind: "fixed", loraAlpha: 0 } } }, /loraAlpha/],
    [{ patience: -1 }, /patience/],
  ])("refuses %j", (input, field) => {
    const { error } = experimentSchema.safeParse(input);
    expect(error?.issues[0]?.path.join(".")).toMatch(field);
  });
});

const folder = await tinyFolder();

describe("presets", () => {
  const sizes = moduleSizesOf(architectureOf(folder.config).linears);
  /** Hidden 32, four query heads of 8, two key heads, two layers. */
  const perRank = { q_proj: 2 * (32 + 32), k_proj: 2 * (32 + 16), gate_proj: 2 * (32 + 48) };

  it("knows what a unit of rank costs", () => {
    for (const [name, count] of Object.entries(perRank)) {
      expect(parametersPerRankOf([name], sizes)).toBe(count);
    }
    expect(sizes.find(({ name }) => name === "v_proj")?.maxRank).toBe(16);
  });

  it("has Table 6's ranks and sets, as far as the model allows", () => {
    const grid = presetGrid("ranks", sizes);
    expect(grid.targetSets.map(({ modules }) => targetSetLabel(modules))).toEqual([
      "q",
      "q, v",
      "q, k, v, o",
    ]);
    expect(grid.ranks).toEqual([1, 2, 4, 8]); // a rank over 16 does not fit k and v here
    const wide = sizes.map((size) => ({ ...size, maxRank: 2048 }));
    expect(presetGrid("ranks", wide).ranks).toEqual([1, 2, 4, 8, 64]);
  });

  it("spreads one budget over Table 5's sets to within half a rank", () => {
    // Dimensions of SmolLM2-135M: 9 query and 3 key heads of 64, hidden 576, 30 layers.
    const outFeatures = { q_proj: 576, k_proj: 192, v_proj: 192, o_proj: 576 };
    const wide = new Map(
      Array.from({ length: 30 }, (_, layer) =>
        Object.entries(outFeatures).map(
          ([name, size]) => [`layers.${layer}.${name}`, { inFeatures: 576, outFeatures: size }] as const,
        ),
      ).flat(),
    );
    const wideSizes = moduleSizesOf(wide);
    const { targetSets } = presetGrid("budget", wideSizes);
    expect(targetSets.map(({ modules }) => targetSetLabel(modules))).toEqual([
      ...["q", "k", "v", "o", "q, k", "q, v", "q, k, v, o"],
    ]);
    const budget = 8 * parametersPerRankOf(targetSets.at(-1)!.modules, wideSizes);
    for (const { modules, rank } of targetSets) {
      const perUnit = parametersPerRankOf(modules, wideSizes);
      expect(Math.abs(rank! * perUnit - budget)).toBeLessThanOrEqual(perUnit / 2);
    }
  });

  it("counts what is really trained", () => {
    const grid = presetGrid("budget", sizes);
    const all = cells({ grid });
    expect(all).toHaveLength(7);
    for (const { config, targetModules, rank } of all) {
      const { parameterCount } = traineeOf(config, folder, null).layout;
      expect(parameterCount).toBe(rank! * parametersPerRankOf(targetModules, sizes));
    }
  });

  it("compares numbers of examples with full fine-tuning, and says when a model has no such modules", () => {
    const all = cells({ grid: presetGrid("samples", sizes) });
    expect(all.map(({ method, exampleCount }) => `${method} ${exampleCount}`)).toEqual([
      ...["lora 100", "lora 1000", "lora 0", "full 100", "full 1000", "full 0"],
    ]);
    const fused = [{ name: "c_attn", parametersPerRank: 10, maxRank: 8 }];
    for (const { id } of experimentPresets) {
      expect(() => presetGrid(id, fused)).toThrow(/target modules: expected a model with q_proj.*got c_attn/);
    }
  });
});
