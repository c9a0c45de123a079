// The cells on the screen: those of the experiment on show, or, before there is one, those that the form would run. So
// nothing jumps when it begins.
import { useMemo } from "react";
import type { ExperimentCell } from "../../studio/labMessages";
import { useLab } from "../../studio/stores/labStore";
import { plannedCells } from "../../studio/stores/labView";
import { useStudio } from "../../studio/stores/studioStore";

export function useShownCells(): readonly ExperimentCell[] {
  const shown = useLab((lab) => lab.shown?.cells);
  const draft = useLab((lab) => lab.draft);
  const settings = useStudio((studio) => studio.settings);
  return useMemo(() => shown ?? plannedCells(draft, settings), [shown, draft, settings]);
}
