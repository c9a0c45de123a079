// What the model shall learn: a sample set or a file of one's own, and how the model will see it.
import { useId } from "react";
import { useStudio } from "../../studio/stores/studioStore";
import { explanations } from "../explanations";
import { formatCount } from "../format";
import { Section } from "../Section";
import { FieldLabel, FieldProblem } from "./Field";
import { FilePicker } from "./FilePicker";
import classes from "./setup.module.css";
import { useProblem } from "./useProblem";

export function DataSection() {
  const data = useStudio((studio) => studio.data);
  const samples = useStudio((studio) => studio.samples);
  const isRunning = useStudio(({ run }) => run.status === "running" || run.status === "paused");
  const settingsProblem = useProblem("trainingData");
  const { loadData } = useStudio.getState();
  const id = useId();
  const { info, source } = data;
  const problem = data.problem?.message ?? settingsProblem;
  return (
    <Section
      id="data-heading"
      title="Data"
      summary={
        data.status === "loading"
          ? "Reading…"
          : info &&
            `${formatCount(info.exampleCount)} examples · ${formatCount(info.validationCount)} held out`
      }
    >
      <fieldset className={classes.samples} disabled={isRunning}>
        <legend className={classes.legend}>Sample sets</legend>
        {samples.map((sample) => (
          <div key={sample.id} className={classes.sample}>
            <input
              id={`sample-${sample.id}`}
              type="radio"
              name="sample"
              aria-describedby={`goal-${sample.id}`}
              checked={source?.kind === "sample" && source.name === sample.id}
              onChange={() => loadData({ kind: "sample", name: sample.id })}
            />
            <label htmlFor={`sample-${sample.id}`}>{sample.title}</label>
            <p id={`goal-${sample.id}`}>{sample.goal}</p>
          </div>
        ))}
      </fieldset>
      <FieldLabel label="Training data" explanation={explanations.data} htmlFor={id} />
      <FilePicker
        id={id}
        accept=".jsonl,.json,.txt,application/jsonl,text/plain"
        disabled={isRunning}
        problemId={problem ? `${id}-problem` : undefined}
        chosen={source?.kind === "file" ? source.name : undefined}
        onChoose={(file) => loadData({ kind: "file", name: file.name, file })}
      />
      {problem && (
        <FieldProblem id={`${id}-problem`}>
          {problem} {data.problem && info && `Still in use: ${info.name}.`}
        </FieldProblem>
      )}
      {info && <DataFacts />}
    </Section>
  );
}

function DataFacts() {
  const info = useStudio((studio) => studio.data.info);
  if (!info) return null;
  const remarks = [
    `Longest example ${formatCount(info.longestTokens)} tokens; ${formatCount(info.targetTokensPerExample)} of an example's tokens are learned on average.`,
    info.truncatedCount > 0 && `${formatCount(info.truncatedCount)} cut to the sequence length.`,
    info.droppedCount > 0 && `${formatCount(info.droppedCount)} left out: nothing to learn in them.`,
  ];
  return <p className={classes.hint}>{remarks.filter(Boolean).join(" ")}</p>;
}
