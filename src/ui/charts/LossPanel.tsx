// The loss chart with what steers it: smoothing, log axis, zoom.
import { Button, Checkbox, RangeSlider, Slider } from "@mantine/core";
import { useMemo, useState } from "react";
import { useStudio } from "../../studio/stores/studioStore";
import { Explain } from "../Explain";
import { explanations } from "../explanations";
import { formatCount, formatLoss } from "../format";
import { useThrottled } from "../useThrottled";
import classes from "./Charts.module.css";
import { LossChart } from "./LossChart";
import { lossRows } from "./lossRows";
import { lastStepOf, selectRun } from "./selectRun";

type Zoom = readonly [first: number, last: number];

export default function LossPanel() {
  const run = useThrottled(selectRun, 250);
  const [smoothing, setSmoothing] = useState(0.6);
  const [isLog, setLog] = useState(false);
  const [zoom, setZoom] = useState<{ of: string | undefined; range: Zoom }>();
  const plannedSteps = useStudio(({ settings }) => Number(settings.steps));
  const end = lastStepOf(run, plannedSteps);
  // A zoom belongs to the run it was made on.
  const [first, last] = zoom && zoom.of === run.record?.id ? zoom.range : ([0, end] as const);
  const rows = useMemo(
    () => lossRows(run.history, { smoothing, first, last, buckets: 150 }),
    [run.history, smoothing, first, last],
  );
  const isZoomed = first > 0 || last < end;
  const setRange = (range: Zoom) => setZoom({ of: run.record?.id, range });
  return (
    <figure className={classes.figure} aria-label="Loss chart">
      <div className={classes.lossHead}>
        <h2 className={classes.title} id="loss-heading">
          Loss
        </h2>
        <Explain text={explanations.loss} of="loss-heading" />
        <ul className={classes.legend}>
          <LegendItem kind="train" name="Training" value={run.history.steps.at(-1)?.loss} />
          <LegendItem kind="validation" name="Validation" value={run.history.evaluations.at(-1)?.loss} />
        </ul>
        <div className={classes.controls}>
          <span className={classes.controlName}>Smoothing</span>
          <Slider
            className={classes.smoothing}
            size="xs"
            min={0}
            max={0.98}
            step={0.02}
            value={smoothing}
            onChange={setSmoothing}
            label={(value) => value.toFixed(2)}
            thumbLabel="Smoothing"
          />
          <Checkbox
            size="xs"
            label="Log axis"
            checked={isLog}
            onChange={(event) => setLog(event.currentTarget.checked)}
          />
        </div>
      </div>
      <LossChart rows={rows} first={first} last={last} isLog={isLog} onZoom={setRange} />
      <div className={classes.zoom}>
        <RangeSlider
          className={classes.range}
          size="xs"
          min={0}
          max={end}
          step={1}
          minRange={Math.min(end, 2)}
          disabled={rows.length === 0}
          value={[first, last]}
          onChange={setRange}
          label={(value) => formatCount(value)}
          thumbFromLabel="Zoom from"
          thumbToLabel="Zoom to"
        />
        <Button size="compact-xs" variant="default" disabled={!isZoomed} onClick={() => setZoom(undefined)}>
          Show all
        </Button>
      </div>
    </figure>
  );
}

interface LegendItemProps {
  readonly kind: "train" | "validation";
  readonly name: string;
  readonly value: number | undefined;
}

function LegendItem({ kind, name, value }: LegendItemProps) {
  return (
    <li className={classes.legendItem} data-kind={kind}>
      {name} <b className={classes.legendValue}>{value === undefined ? "–" : formatLoss(value)}</b>
    </li>
  );
}
