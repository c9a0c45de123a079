// The lab's arithmetic that the screen needs: what the files of an experiment say, computed by the same functions.
import { cellsOf, type ExperimentCell, experimentSchema } from "../../lab/experiment";
import { toExperimentInput } from "./labDraft";
import type { LabDraft } from "./labState";
import type { Settings } from "./state";

export { targetSetLabel } from "../../lab/experiment";
export { experimentPresets, parametersPerRankOf } from "../../lab/presets";
export {
  isLowerBetter,
  isSeedless,
  type Measure,
  measureLabels,
  measures,
  type ResultTable,
  resultTable,
  type SettingResult,
  settingResults,
  type Verdict,
} from "../../lab/results";
export { verdictText } from "../../lab/verdictText";

/** The cells that the form would run; none while something in it is wrong. */
export function plannedCells(draft: LabDraft, settings: Settings): ExperimentCell[] {
  const checked = experimentSchema.safeParse(toExperimentInput(draft, settings));
  return checked.success ? cellsOf(checked.data) : [];
}
