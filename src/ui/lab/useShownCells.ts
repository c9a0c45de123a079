// The cells on the screen: those of the experiment on show, or, before there is one, those that the form would run. So
// nothing jumps when it begins.
import { useMemo } from "react";
import type { ExperimentCell } from "../../studio/labMessages";
import type { ShownExperiment } from "../../studio/stores/labState";
import { useLab } from "../../studio/stores/labStore";
import { plannedCells } from "../../studio/stores/labView";
import { useStudio } from "../../studio/stores/studioStore";

/** Ids of the cells that failed or were skipped. */
export function lostCells({ cells, states }: ShownExperiment): string[] {
  const isLost = (status: string | undefined) => status === "failed" || status === "skipped";
  return cells.flatMap(({ id }) => (isLost(states[id]?.status) ? [id] : []));
}

export function useShownCells(): readonly ExperimentCell[] {
  const shown = useLab((lab) => lab.shown?.cells);
  const draft = useLab((lab) => lab.draft);
  const settings = useStudio((studio) => studio.settings);
  return useMemo(() => shown ?? plannedCells(draft, settings), [shown, draft, settings]);
}
