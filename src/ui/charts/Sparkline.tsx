// The course of one quantity over the steps, small: its shape matters more than its digits.
import type { RunHistory } from "../../studio/messages";
import { formatSmall } from "../format";
import { useThrottled } from "../useThrottled";
import classes from "./Charts.module.css";
import { decimate } from "./decimate";
import { lastStepOf, selectRun } from "./selectRun";

interface SparklineProps {
  readonly quantity: "learningRate" | "gradNorm";
}

export function Sparkline({ quantity }: SparklineProps) {
  const run = useThrottled(selectRun, 500);
  const { steps } = run.history;
  const latest = steps.at(-1)?.[quantity];
  const { path, largest } = draw(steps, quantity, lastStepOf(run, 1));
  return (
    <>
      <p className={classes.latest}>
        {latest === undefined ? "–" : formatSmall(latest)}
        {largest > 0 && <span className={classes.largest}>largest {formatSmall(largest)}</span>}
      </p>
      {/* The numbers above say in words what the picture shows. */}
      <svg className={classes.sparkline} viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        <path d={path} vectorEffect="non-scaling-stroke" />
      </svg>
    </>
  );
}

/** A path in a unit square: steps from 0 to `end` to the right, 0 to the largest value upwards. */
function draw(steps: RunHistory["steps"], quantity: "learningRate" | "gradNorm", end: number) {
  const values = steps.map((event) => event[quantity]);
  const finite = values.map((value) => (Number.isFinite(value) ? value : 0));
  const largest = finite.reduce((most, value) => Math.max(most, value), 0);
  const points = decimate(finite, 0, steps.length, 80).map((place) => {
    const height = largest > 0 ? finite[place]! / largest : 0;
    return `${(steps[place]!.step / end).toFixed(4)} ${(1 - height).toFixed(4)}`;
  });
  return { path: points.length > 0 ? `M${points.join("L")}` : "", largest };
}
