// Draws the loss rows. Dragging with the mouse chooses a part to zoom into.
import { useState } from "react";
import { CartesianGrid, LineChart, ReferenceArea, Tooltip, XAxis, YAxis } from "recharts";
import { formatCount, formatSmall } from "../format";
import classes from "./Charts.module.css";
import { HoveredValues, LossCurves } from "./LossCurves";
import type { LossRow } from "./lossRows";
import { axisTicks } from "./ticks";

interface LossChartProps {
  readonly rows: readonly LossRow[];
  readonly first: number;
  readonly last: number;
  readonly isLog: boolean;
  readonly onZoom: (range: readonly [first: number, last: number]) => void;
}

export function LossChart({ rows, first, last, isLog, onZoom }: LossChartProps) {
  const [drag, setDrag] = useState<readonly [from: number, to: number]>();
  const ticks = lossTicks(rows, isLog);
  const endDrag = () => {
    if (drag) {
      const [low, high] = [Math.min(...drag), Math.max(...drag)];
      if (high - low >= 2) onZoom([low, high]);
    }
    setDrag(undefined);
  };
  return (
    <div className={classes.lossFrame}>
      <LineChart
        responsive
        className={classes.lossChart}
        data={rows as LossRow[]}
        margin={{ top: 8, right: 20, bottom: 4, left: 0 }}
        aria-label="Loss curves; the arrow keys go from value to value"
        onMouseDown={({ activeLabel }) => {
          const step = Number(activeLabel);
          if (activeLabel !== undefined) setDrag([step, step]);
        }}
        onMouseMove={({ activeLabel }) => {
          if (drag && activeLabel !== undefined) setDrag([drag[0], Number(activeLabel)]);
        }}
        onMouseUp={endDrag}
        onMouseLeave={endDrag}
      >
        <CartesianGrid stroke="var(--studio-line)" vertical={false} />
        <XAxis
          dataKey="step"
          type="number"
          domain={[first, last]}
          allowDataOverflow
          tickFormatter={formatCount}
          tickCount={7}
          allowDecimals={false}
          {...axis}
        />
        <YAxis
          dataKey="train"
          domain={[ticks[0] ?? 0, ticks.at(-1) ?? 1]}
          ticks={ticks}
          interval={0}
          scale={isLog ? "log" : "linear"}
          tickFormatter={formatSmall}
          width={46}
          {...axis}
        />
        {/* Turns the pointer and the arrow keys into a step; what it shows is drawn with the curves. */}
        <Tooltip content={() => null} cursor={false} />
        <LossCurves rows={rows} />
        {drag && <ReferenceArea x1={drag[0]} x2={drag[1]} fill="var(--studio-train)" fillOpacity={0.15} />}
        <HoveredValues rows={rows} />
      </LineChart>
      {rows.length === 0 && (
        <p className={classes.empty}>The loss is drawn here, step by step, once a run has begun.</p>
      )}
    </div>
  );
}

function lossTicks(rows: readonly LossRow[], isLog: boolean): number[] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { train, smoothed, validation } of rows) {
    for (const value of [train, smoothed, validation]) {
      // A loss of exactly 0 has no place on a log axis.
      if (value === undefined || (isLog && value <= 0)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low > high ? [] : axisTicks(low, high, isLog);
}

const axis = {
  stroke: "var(--studio-strong-line)",
  tick: { fill: "var(--mantine-color-dimmed)", fontSize: 11 },
  tickLine: false,
} as const;
