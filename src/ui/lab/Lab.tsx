// The rank lab: from the plan of an experiment through its race to what was found, and what becomes of it.
import { useCallback, useEffect, useMemo, useState } from "react";
import type { CellSeries } from "../../studio/labMessages";
import { useLab } from "../../studio/stores/labStore";
import { useStudio } from "../../studio/stores/studioStore";
import { Notice } from "../Notice";
import { Answers } from "./answers/Answers";
import { Cells } from "./cells/Cells";
import { Experiments } from "./experiments/Experiments";
import { Interrupted } from "./experiments/Interrupted";
import classes from "./Lab.module.css";
import { LabPlan } from "./plan/LabPlan";
import { RacePanel } from "./race/RacePanel";
import { firstLook, type RaceLook } from "./race/raceLook";
import { MetricFigures } from "./results/MetricFigures";
import { RankResults } from "./results/RankResults";
import { LabBar } from "./status/LabBar";
import { lostCells, useShownCells } from "./useShownCells";

const noSeries: Readonly<Record<string, CellSeries>> = {};

export default function Lab() {
  const shown = useLab((lab) => lab.shown);
  const cells = useShownCells();
  const plannedSteps = useStudio(({ settings }) => Number(settings.steps) || 1);
  const [look, setLook] = useState<RaceLook>(firstLook);
  const lostIds = shown ? lostCells(shown).join("\n") : "";
  const lost = useMemo(() => lostIds.split("\n"), [lostIds]);
  const changeLook = useCallback(
    (change: Partial<RaceLook>) => setLook((now) => ({ ...now, ...change })),
    [],
  );
  useEffect(() => {
    void useLab.getState().start();
  }, []);
  return (
    <>
      <LabBar />
      <LabPlan />
      <Problems />
      <Interrupted />
      <RacePanel
        cells={cells}
        series={shown?.series ?? noSeries}
        lost={lost}
        plannedSteps={shown?.record.experiment.run.steps ?? plannedSteps}
        look={look}
        onLook={changeLook}
      />
      <MetricFigures />
      <RankResults look={look} />
      <Cells />
      <Answers />
      <Experiments />
    </>
  );
}

/** What went wrong with the experiment as a whole; what is wrong with a field is said beside it. */
function Problems() {
  const problem = useLab((lab) => (lab.problem?.field ? undefined : lab.problem));
  const warning = useLab((lab) => lab.warnings.at(-1));
  if (!problem && !warning) return null;
  return (
    <div className={classes.problems}>
      {problem && <Notice kind="error">{problem.message}</Notice>}
      {warning && <Notice kind="warning">{warning}</Notice>}
    </div>
  );
}
