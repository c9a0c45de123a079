// One line for each setting, so that what it costs can be sorted by too.
import { useState } from "react";
import type { ResultTable, SettingResult } from "../../../studio/stores/labView";
import { measureLabels } from "../../../studio/stores/labView";
import { formatBytes, formatCount, formatDuration } from "../../format";
import { formatSummary } from "./formatMeasure";
import classes from "./Results.module.css";
import { SettingNotes } from "./SettingNotes";
import { SortHead } from "./SortHead";
import { type Sorting, sortRows } from "./sortRows";
import { isBest, isWithinNoise } from "./verdict";

type Column = "row" | "rank" | "mean" | "parameters" | "time" | "memory";

function keyOf({ row, rank, summary, ...costs }: SettingResult, by: string) {
  const keys: Record<Column, number | string | null | undefined> = {
    row,
    rank,
    mean: summary?.mean,
    parameters: costs.trainableParameters,
    time: costs.meanTimeMs,
    memory: costs.memoryBytes,
  };
  return keys[by as Column];
}

export function SettingTable({ table }: { readonly table: ResultTable }) {
  const [sorting, setSorting] = useState<Sorting>({ by: undefined, isDescending: false });
  const settings = table.rows.flatMap((row) => row.settings.filter((setting) => setting !== null));
  const heads: readonly { readonly by: Column; readonly name: string }[] = [
    { by: "row", name: "Target set" },
    { by: "rank", name: "Rank" },
    { by: "mean", name: measureLabels[table.measure] },
    { by: "parameters", name: "Parameters" },
    { by: "time", name: "Time" },
    { by: "memory", name: "Peak memory" },
  ];
  return (
    <table className={classes.table} aria-label="Rank results">
      <thead>
        <tr>
          {heads.map(({ by, name }) => (
            <SortHead key={by} by={by} name={name} sorting={sorting} onSort={setSorting} />
          ))}
        </tr>
      </thead>
      <tbody>
        {sortRows(settings, sorting, keyOf).map((setting) => (
          <tr key={setting.settingId}>
            <th scope="row">{setting.row}</th>
            <td>{setting.rank ?? "full"}</td>
            <td data-best={isBest(table, setting) || undefined}>
              <span className={classes.value}>
                {setting.summary ? formatSummary(setting.summary, table.measure) : "–"}
                {isWithinNoise(table, setting) && <span className={classes.noise}>within noise</span>}
              </span>
              <SettingNotes setting={setting} />
            </td>
            <td>{setting.trainableParameters === null ? "–" : formatCount(setting.trainableParameters)}</td>
            <td>{setting.meanTimeMs === null ? "–" : formatDuration(setting.meanTimeMs)}</td>
            <td>{setting.memoryBytes === null ? "–" : formatBytes(setting.memoryBytes)}</td>
          </tr>
        ))}
        {settings.length === 0 && (
          <tr>
            <td colSpan={heads.length}>No results yet.</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
