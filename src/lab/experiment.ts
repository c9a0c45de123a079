// What a rank experiment is: a grid of settings over one shared run configuration, and the cells it spells out.
// Pure, so that the page, the worker and the command line derive the very same cells from the same file.
import { z } from "zod";
import { type TrainConfig, trainConfigSchema } from "../train/config";

export const experimentModes = ["race", "sequential"] as const;
export const experimentMethods = ["lora", "full"] as const;

const rank = z.int().min(1).max(4096);
const seed = z.int().min(0).max(0xffff_ffff);
const unique = (values: readonly unknown[]) => new Set(values.map((value) => JSON.stringify(value))).size;
const listOf = <T extends z.ZodType>(item: T) =>
  z.array(item).refine((values) => unique(values) === values.length, {
    error: "expected each value once, got one twice.",
  });

const targetSetSchema = z.strictObject({
  /** Module names, matched as PEFT does. */
  modules: listOf(z.string().min(1)).min(1),
  /** Train this set at this rank only, in place of the grid's ranks: how one budget is spread (paper, Table 5). */
  rank: rank.optional(),
});

const alphaRuleSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("fixed"), loraAlpha: z.number().positive() }),
  /** alpha = factor · rank: the same scaling at every rank. */
  z.strictObject({ kind: z.literal("perRank"), factor: z.number().positive() }),
]);

export const gridSchema = z
  .strictObject({
    methods: listOf(z.enum(experimentMethods)).min(1).default(["lora"]),
    ranks: listOf(rank).default([1, 2, 4, 8, 64]),
    targetSets: listOf(targetSetSchema)
      .min(1)
      .default([{ modules: ["q_proj", "v_proj"] }]),
    seeds: listOf(seed).min(1).default([0]),
    alpha: alphaRuleSchema.default({ kind: "fixed", loraAlpha: 16 }),
    /** None: the run configuration's own. */
    learningRates: listOf(z.number().min(0)).default([]),
    /** How many of the training examples are used, from the first; 0 is all of them. */
    exampleCounts: listOf(z.int().min(0)).min(1).default([0]),
  })
  .refine(({ ranks, targetSets }) => ranks.length > 0 || targetSets.every((set) => set.rank !== undefined), {
    path: ["ranks"],
    error: "expected at least one, got none.",
  });

export const experimentSchema = z.strictObject({
  name: z.string().min(1).max(200).default("Rank experiment"),
  grid: gridSchema.prefault({}),
  /** What all cells share; the grid's settings stand in for its adapter's. Its own seed orders the data of every cell. */
  run: trainConfigSchema.prefault({}),
  mode: z.enum(experimentModes).default("race"),
  /** Evaluations without a lower validation loss after which a cell is stopped; 0 never. */
  patience: z.int().min(0).max(10_000).default(0),
  /** Validation prompts that each trained cell completes for the task's own metric; 0 measures none. */
  metricExamples: z.int().min(0).max(100_000).default(16),
  /** GPU memory that one race may take, in MB of 2²⁰ bytes; WebGPU does not tell how much there is. */
  memoryBudgetMb: z.number().positive().default(2048),
});

export type Grid = z.infer<typeof gridSchema>;
export type TargetSet = Grid["targetSets"][number];
export type Experiment = z.infer<typeof experimentSchema>;
export type ExperimentInput = z.input<typeof experimentSchema>;

/** One run of the grid. */
export interface ExperimentCell {
  /** Stable and fit for a folder name, e.g. "r8_q+v_s0". */
  readonly id: string;
  /** E.g. "rank 8 · q, v · seed 0". */
  readonly label: string;
  /** Shared by the cells that differ in their seed only. */
  readonly settingId: string;
  /** The label without the seed. */
  readonly settingLabel: string;
  /** Its row of the results table, e.g. "q, v". */
  readonly row: string;
  /** Its column; null for full fine-tuning. */
  readonly rank: number | null;
  readonly method: (typeof experimentMethods)[number];
  readonly targetModules: readonly string[];
  readonly learningRate: number;
  readonly seed: number;
  /** Training examples used, from the first; 0 is all of them. */
  readonly exampleCount: number;
  /** All it is trained with. Cells of one `exampleCount` see the same batches in the same order. */
  readonly config: TrainConfig;
}

/** "q_proj", "v_proj" → "q, v". */
export function targetSetLabel(modules: readonly string[]): string {
  return modules.map((name) => name.replace(/_proj$/, "")).join(", ");
}

const countLabel = (count: number): string => (count === 0 ? "all examples" : `${count} examples`);

/**
 * The cells of an experiment, in the order of the grid: methods, target sets, ranks, learning rates, numbers of
 * examples, seeds. Full fine-tuning starts from the model and has no dropout, so a seed changes nothing in it: it has
 * one cell for all seeds.
 */
export function cellsOf({ grid, run }: Experiment): ExperimentCell[] {
  const learningRates = grid.learningRates.length > 0 ? grid.learningRates : [run.learningRate];
  return grid.methods.flatMap((method) =>
    adaptersOf(grid, method).flatMap((adapter) =>
      learningRates.flatMap((learningRate) =>
        grid.exampleCounts.flatMap((exampleCount) =>
          (method === "lora" ? grid.seeds : grid.seeds.slice(0, 1)).map((cellSeed) =>
            cellOf({ grid, run }, { method, ...adapter, learningRate, exampleCount, seed: cellSeed }),
          ),
        ),
      ),
    ),
  );
}

type Choice = Pick<
  ExperimentCell,
  "method" | "rank" | "targetModules" | "learningRate" | "exampleCount" | "seed"
>;

function adaptersOf(
  { ranks, targetSets }: Grid,
  method: ExperimentCell["method"],
): Pick<ExperimentCell, "rank" | "targetModules">[] {
  if (method === "full") return [{ rank: null, targetModules: [] }];
  return targetSets.flatMap(({ modules, rank: own }) =>
    (own === undefined ? ranks : [own]).map((each) => ({ rank: each, targetModules: modules })),
  );
}

function cellOf({ grid, run }: Pick<Experiment, "grid" | "run">, choice: Choice): ExperimentCell {
  const { method, rank: cellRank, targetModules, learningRate, exampleCount, seed: cellSeed } = choice;
  const targets = method === "full" ? "all weights" : targetSetLabel(targetModules);
  const varied = [
    ...(grid.exampleCounts.length > 1 ? [countLabel(exampleCount)] : []),
    ...(grid.learningRates.length > 1 ? [`learning rate ${learningRate}`] : []),
  ];
  const settingLabel = [cellRank === null ? "full" : `rank ${cellRank}`, targets, ...varied].join(" · ");
  const settingId = [
    cellRank === null ? "full" : `r${cellRank}_${targetSetLabel(targetModules).replaceAll(", ", "+")}`,
    ...(grid.exampleCounts.length > 1 ? [exampleCount === 0 ? "all" : `n${exampleCount}`] : []),
    ...(grid.learningRates.length > 1 ? [`lr${learningRate}`] : []),
  ]
    .join("_")
    .replace(/[^\w.+-]/g, "-");
  return {
    ...choice,
    id: `${settingId}_s${cellSeed}`,
    label: `${settingLabel} · seed ${cellSeed}`,
    settingId,
    settingLabel,
    row: [targets, ...varied].join(" · "),
    config: {
      ...run,
      method,
      learningRate,
      seed: cellSeed,
      dataSeed: run.dataSeed ?? run.seed,
      adapter:
        cellRank === null
          ? run.adapter
          : {
              ...run.adapter,
              rank: cellRank,
              loraAlpha: grid.alpha.kind === "fixed" ? grid.alpha.loraAlpha : grid.alpha.factor * cellRank,
              targetModules: [...targetModules],
            },
    },
  };
}
