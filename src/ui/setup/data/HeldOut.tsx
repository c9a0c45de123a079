// Examples that are not trained on, to see whether what is learned carries over: a random part, or a file.
import { Button } from "@mantine/core";
import { useId, useState } from "react";
import { useStudio } from "../../../studio/stores/studioStore";
import { explanations } from "../../explanations";
import { FieldLabel, NumberField } from "../Field";
import { FilePicker } from "../FilePicker";
import classes from "./data.module.css";
import { useDataDisabled } from "./useDataDisabled";

export function HeldOut() {
  const source = useStudio(({ data }) => data.attempted ?? data.source);
  const disabled = useDataDisabled();
  const { setValidationFile } = useStudio.getState();
  const id = useId();
  const file = source?.validationFile;
  return (
    <div className={classes.heldOut}>
      {!file && <HeldOutPart disabled={disabled} />}
      <FieldLabel label="Validation file" explanation={explanations.validationFile} htmlFor={id} />
      <FilePicker
        id={id}
        accept=".jsonl,.ndjson,.json,.csv,.tsv,.tab,.parquet,.txt,.text,.md"
        prompt="None: a random part of the data"
        disabled={disabled}
        chosen={file?.name}
        onChoose={setValidationFile}
      />
      {file && (
        <Button
          size="compact-xs"
          variant="subtle"
          disabled={disabled}
          onClick={() => setValidationFile(undefined)}
        >
          Hold out a random part instead
        </Button>
      )}
    </div>
  );
}

function HeldOutPart({ disabled }: { readonly disabled: boolean }) {
  const fraction = useStudio(({ data }) => data.settings.validationFraction);
  const [typed, setTyped] = useState<string>();
  const { setDataSettings } = useStudio.getState();
  const text = typed ?? String(Number((fraction * 100).toPrecision(6)));
  const percent = text.trim() === "" ? Number.NaN : Number(text);
  const isValid = percent >= 0 && percent < 100;
  return (
    <NumberField
      label="Held out, in %"
      explanation={explanations.heldOut}
      value={text}
      step={5}
      disabled={disabled}
      problem={
        isValid ? undefined : `held out: expected a number from 0 to below 100, got ${text.trim() || "none"}`
      }
      onChange={(next) => {
        setTyped(next);
        const value = next.trim() === "" ? Number.NaN : Number(next);
        if (value >= 0 && value < 100) setDataSettings({ validationFraction: value / 100 });
      }}
    />
  );
}
