// One prompt, answered by the model as it was and by every trained cell, side by side.
import { Button, Textarea } from "@mantine/core";
import { memo, useId } from "react";
import type { ExperimentCell, LabAnswer } from "../../../studio/labMessages";
import { isLabActive } from "../../../studio/stores/labActions";
import type { LabStore } from "../../../studio/stores/labState";
import { useLab } from "../../../studio/stores/labStore";
import { useStudio } from "../../../studio/stores/studioStore";
import { Explain } from "../../Explain";
import { explanations } from "../../explanations";
import { Notice } from "../../Notice";
import { NumberField } from "../../setup/Field";
import { labExplanations } from "../explanations";
import classes from "./Answers.module.css";

export function Answers() {
  const { prompt, maxNewTokens, busy, answers, problem } = useLab((lab) => lab.answers);
  const cells = useLab(({ shown }) => shown?.cells);
  const kept = useLab(({ shown }) => shown?.record.keptCells);
  const samplePrompt = useStudio(({ data }) => data.info?.samplePrompt);
  const gpu = useStudio((studio) => studio.gpu.status);
  const blocker = useLab(answerBlocker);
  const { setPrompt, setMaxNewTokens, answer, cancelAnswer } = useLab.getState();
  const id = useId();
  const canAsk = blocker === undefined && gpu === "ready";
  const base = answers.find(({ cellId }) => cellId === null);
  const asked = busy || answers.length > 0 ? (cells?.filter((cell) => kept?.includes(cell.id)) ?? []) : [];
  return (
    <section className={classes.section} aria-labelledby="answers-heading">
      <div className={classes.head}>
        <h2 id="answers-heading" className={classes.title}>
          Answers by rank
        </h2>
        <Explain text={labExplanations.answers} of="answers-heading" />
      </div>
      <div className={classes.promptHead}>
        <label htmlFor={id} className={classes.label}>
          Prompt
        </label>
        {samplePrompt !== undefined && samplePrompt !== "" && samplePrompt !== prompt && (
          <Button size="compact-xs" variant="default" onClick={() => setPrompt(samplePrompt)}>
            Take one from the data
          </Button>
        )}
      </div>
      <Textarea
        id={id}
        autosize
        minRows={2}
        maxRows={8}
        value={prompt}
        classNames={{ input: classes.prompt }}
        onChange={(event) => setPrompt(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && canAsk) answer();
        }}
      />
      <div className={classes.actions}>
        <div className={classes.length}>
          <NumberField
            label="Longest answer"
            explanation={explanations.maxNewTokens}
            value={maxNewTokens}
            step={8}
            problem={problem?.field === "maxNewTokens" ? problem.message : undefined}
            onChange={setMaxNewTokens}
          />
        </div>
        <Button size="sm" onClick={answer} disabled={!canAsk} aria-describedby="answer-blocker">
          Ask every cell
        </Button>
        <Button size="sm" variant="default" onClick={cancelAnswer} disabled={!busy}>
          Cancel
        </Button>
        <p id="answer-blocker" className={classes.hint}>
          {gpu === "ready" || gpu === "starting" ? (blocker ?? "") : "Needs a GPU."}
        </p>
      </div>
      {problem && problem.field !== "maxNewTokens" && <Notice kind="error">{problem.message}</Notice>}
      {asked.length > 0 && (
        <ul className={classes.answers} aria-busy={busy}>
          <Answer title="Base model" answer={base} />
          {asked.map((cell) => {
            const own = answers.find(({ cellId }) => cellId === cell.id);
            return (
              <Answer
                key={cell.id}
                title={titleOf(cell)}
                answer={own}
                isAsBase={own?.stopped != null && own.text === base?.text}
              />
            );
          })}
        </ul>
      )}
    </section>
  );
}

const titleOf = ({ label }: ExperimentCell): string => label;

interface AnswerProps {
  readonly title: string;
  readonly answer: LabAnswer | undefined;
  readonly isAsBase?: boolean;
}

const Answer = memo(function Answer({ title, answer, isAsBase = false }: AnswerProps) {
  const isOver = answer?.stopped != null;
  return (
    <li className={classes.answer}>
      <h3 className={classes.name}>{title}</h3>
      <p className={classes.text}>
        {answer?.text.trim() || (isOver && <i className={classes.note}>ended at once, without a word</i>)}
      </p>
      <p className={classes.note}>{noteOf(answer, isAsBase)}</p>
    </li>
  );
});

const endings = { endOfText: "", length: "cut at the limit", cancelled: "cancelled" } as const;

function noteOf(answer: LabAnswer | undefined, isAsBase: boolean): string {
  if (!answer) return "waits";
  if (answer.stopped === null) return "writing…";
  return [endings[answer.stopped], isAsBase && "the same as the base model’s"].filter(Boolean).join(" · ");
}

function answerBlocker(lab: LabStore): string | undefined {
  if (!lab.shown) return "Run an experiment first.";
  if (lab.status === "running" || lab.status === "starting")
    return "Pause or stop the experiment to ask its cells.";
  if (lab.answers.busy) return "Answering…";
  if (lab.shown.record.keptCells.length === 0)
    return isLabActive(lab) ? "No cell has been trained yet." : "No trained adapters are kept: run it again.";
  if (lab.answers.prompt === "") return "Write a prompt first.";
  return undefined;
}
