// The bar of the experiment: the same places and words as for a single run.
import { useLab } from "../../../studio/stores/labStore";
import { useStudio } from "../../../studio/stores/studioStore";
import { ControlBar } from "../../status/ControlBar";
import { labBlocker, labDetailText, labProgress, labStatusText } from "./labStatusText";
import { useLabThrottled } from "./useLabThrottled";

export function LabBar() {
  const studio = useStudio();
  const live = useLabThrottled(250);
  // Only a running experiment changes the line all the time; everything else shows at once.
  const settled = useLab((lab) => (lab.status === "running" ? undefined : lab));
  // One that has just begun is not yet in the throttled state, which may still be that of the one before.
  const lab = settled ?? (live.status === "running" ? live : useLab.getState());
  const { run, pause, resume, stop } = useLab.getState();
  return (
    <ControlBar
      startName="Run experiment"
      isBlocked={labBlocker(studio, lab) !== undefined}
      isActive={lab.status === "running" || lab.status === "paused"}
      isPaused={lab.status === "paused"}
      state={lab.status}
      line={labStatusText(studio, lab)}
      detail={labDetailText(studio, lab)}
      progress={labProgress(lab)}
      onStart={run}
      onPause={pause}
      onResume={resume}
      onStop={stop}
    />
  );
}
