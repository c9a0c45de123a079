// The report as a terminal shows it: one line a module.
import type { AnalysisReport } from "../lab/analysis/report";

/** A table for each adapter, and one of how similar they are. */
export function analysisTable({ adapters, similarity }: AnalysisReport): string {
  const parts = adapters.map(({ name, modules, amplification, leftOut }) => {
    const factors = new Map(amplification.map((each) => [each.path, each.factor]));
    const rows = modules.map((module) => [
      module.path,
      String(module.rank),
      short(module.effectiveRank),
      short(module.stableRank),
      short(module.norm),
      short(module.relativeNorm),
      short(factors.get(module.path) ?? null),
    ]);
    const head = ["module", "r", "effective", "stable", "‖ΔW‖", "‖ΔW‖/‖W‖", "amplified"];
    const note = leftOut.length > 0 ? `\nnot part of any ΔW: ${leftOut.join(", ")}` : "";
    return `${name}\n${columns([head, ...rows])}${note}`;
  });
  if (similarity.between.length > 0) {
    const chance = new Map(similarity.toRandom.map((each) => [each.path, each]));
    const rows = similarity.between.map(({ path, right, left }) => [
      path,
      short(last(right)),
      short(last(left)),
      short(last(chance.get(path)?.right ?? [])),
      short(last(chance.get(path)?.left ?? [])),
    ]);
    parts.push(columns([["φ over all directions", "A", "B", "A, by chance", "B, by chance"], ...rows]));
  }
  return parts.join("\n\n");
}

const last = (grid: readonly (readonly number[])[]): number | null => grid.at(-1)?.at(-1) ?? null;

const short = (value: number | null): string => (value === null ? "–" : String(Number(value.toPrecision(3))));

function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join("  ");
  return rows.map(line).join("\n");
}
