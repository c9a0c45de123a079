// Asks in a row of a list before what it stands for is deleted for good.
import { Button } from "@mantine/core";
import classes from "./Runs.module.css";

interface ConfirmDeleteProps {
  /** Id of the row's name. */
  readonly nameId: string;
  /** What goes with it. */
  readonly question: string;
  readonly onDone: (isSure: boolean) => void;
}

export function ConfirmDelete({ nameId, question, onDone }: ConfirmDeleteProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: no form group, a question with two answers
    <div
      className={classes.actions}
      role="group"
      onKeyDown={(event) => {
        if (event.key === "Escape") onDone(false);
      }}
    >
      <span className={classes.question}>{question}</span>
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
