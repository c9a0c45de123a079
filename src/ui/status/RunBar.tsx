// The bar of the studio's run.
import { useStudio } from "../../studio/stores/studioStore";
import { useThrottled } from "../useThrottled";
import { useExperimentBlocker } from "../views/useExperimentBlocker";
import { ControlBar } from "./ControlBar";
import { detailText, statusText, trainBlocker } from "./statusText";

type Studio = ReturnType<typeof useStudio.getState>;

const selectProgress = ({ run }: Studio) =>
  run.record ? (run.history.steps.at(-1)?.step ?? run.record.step) / run.record.config.steps : 0;

const selectLine = (studio: Studio) => ({ status: studio.run.status, text: statusText(studio) });

export function RunBar() {
  const status = useStudio((studio) => studio.run.status);
  const ownBlocker = useStudio(trainBlocker);
  const experiment = useExperimentBlocker();
  // Only a run changes the line all the time; everything else shows at once.
  const settled = useStudio((studio) => (studio.run.status === "running" ? undefined : statusText(studio)));
  const live = useThrottled(selectLine, 250);
  // A run that has just begun is not yet in the throttled line, which may still say how the one before ended.
  const line = settled ?? (live.status === "running" ? live.text : statusText(useStudio.getState()));
  const detail = useStudio(detailText);
  const { train, pause, resume, stop } = useStudio.getState();
  return (
    <ControlBar
      startName="Train"
      isBlocked={ownBlocker !== undefined || experiment !== undefined}
      isActive={status === "running" || status === "paused"}
      isPaused={status === "paused"}
      state={status}
      line={line}
      detail={experiment ?? detail}
      progress={useThrottled(selectProgress, 250)}
      onStart={train}
      onPause={pause}
      onResume={resume}
      onStop={stop}
    />
  );
}
