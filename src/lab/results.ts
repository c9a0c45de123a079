// What an experiment found: each cell's figures, their mean and spread over seeds, and whether one setting is better
// than the others or only looks so. Pure; the page shows what the files say.
import { z } from "zod";
import type { ExperimentCell } from "./experiment";

export const cellOutcomes = ["done", "stopped", "skipped", "failed"] as const;

export const taskScoreSchema = z.strictObject({
  /** Share of the completions that are right in everything. */
  exact: z.number(),
  /** Mean share of a completion's values that are right: slot coverage where the prompt gives the values. */
  fraction: z.number(),
  /** Completions that were scored. */
  count: z.int(),
});

/** Losses are in nats; null where nothing was measured. */
export const cellResultSchema = z.strictObject({
  id: z.string(),
  outcome: z.enum(cellOutcomes),
  /** Why it failed or was stopped early. */
  reason: z.string().nullable(),
  /** Updates done. */
  step: z.int(),
  /** Updates of the state that was kept, where that is not the last one: with patience, that of the lowest loss. */
  keptStep: z.int().nullable().default(null),
  /** Mean of the last steps trained. */
  trainLoss: z.number().nullable(),
  /** Of the state that was kept. */
  validationLoss: z.number().nullable(),
  lowestValidationLoss: z.number().nullable(),
  task: taskScoreSchema.nullable(),
  trainableParameters: z.int(),
  /** Wall time until the cell ended; of the whole race where it raced. */
  timeMs: z.number(),
  /** GPU memory of the race or run that it was trained in, from the plan. */
  memoryBytes: z.number(),
  /** Cells that were trained together, itself included. */
  racedWith: z.int(),
});

export type TaskResult = z.infer<typeof taskScoreSchema>;
export type CellResult = z.infer<typeof cellResultSchema>;

/** What a table can be about. */
export const measures = ["validationLoss", "trainLoss", "exact", "fraction"] as const;
export type Measure = (typeof measures)[number];

export const measureLabels: Readonly<Record<Measure, string>> = {
  validationLoss: "Validation loss",
  trainLoss: "Training loss",
  exact: "Exact answers",
  fraction: "Values right",
};

export const isLowerBetter = (measure: Measure): boolean => measure.endsWith("Loss");

export function measureOf(result: CellResult, measure: Measure): number | null {
  if (measure === "exact" || measure === "fraction") return result.task?.[measure] ?? null;
  return result[measure];
}

/** A sample's figures; `std` and the interval are null for a single value, which says nothing about its spread. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  /** Sample standard deviation, n − 1 below. */
  readonly std: number | null;
  /** Where the mean would lie: see `summarise`. */
  readonly interval: readonly [low: number, high: number] | null;
}

/** Seeds up to which the interval is the range of the values. */
const RANGE_UP_TO = 3;

/**
 * Mean, deviation and interval. Up to three values the interval is their range, beyond that mean ± 2 standard errors
 * (2·std/√n).
 */
export function summarise(values: readonly number[]): Summary | null {
  const count = values.length;
  if (count === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { count, mean, std: null, interval: null };
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1));
  const margin = (2 * std) / Math.sqrt(count);
  const interval =
    count <= RANGE_UP_TO
      ? ([Math.min(...values), Math.max(...values)] as const)
      : ([mean - margin, mean + margin] as const);
  return { count, mean, std, interval };
}

/** Cells that differ in their seed only, as one entry of the table. */
export interface SettingResult {
  readonly settingId: string;
  readonly settingLabel: string;
  readonly row: string;
  readonly rank: number | null;
  /** Cells with a result, in the order of the grid. */
  readonly cellIds: readonly string[];
  /** Cells that the experiment has for it. */
  readonly cellCount: number;
  /** Null before any cell has the measure. */
  readonly summary: Summary | null;
  readonly trainableParameters: number | null;
  readonly meanTimeMs: number | null;
  readonly memoryBytes: number | null;
  /** Steps of the kept states of its cells, where any is not the last. */
  readonly keptSteps: readonly number[];
  /** Cells that failed or were skipped. */
  readonly missing: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * "best": one setting's interval lies apart from every other's; "within noise": the best mean's interval overlaps
 * another's; "one seed": no spread is known; "one setting": nothing to compare; "none": no results.
 */
export type Verdict =
  | { readonly kind: "best"; readonly settingId: string }
  | { readonly kind: "within noise"; readonly settingIds: readonly string[] }
  | { readonly kind: "one seed" | "one setting" | "none" };

export interface ResultTable {
  readonly measure: Measure;
  /** Ranks in ascending order, full fine-tuning (null) last. */
  readonly columns: readonly (number | null)[];
  readonly rows: readonly {
    readonly label: string;
    /** One for each column; null where the grid has no such setting. */
    readonly settings: readonly (SettingResult | null)[];
  }[];
  readonly verdict: Verdict;
}

/** The paper's table: rows are target sets, columns are ranks. */
export function resultTable(
  cells: readonly ExperimentCell[],
  results: readonly CellResult[],
  measure: Measure,
): ResultTable {
  const settings = settingResults(cells, results, measure);
  const ranks = [...new Set(settings.map(({ rank }) => rank))];
  const columns = ranks.sort((a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY));
  const rows = [...new Set(settings.map(({ row }) => row))].map((label) => ({
    label,
    settings: columns.map(
      (rank) => settings.find((setting) => setting.row === label && setting.rank === rank) ?? null,
    ),
  }));
  return { measure, columns, rows, verdict: verdictOf(settings, measure) };
}

/** Every setting of the grid with what its cells found so far. */
export function settingResults(
  cells: readonly ExperimentCell[],
  results: readonly CellResult[],
  measure: Measure,
): SettingResult[] {
  const byId = new Map(results.map((result) => [result.id, result]));
  return [...new Set(cells.map(({ settingId }) => settingId))].map((settingId) => {
    const own = cells.filter((cell) => cell.settingId === settingId);
    const found = own.flatMap(({ id }) => byId.get(id) ?? []);
    const measured = found.filter((result) => isCounted(result) && measureOf(result, measure) !== null);
    const { settingLabel, row, rank } = own[0]!;
    return {
      settingId,
      settingLabel,
      row,
      rank,
      cellIds: measured.map(({ id }) => id),
      cellCount: own.length,
      summary: summarise(measured.map((result) => measureOf(result, measure)!)),
      trainableParameters: found[0]?.trainableParameters ?? null,
      meanTimeMs: summarise(measured.map(({ timeMs }) => timeMs))?.mean ?? null,
      memoryBytes: measured.length === 0 ? null : Math.max(...measured.map((each) => each.memoryBytes)),
      keptSteps: measured.some(({ keptStep }) => typeof keptStep === "number")
        ? measured.map(({ step, keptStep }) => keptStep ?? step)
        : [],
      missing: found
        .filter((result) => !isCounted(result))
        .map(({ id, outcome, reason }) => ({ id, reason: reason ?? outcome })),
    };
  });
}

/** A cell that was skipped or failed is told about, but enters no mean. */
const isCounted = ({ outcome }: CellResult): boolean => outcome === "done" || outcome === "stopped";

/** Full fine-tuning draws nothing at random: its one run is what every seed would give, and has no spread. */
export const isSeedless = ({ rank }: Pick<SettingResult, "rank">): boolean => rank === null;

/** Says which setting is best, and only where the seeds' spread allows it. */
export function verdictOf(settings: readonly SettingResult[], measure: Measure): Verdict {
  const measured = settings.flatMap(({ settingId, rank, summary }) =>
    summary ? [{ settingId, rank, ...summary }] : [],
  );
  if (measured.length === 0) return { kind: "none" };
  if (measured.length === 1) return { kind: "one setting" };
  const sign = isLowerBetter(measure) ? 1 : -1;
  const [best, ...others] = measured.sort((a, b) => sign * (a.mean - b.mean));
  const isKnown = best!.interval !== null || isSeedless(best!);
  if (!isKnown || measured.every(({ interval }) => !interval)) return { kind: "one seed" };
  const [low, high] = best!.interval ?? [best!.mean, best!.mean];
  const near = others.filter(({ interval, mean }) => {
    const [from, to] = interval ?? [mean, mean];
    return from <= high && low <= to;
  });
  if (near.length === 0) return { kind: "best", settingId: best!.settingId };
  return { kind: "within noise", settingIds: [best!, ...near].map(({ settingId }) => settingId) };
}
