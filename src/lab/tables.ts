// The results as files that other programs and people read: a row per cell as CSV, the paper's table as Markdown.
import type { BaseResult } from "./events";
import type { ExperimentCell } from "./experiment";
import {
  type CellResult,
  type Measure,
  measureLabels,
  type ResultTable,
  resultTable,
  type SettingResult,
  type TaskResult,
} from "./results";
import { verdictText } from "./verdictText";

const csvColumns = [
  ["cell", (cell) => cell.id],
  ["method", (cell) => cell.method],
  ["target_modules", (cell) => cell.targetModules.join(" ")],
  ["rank", (cell) => cell.rank],
  ["alpha", (cell) => (cell.rank === null ? null : cell.config.adapter.loraAlpha)],
  ["learning_rate", (cell) => cell.learningRate],
  ["examples", (cell) => (cell.exampleCount === 0 ? "all" : cell.exampleCount)],
  ["seed", (cell) => (cell.method === "full" ? null : cell.seed)],
  ["outcome", (_, result) => result?.outcome],
  ["reason", (_, result) => result?.reason],
  ["steps", (_, result) => result?.step],
  ["kept_step", (_, result) => result && (result.keptStep ?? result.step)],
  ["train_loss", (_, result) => result?.trainLoss],
  ["validation_loss", (_, result) => result?.validationLoss],
  ["lowest_validation_loss", (_, result) => result?.lowestValidationLoss],
  ["exact", (_, result) => result?.task?.exact],
  ["values_right", (_, result) => result?.task?.fraction],
  ["scored", (_, result) => result?.task?.count],
  ["trainable_parameters", (_, result) => result?.trainableParameters],
  ["seconds", (_, result) => result && result.timeMs / 1000],
  ["memory_bytes", (_, result) => result?.memoryBytes],
  ["raced_with", (_, result) => result?.racedWith],
] as const satisfies readonly (readonly [
  string,
  (cell: ExperimentCell, result: CellResult | undefined) => string | number | null | undefined,
])[];

/** One line per cell (RFC 4180), in the order of the grid; empty where nothing was measured. */
export function resultsCsv(cells: readonly ExperimentCell[], results: readonly CellResult[]): string {
  const lines = cells.map((cell) => {
    const result = results.find(({ id }) => id === cell.id);
    return csvColumns.map(([, fieldOf]) => csvField(fieldOf(cell, result)));
  });
  return [csvColumns.map(([name]) => name), ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}

function csvField(value: string | number | null | undefined): string {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** "1.234 ± 0.005"; without a deviation the mean alone. */
export function summaryText({ summary }: Pick<SettingResult, "summary">, measure: Measure): string {
  if (!summary) return "–";
  const text = (value: number) =>
    measure.endsWith("Loss") ? value.toFixed(4) : `${(100 * value).toFixed(1)} %`;
  return summary.std === null ? text(summary.mean) : `${text(summary.mean)} ± ${text(summary.std)}`;
}

const intervalRule =
  "Mean ± standard deviation over seeds. The interval is the range of the values for up to three seeds, beyond that " +
  "the mean ± 2 standard errors; a setting is bold only when its interval overlaps no other.";

/** The paper's table for each measure that has values, with what the settings cost. */
export function resultsMarkdown(
  name: string,
  cells: readonly ExperimentCell[],
  results: readonly CellResult[],
  base: BaseResult | null,
): string {
  const shown = (["validationLoss", "exact", "fraction"] as const)
    .map((measure) => resultTable(cells, results, measure))
    .filter(({ verdict }) => verdict.kind !== "none")
    .filter(
      ({ measure }) => measure !== "fraction" || results.some(({ task }) => task && isPartlyRight(task)),
    );
  const tables = shown.flatMap((table) => [
    `## ${measureLabels[table.measure]}`,
    "",
    ...markdownTable(table, base),
    "",
    verdictText(table),
    "",
  ]);
  const costs = resultTable(cells, results, "trainLoss");
  return [`# ${name}`, "", ...tables, "## Cost", "", ...costTable(costs), "", intervalRule, ""].join("\n");
}

/** Answers of a mere form have no values of their own: right in part is then right as a whole. */
const isPartlyRight = ({ exact, fraction }: TaskResult) => exact !== fraction;

const columnTitle = (rank: number | null) => (rank === null ? "full" : `r = ${rank}`);
const escaped = (text: string) => text.replaceAll("|", "\\|");

function markdownTable({ measure, columns, rows, verdict }: ResultTable, base: BaseResult | null): string[] {
  const bold = (setting: SettingResult) =>
    verdict.kind === "best" && verdict.settingId === setting.settingId ? "**" : "";
  const body = rows.map(({ label, settings }) => [
    escaped(label),
    ...settings.map((each) => (each ? `${bold(each)}${summaryText(each, measure)}${bold(each)}` : "")),
  ]);
  const task = base?.task;
  const baseValue =
    measure === "validationLoss" ? base?.validationLoss : task?.[measure as "exact" | "fraction"];
  const baseRow =
    baseValue == null
      ? []
      : [
          [
            "base model",
            summaryText({ summary: { count: 1, mean: baseValue, std: null, interval: null } }, measure),
          ],
        ];
  return markdownLines(["Weights", ...columns.map(columnTitle)], [...baseRow, ...body]);
}

function costTable({ rows }: ResultTable): string[] {
  const settings = rows.flatMap((row) => row.settings).filter((setting) => setting !== null);
  const body = settings.map((setting) => [
    escaped(setting.settingLabel),
    setting.trainableParameters === null ? "–" : String(setting.trainableParameters),
    setting.meanTimeMs === null ? "–" : `${(setting.meanTimeMs / 1000).toFixed(1)} s`,
    setting.memoryBytes === null ? "–" : `${(setting.memoryBytes / 2 ** 20).toFixed(1)} MB`,
    setting.keptSteps.length > 0 ? setting.keptSteps.join(", ") : setting.summary ? "last" : "–",
    setting.missing.map(({ id, reason }) => `${id}: ${escaped(reason)}`).join("; "),
  ]);
  return markdownLines(
    [
      "Setting",
      "Trainable parameters",
      "Time (of its race)",
      "GPU memory (of its race)",
      "Step kept",
      "Not counted",
    ],
    body,
  );
}

function markdownLines(head: readonly string[], body: readonly (readonly string[])[]): string[] {
  const line = (fields: readonly string[]) => `| ${head.map((_, i) => fields[i] ?? "").join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...body.map(line)];
}
