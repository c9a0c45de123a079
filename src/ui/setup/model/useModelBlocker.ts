// The engine's model cannot be replaced while it is being trained on.
import { useStudio } from "../../../studio/stores/studioStore";
import { useExperimentBlocker } from "../../views/useExperimentBlocker";

/** Why no other model can be taken into use now. */
export function useModelBlocker(): string | undefined {
  const experiment = useExperimentBlocker();
  const isTraining = useStudio(({ run }) => ["starting", "running", "paused"].includes(run.status));
  return isTraining ? "Another one can be taken when the run has ended." : experiment;
}
