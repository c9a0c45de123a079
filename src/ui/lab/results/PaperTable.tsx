// The paper's table: rows are target sets, columns are ranks.
import { useState } from "react";
import type { ResultTable, SettingResult } from "../../../studio/stores/labView";
import { formatBytes, formatDuration, formatLargeCount } from "../../format";
import { formatSummary } from "./formatMeasure";
import classes from "./Results.module.css";
import { SettingNotes } from "./SettingNotes";
import { SortHead } from "./SortHead";
import { type Sorting, sortRows } from "./sortRows";
import { isBest, isWithinNoise } from "./verdict";

const byName = "name";

export function PaperTable({ table }: { readonly table: ResultTable }) {
  const [sorting, setSorting] = useState<Sorting>({ by: undefined, isDescending: false });
  const { columns, rows } = table;
  const nameOf = (rank: number | null) => (rank === null ? "full" : `r = ${rank}`);
  const sorted = sortRows(rows, sorting, ({ label, settings }, by) =>
    by === byName ? label : settings.find((setting) => setting && nameOf(setting.rank) === by)?.summary?.mean,
  );
  return (
    <table className={classes.table} aria-label="Rank results">
      <thead>
        <tr>
          <SortHead by={byName} name="Target set" sorting={sorting} onSort={setSorting} />
          {columns.map((rank) => (
            <SortHead
              key={rank}
              by={nameOf(rank)}
              name={nameOf(rank)}
              sorting={sorting}
              onSort={setSorting}
            />
          ))}
        </tr>
      </thead>
      <tbody>
        {sorted.map(({ label, settings }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            {settings.map((setting, column) => (
              <td
                // biome-ignore lint/suspicious/noArrayIndexKey: a column has no other name
                key={column}
                data-best={(setting && isBest(table, setting)) || undefined}
              >
                {setting && <Setting table={table} setting={setting} />}
              </td>
            ))}
          </tr>
        ))}
        {rows.length === 0 && (
          <tr>
            <td>No results yet.</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

interface SettingProps {
  readonly table: ResultTable;
  readonly setting: SettingResult;
}

function Setting({ table, setting }: SettingProps) {
  const { summary, trainableParameters, meanTimeMs, memoryBytes } = setting;
  return (
    <>
      <span className={classes.value}>
        {summary ? formatSummary(summary, table.measure) : "–"}
        {isWithinNoise(table, setting) && <span className={classes.noise}>within noise</span>}
      </span>
      <span className={classes.extra}>
        {trainableParameters !== null && `${formatLargeCount(trainableParameters)} parameters`}
      </span>
      <span className={classes.extra}>
        {meanTimeMs !== null && formatDuration(meanTimeMs)}
        {memoryBytes !== null && ` · ${formatBytes(memoryBytes)}`}
      </span>
      <SettingNotes setting={setting} />
    </>
  );
}
