// Figures of one kind: what they are, how to read them, and where in the paper they are from.
import { type ReactNode, useId } from "react";
import { Explain } from "../Explain";
import classes from "./Analysis.module.css";

interface FigureGroupProps {
  readonly title: string;
  readonly explanation: string;
  readonly reading: string;
  readonly children: ReactNode;
}

export function FigureGroup({ title, explanation, reading, children }: FigureGroupProps) {
  const id = useId();
  return (
    <div className={classes.group}>
      <div className={classes.groupHead}>
        <h3 id={id} className={classes.groupTitle}>
          {title}
        </h3>
        <Explain text={explanation} of={id} />
      </div>
      <p className={classes.note}>{reading}</p>
      {children}
    </div>
  );
}
