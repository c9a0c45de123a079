// One model of a list: its name, its facts in a line, and what can be done with it.
import type { ReactNode } from "react";
import classes from "./model.module.css";

interface ModelRowProps {
  readonly name: string;
  readonly nameId?: string;
  readonly facts: readonly (string | false | undefined)[];
  readonly about?: string | undefined;
  readonly children: ReactNode;
}

export function ModelRow({ name, nameId, facts, about, children }: ModelRowProps) {
  return (
    <li className={classes.row}>
      <div className={classes.rowText}>
        <span id={nameId} className={classes.modelName}>
          {name}
        </span>
        <span className={classes.rowFacts}>{facts.filter(Boolean).join(" · ")}</span>
        {about && <span className={classes.rowAbout}>{about}</span>}
      </div>
      <div className={classes.rowActions}>{children}</div>
    </li>
  );
}
