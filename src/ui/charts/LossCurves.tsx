// The curves and the values under the pointer, drawn on the chart's scales. The library's own lines compute labels,
// animations and lengths for every point anew, which took most of the time of a live chart.
import {
  useActiveTooltipLabel,
  useIsTooltipActive,
  usePlotArea,
  useXAxisScale,
  useYAxisScale,
} from "recharts";
import { formatCount, formatLoss } from "../format";
import classes from "./Charts.module.css";
import type { LossRow } from "./lossRows";

interface LossCurvesProps {
  readonly rows: readonly LossRow[];
}

type Curve = "train" | "smoothed" | "validation";

export function LossCurves({ rows }: LossCurvesProps) {
  const place = usePlace();
  if (!place) return null;
  const path = (curve: Curve) => pathOf(rows, curve, place);
  return (
    <>
      <path className={classes.curve} data-curve="train" d={path("train")} />
      <path className={classes.curve} data-curve="smoothed" d={path("smoothed")} />
      <path className={classes.curve} data-curve="validation" d={path("validation")} />
      {rows.map((row) =>
        row.validation === undefined ? null : (
          <circle key={row.step} className={classes.dot} r={2.5} {...place(row.step, row.validation)} />
        ),
      )}
    </>
  );
}

/** A line at the step under the pointer, or reached by the arrow keys, with its values. */
export function HoveredValues({ rows }: LossCurvesProps) {
  const label = useActiveTooltipLabel();
  const isActive = useIsTooltipActive();
  const area = usePlotArea();
  const place = usePlace();
  const row = isActive ? rows.find(({ step }) => step === Number(label)) : undefined;
  if (!row || !area || !place) return null;
  const { cx } = place(row.step, 1);
  const width = 160;
  const isLeft = cx + 12 + width > area.x + area.width;
  return (
    <g pointerEvents="none">
      <line className={classes.cursor} x1={cx} x2={cx} y1={area.y} y2={area.y + area.height} />
      {curves.map(({ curve }) =>
        row[curve] === undefined ? null : (
          <circle
            key={curve}
            className={classes.mark}
            data-curve={curve}
            r={3.5}
            {...place(row.step, row[curve])}
          />
        ),
      )}
      <foreignObject x={isLeft ? cx - 12 - width : cx + 12} y={area.y + 8} width={width} height={110}>
        <div className={classes.tooltip}>
          <p className={classes.tooltipTitle}>Step {formatCount(row.step)}</p>
          {curves.map(({ curve, name }) =>
            row[curve] === undefined ? null : (
              <p key={curve} className={classes.tooltipRow}>
                <span className={classes.swatch} data-curve={curve} />
                {name} <b>{formatLoss(row[curve])}</b>
              </p>
            ),
          )}
        </div>
      </foreignObject>
    </g>
  );
}

const curves = [
  { curve: "train", name: "Training" },
  { curve: "smoothed", name: "Smoothed" },
  { curve: "validation", name: "Validation" },
] as const;

type Place = (step: number, loss: number) => { cx: number; cy: number };

/** From steps and losses to pixels; absent until the chart has been measured. */
function usePlace(): Place | undefined {
  const x = useXAxisScale();
  const y = useYAxisScale();
  return x && y && ((step, loss) => ({ cx: x(step) ?? 0, cy: y(loss) ?? 0 }));
}

/** Goes straight over steps at which the curve has no value. */
function pathOf(rows: readonly LossRow[], curve: Curve, place: Place): string {
  const points: string[] = [];
  for (const row of rows) {
    const value = row[curve];
    if (value === undefined) continue;
    const { cx, cy } = place(row.step, value);
    points.push(`${cx.toFixed(1)} ${cy.toFixed(1)}`);
  }
  return points.length > 0 ? `M${points.join("L")}` : "";
}
