// A part of the page: a heading, one line on its state at the right, and the content.
import type { ReactNode } from "react";
import classes from "./Section.module.css";

interface SectionProps {
  readonly id: string;
  readonly title: string;
  /** What is chosen, in a few words. */
  readonly summary?: ReactNode;
  readonly children: ReactNode;
}

export function Section({ id, title, summary, children }: SectionProps) {
  return (
    <section className={classes.section} aria-labelledby={id}>
      <div className={classes.head}>
        <h2 id={id} className={classes.title}>
          {title}
        </h2>
        {summary && <p className={classes.summary}>{summary}</p>}
      </div>
      {children}
    </section>
  );
}
