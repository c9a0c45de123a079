// Train, pause, stop, and the one line that says where things stand. Always in the same place, at the same size.
import { Button } from "@mantine/core";
import { useStudio } from "../../studio/stores/studioStore";
import { useThrottled } from "../useThrottled";
import classes from "./RunBar.module.css";
import { detailText, statusText, trainBlocker } from "./statusText";

type Studio = ReturnType<typeof useStudio.getState>;

const selectProgress = ({ run }: Studio) =>
  run.record ? (run.history.steps.at(-1)?.step ?? run.record.step) / run.record.config.steps : 0;

export function RunBar() {
  const status = useStudio((studio) => studio.run.status);
  const blocker = useStudio(trainBlocker);
  // Only a run changes the line all the time; everything else shows at once.
  const settled = useStudio((studio) => (studio.run.status === "running" ? undefined : statusText(studio)));
  const live = useThrottled(statusText, 250);
  const line = settled ?? live;
  const detail = useStudio(detailText);
  const progress = useThrottled(selectProgress, 250);
  const { train, pause, resume, stop } = useStudio.getState();
  const isActive = status === "running" || status === "paused";
  return (
    <div className={classes.bar}>
      <div className={classes.row}>
        <Button size="sm" onClick={train} disabled={blocker !== undefined} aria-describedby="run-detail">
          Train
        </Button>
        {/* One button with two names keeps the focus where it is. */}
        <Button
          size="sm"
          variant="default"
          className={classes.pause}
          onClick={status === "paused" ? resume : pause}
          disabled={!isActive}
        >
          {status === "paused" ? "Resume" : "Pause"}
        </Button>
        <Button size="sm" variant="default" onClick={stop} disabled={!isActive}>
          Stop
        </Button>
        <div className={classes.lines}>
          {/* Four times a second is too often to be read out: while it runs, the line waits to be looked up. */}
          <p
            role="status"
            aria-live={status === "running" ? "off" : "polite"}
            className={classes.status}
            data-state={status}
          >
            {line}
          </p>
          <p id="run-detail" className={classes.detail}>
            {detail}
          </p>
        </div>
      </div>
      <div className={classes.track} aria-hidden="true">
        <div className={classes.fill} style={{ transform: `scaleX(${Math.min(1, progress)})` }} />
      </div>
    </div>
  );
}
