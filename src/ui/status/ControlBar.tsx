// Start, pause, stop, and the one line that says where things stand. Always in the same place, at the same size.
import { Button } from "@mantine/core";
import classes from "./ControlBar.module.css";

interface ControlBarProps {
  readonly startName: string;
  /** Whether starting is impossible now; the detail line says why. */
  readonly isBlocked: boolean;
  readonly isActive: boolean;
  readonly isPaused: boolean;
  /** For the line's look, e.g. "running" or "failed". */
  readonly state: string;
  readonly line: string;
  readonly detail: string;
  /** 0 to 1. */
  readonly progress: number;
  readonly onStart: () => void;
  readonly onPause: () => void;
  readonly onResume: () => void;
  readonly onStop: () => void;
}

export function ControlBar(props: ControlBarProps) {
  const { startName, isBlocked, isActive, isPaused, state, line, detail, progress } = props;
  return (
    <div className={classes.bar}>
      <div className={classes.row}>
        <Button size="sm" onClick={props.onStart} disabled={isBlocked} aria-describedby="run-detail">
          {startName}
        </Button>
        {/* One button with two names keeps the focus where it is. */}
        <Button
          size="sm"
          variant="default"
          className={classes.pause}
          onClick={isPaused ? props.onResume : props.onPause}
          disabled={!isActive}
        >
          {isPaused ? "Resume" : "Pause"}
        </Button>
        <Button size="sm" variant="default" onClick={props.onStop} disabled={!isActive}>
          Stop
        </Button>
        <div className={classes.lines}>
          {/* Four times a second is too often to be read out: while it runs, the line waits to be looked up. */}
          <p
            role="status"
            aria-live={state === "running" ? "off" : "polite"}
            className={classes.status}
            data-state={state}
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
