// Asks before a run is deleted, in its row: it takes its curves and its adapter with it.
import { Button } from "@mantine/core";
import classes from "./Runs.module.css";

interface ConfirmDeleteProps {
  readonly nameId: string;
  readonly onDone: (isSure: boolean) => void;
}

export function ConfirmDelete({ nameId, onDone }: ConfirmDeleteProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: no form group, a question with two answers
    <div
      className={classes.actions}
      role="group"
      onKeyDown={(event) => {
        if (event.key === "Escape") onDone(false);
      }}
    >
      <span className={classes.question}>Delete it, with its curves and adapter?</span>
      <Button
        size="compact-xs"
        color="red"
        variant="outline"
        aria-describedby={nameId}
        onClick={() => onDone(true)}
      >
        Delete for good
      </Button>
      {/* The safe answer has the focus: a second press of Enter deletes nothing. */}
      <Button size="compact-xs" variant="default" autoFocus onClick={() => onDone(false)}>
        Keep
      </Button>
    </div>
  );
}
