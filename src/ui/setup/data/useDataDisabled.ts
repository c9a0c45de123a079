// Whether the data can be changed now.
import { useStudio } from "../../../studio/stores/studioStore";
import { useExperimentBlocker } from "../../views/useExperimentBlocker";

/** A run or experiment holds its data until it ends. */
export function useDataDisabled(): boolean {
  const isTraining = useStudio(({ run }) => run.status === "running" || run.status === "paused");
  return useExperimentBlocker() !== undefined || isTraining;
}
