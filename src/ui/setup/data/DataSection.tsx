// What the model shall learn: a sample set or a file of one's own, how its rows become examples, and what came of it.
import { useId } from "react";
import { useShallow } from "zustand/react/shallow";
import type { DataState } from "../../../studio/stores/state";
import { useStudio } from "../../../studio/stores/studioStore";
import { explanations } from "../../explanations";
import { formatCount } from "../../format";
import { Section } from "../../Section";
import { FieldLabel, FieldProblem } from "../Field";
import { FilePicker } from "../FilePicker";
import setup from "../setup.module.css";
import { useProblem } from "../useProblem";
import { BadRows } from "./BadRows";
import { DataFacts } from "./DataFacts";
import { DataProgress } from "./DataProgress";
import { HeldOut } from "./HeldOut";
import { HubData } from "./HubData";
import { MappingForm } from "./MappingForm";
import { useDataDisabled } from "./useDataDisabled";

export function DataSection() {
  // Not with every percent of progress: the whole form would be drawn again.
  const data = useStudio(useShallow(({ data: { progress: _, ...rest } }) => rest));
  const settingsProblem = useProblem("trainingData");
  const disabled = useDataDisabled();
  const { loadData } = useStudio.getState();
  const id = useId();
  const { info, problem } = data;
  const shown = data.attempted ?? data.source;
  const isFile = shown?.kind === "file";
  const isOwn = isFile || shown?.kind === "hub";
  // Of what could not even be looked at, there is nothing to map.
  const isSeen = isOwn && (data.attempted === undefined || data.sketch !== undefined);
  // What is wrong with a column's choice stands beside it.
  const isAboutMapping =
    problem?.field?.startsWith("mapping.") && isOwn && (data.sketch ?? info) !== undefined;
  const message = isAboutMapping ? undefined : (problem?.message ?? settingsProblem);
  return (
    <Section id="data-heading" title="Data" summary={summaryOf(data)}>
      <Samples />
      <FieldLabel label="Training data" explanation={explanations.data} htmlFor={id} />
      <FilePicker
        id={id}
        accept=".jsonl,.ndjson,.json,.csv,.tsv,.tab,.parquet,.txt,.text,.md"
        prompt="Drop JSONL, JSON, CSV, TSV, Parquet or text"
        disabled={disabled}
        problemId={message ? `${id}-problem` : undefined}
        chosen={isFile ? shown.name : undefined}
        onChoose={(file) => loadData({ kind: "file", name: file.name, file })}
      />
      <HubData />
      {message && <FieldProblem id={`${id}-problem`}>{message}</FieldProblem>}
      <BadRows />
      {problem && info && <p className={setup.hint}>Still in use: {info.name}.</p>}
      <DataProgress />
      {isSeen && <MappingForm />}
      {isSeen && <HeldOut />}
      {info && data.status === "ready" && <DataFacts />}
    </Section>
  );
}

function summaryOf({ status, info }: Pick<DataState, "status" | "info">): string | undefined {
  if (status === "loading") return "Reading…";
  return info && `${formatCount(info.exampleCount)} examples · ${formatCount(info.validationCount)} held out`;
}

function Samples() {
  const samples = useStudio((studio) => studio.samples);
  const source = useStudio(({ data }) => data.attempted ?? data.source);
  const disabled = useDataDisabled();
  const { loadData } = useStudio.getState();
  return (
    <fieldset className={setup.samples} disabled={disabled}>
      <legend className={setup.legend}>Sample sets</legend>
      {samples.map((sample) => (
        <div key={sample.id} className={setup.sample}>
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
  );
}
