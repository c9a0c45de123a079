// A text or number of the experiment, tied to its name in the draft and to the problems reported under that name.
import { TextInput } from "@mantine/core";
import { useId } from "react";
import type { LabDraft } from "../../../studio/stores/labState";
import { useLab } from "../../../studio/stores/labStore";
import { FieldLabel, NumberField } from "../../setup/Field";
import { labExplanations } from "../explanations";
import { useLabProblem } from "./useLabProblem";

type TypedField =
  | "seeds"
  | "learningRates"
  | "exampleCounts"
  | "patience"
  | "metricExamples"
  | "memoryBudgetMb";

interface LabFieldProps {
  readonly name: TypedField & keyof LabDraft;
  readonly label: string;
  /** One number, which the arrow keys change; otherwise a list. */
  readonly isNumber?: boolean;
  /** What the arrow keys add. */
  readonly step?: number;
}

const placeholders: Partial<Record<TypedField, string>> = { learningRates: "as below" };

export function LabField({ name, label, isNumber = false, step = 1 }: LabFieldProps) {
  const value = useLab(({ draft }) => draft[name]);
  const problem = useLabProblem(name);
  const { setDraft } = useLab.getState();
  const id = useId();
  const explanation = labExplanations[name];
  const onChange = (text: string) => setDraft(name, text);
  if (isNumber)
    return (
      <NumberField
        label={label}
        explanation={explanation}
        value={value}
        problem={problem}
        step={step}
        onChange={onChange}
      />
    );
  return (
    <div>
      <FieldLabel label={label} explanation={explanation} htmlFor={id} />
      <TextInput
        id={id}
        size="sm"
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholders[name]}
        value={String(value)}
        error={problem}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}
