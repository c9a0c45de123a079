// One answer as it streams in, with how it ended and how fast it came.
import type { AnswerState } from "../../studio/stores/state";
import { formatCount } from "../format";
import { Notice } from "../Notice";
import classes from "./Compare.module.css";

interface AnswerPaneProps {
  readonly label: string;
  readonly title: string;
  readonly answer: AnswerState;
  /** Why there can be no answer. */
  readonly absent?: string;
}

export function AnswerPane({ label, title, answer, absent }: AnswerPaneProps) {
  const { text, busy, result, problem } = answer;
  const isEmpty = text === "" && !busy && !result;
  return (
    <section className={classes.pane} aria-label={label} aria-busy={busy}>
      <div className={classes.paneHead}>
        <h3 className={classes.paneTitle}>{title}</h3>
        <p className={classes.facts}>
          {busy && "writing…"}
          {!busy &&
            result &&
            `${formatCount(result.tokenCount)} tokens · ${formatCount(result.tokensPerSecond)}/s · ${endings[result.stopped]}`}
        </p>
      </div>
      {problem && <Notice kind="error">{problem.message}</Notice>}
      {isEmpty ? (
        <p className={classes.absent}>{absent ?? "The answer appears here."}</p>
      ) : (
        <p className={classes.text}>
          {text.trimStart() ||
            (result ? <i className={classes.nothing}>ended at once, without a word</i> : "")}
          {busy && <span className={classes.caret} aria-hidden="true" />}
        </p>
      )}
    </section>
  );
}

const endings = { endOfText: "ended by itself", length: "cut at the limit", cancelled: "cancelled" } as const;
