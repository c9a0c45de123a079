// Which adapter is looked at, and which one it is compared with.
import { Button, Progress } from "@mantine/core";
import { useRef, useState } from "react";
import { type AdapterChoice, useAnalysis } from "../../studio/stores/analysisStore";
import { ChoiceField } from "../setup/Field";
import classes from "./Analysis.module.css";
import { analysisExplanations } from "./explanations";

interface AdapterPickerProps {
  readonly choices: readonly AdapterChoice[];
}

export function AdapterPicker({ choices }: AdapterPickerProps) {
  const [chosenId, setChosenId] = useState("");
  const [againstId, setAgainstId] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const isBusy = useAnalysis(({ status }) => status === "busy");
  const { openFiles, analyse } = useAnalysis.getState();
  const find = (id: string) => choices.find((choice) => choice.id === id);
  // A choice that has gone, like a deleted run, gives way to the first one.
  const adapter = find(chosenId) ?? choices[0];
  const against = find(againstId);
  const options = choices.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (adapter) analyse(adapter, against);
        }}
      >
        <div className={classes.choice}>
          <ChoiceField
            label="Adapter"
            explanation={analysisExplanations.adapter}
            disabled={choices.length === 0}
            value={adapter?.id ?? ""}
            choices={options.length > 0 ? options : [{ value: "", label: "none yet" }]}
            onChange={setChosenId}
          />
        </div>
        <div className={classes.choice}>
          <ChoiceField
            label="Compare with"
            explanation={analysisExplanations.against}
            disabled={choices.length === 0}
            value={against?.id ?? ""}
            choices={[
              { value: "", label: "random directions only" },
              ...options.filter(({ value }) => value !== adapter?.id),
            ]}
            onChange={setAgainstId}
          />
        </div>
        <Button type="submit" size="sm" disabled={!adapter || isBusy}>
          Analyse
        </Button>
        <Button size="sm" variant="default" onClick={() => input.current?.click()}>
          Open adapter to look at
        </Button>
        <input
          ref={input}
          type="file"
          hidden
          multiple
          accept=".zip,.json,.safetensors"
          aria-label="Adapter files to look at"
          onChange={(event) => {
            const files = [...(event.currentTarget.files ?? [])];
            event.currentTarget.value = "";
            if (files.length > 0) setChosenId(openFiles(files));
          }}
        />
      </form>
      <AnalysisProgress />
    </>
  );
}

/** Shown while the spectra of all weights are computed. */
function AnalysisProgress() {
  const progress = useAnalysis((analysis) => analysis.progress);
  const isBusy = useAnalysis(({ status }) => status === "busy");
  if (!isBusy) return null;
  return <Progress value={100 * progress} size="sm" mt="sm" aria-label="Analysed part" />;
}
