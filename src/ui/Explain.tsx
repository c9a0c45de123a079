// The "?" beside a term: explains it on hover, focus or tap, and goes away with Escape.
import { Tooltip, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import classes from "./Explain.module.css";

interface ExplainProps {
  readonly text: string;
  /** Id of the element that carries the term. */
  readonly of?: string;
}

export function Explain({ text, of }: ExplainProps) {
  const [opened, setOpened] = useState(false);
  return (
    <Tooltip label={text} opened={opened} multiline w={260} fz="xs" interactive withArrow>
      <UnstyledButton
        type="button"
        className={classes.button}
        // Never the term itself: a field must be the only thing that its name finds.
        aria-label="Explain this"
        aria-describedby={of}
        onMouseEnter={() => setOpened(true)}
        onMouseLeave={() => setOpened(false)}
        onFocus={() => setOpened(true)}
        onBlur={() => setOpened(false)}
        onClick={() => setOpened(true)}
        onKeyDown={(event) => {
          if (event.key === "Escape") setOpened(false);
        }}
      >
        ?
      </UnstyledButton>
    </Tooltip>
  );
}
