// What a run shows while it goes on. The drawing library comes in its own file, when the page already stands.
import { lazy, Suspense } from "react";
import { useStudio } from "../../studio/stores/studioStore";
import { LiveDelta } from "../analysis/LiveDelta";
import { Explain } from "../Explain";
import { explanations } from "../explanations";
import { Notice } from "../Notice";
import classes from "./Charts.module.css";
import { Sparkline } from "./Sparkline";

const LossPanel = lazy(() => import("./LossPanel"));

export function Charts() {
  const problem = useStudio(({ run }) =>
    run.status === "failed" || run.status === "interrupted" ? run.problem : undefined,
  );
  const warning = useStudio(({ run }) => run.warnings.at(-1));
  return (
    <div className={classes.charts}>
      {problem && <Notice kind="error">{problem.message}</Notice>}
      {warning && <Notice kind="warning">{warning}</Notice>}
      <Suspense fallback={<div className={classes.lossSpace} />}>
        <LossPanel />
      </Suspense>
      <div className={classes.small}>
        <figure className={classes.figure}>
          <figcaption className={classes.caption}>
            <span id="chart-learning-rate">Learning rate</span>
            <Explain text={explanations.learningRateChart} of="chart-learning-rate" />
          </figcaption>
          <Sparkline quantity="learningRate" />
        </figure>
        <figure className={classes.figure}>
          <figcaption className={classes.caption}>
            <span id="chart-gradient">Gradient norm</span>
            <Explain text={explanations.gradNorm} of="chart-gradient" />
          </figcaption>
          <Sparkline quantity="gradNorm" />
        </figure>
        <LiveDelta />
      </div>
    </div>
  );
}
