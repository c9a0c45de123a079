// Values under the pointer. The library's own is announced as a status, and there is exactly one of those here.
import type { TooltipContentProps } from "recharts";
import { formatCount, formatLoss, formatSmall } from "../format";
import classes from "./Charts.module.css";

export function ChartTooltip({ active, label, payload }: TooltipContentProps) {
  const entries = payload?.filter(({ value }) => typeof value === "number") ?? [];
  if (!active || entries.length === 0) return null;
  return (
    <div className={classes.tooltip}>
      <p className={classes.tooltipTitle}>Step {formatCount(Number(label))}</p>
      {entries.map(({ dataKey, name, value, stroke }) => (
        <p key={String(dataKey)} className={classes.tooltipRow}>
          <span className={classes.swatch} style={{ background: stroke }} />
          {name} <b>{dataKey === "value" ? formatSmall(Number(value)) : formatLoss(Number(value))}</b>
        </p>
      ))}
    </div>
  );
}
