// One quantity of the training steps, small: its course matters more than its digits.
import { useMemo } from "react";
import { Line, LineChart, Tooltip, XAxis, YAxis } from "recharts";
import { formatSmall } from "../format";
import { useThrottled } from "../useThrottled";
import classes from "./Charts.module.css";
import { ChartTooltip } from "./ChartTooltip";
import { decimate } from "./decimate";
import { lastStepOf, selectRun } from "./selectRun";

interface SmallChartProps {
  readonly quantity: "learningRate" | "gradNorm";
  readonly color: string;
}

export default function SmallChart({ quantity, color }: SmallChartProps) {
  const run = useThrottled(selectRun, 500);
  const { steps } = run.history;
  const rows = useMemo(() => {
    const values = steps.map((event) => event[quantity]);
    return decimate(values, 0, steps.length, 80).map((place) => ({
      step: steps[place]!.step,
      value: Number.isFinite(values[place]!) ? values[place] : undefined,
    }));
  }, [steps, quantity]);
  const latest = steps.at(-1)?.[quantity];
  return (
    <>
      <p className={classes.latest}>{latest === undefined ? "–" : formatSmall(latest)}</p>
      <LineChart
        responsive
        className={classes.smallChart}
        data={rows}
        margin={{ top: 4, right: 2, bottom: 2, left: 2 }}
      >
        <XAxis dataKey="step" type="number" domain={[0, lastStepOf(run, 1)]} hide />
        <YAxis domain={[0, "auto"]} hide />
        <Tooltip content={ChartTooltip} isAnimationActive={false} />
        <Line
          dataKey="value"
          name={quantity === "gradNorm" ? "norm" : "rate"}
          stroke={color}
          strokeWidth={1.5}
          dot={false}
          isAnimationActive={false}
        />
      </LineChart>
    </>
  );
}
