// One setting: its name, its explanation, its control, and what is wrong with it.
import { Input, NativeSelect, TextInput } from "@mantine/core";
import { type ReactNode, useId } from "react";
import type { NumberField as NumberValue } from "../../studio/stores/state";
import { Explain } from "../Explain";
import classes from "./Field.module.css";

interface FieldLabelProps {
  readonly label: string;
  readonly explanation: string;
  /** Id of the control that the label names. */
  readonly htmlFor: string;
}

export function FieldLabel({ label, explanation, htmlFor }: FieldLabelProps) {
  return (
    <div className={classes.labelRow}>
      <label id={`${htmlFor}-label`} className={classes.label} htmlFor={htmlFor}>
        {label}
      </label>
      <Explain text={explanation} of={`${htmlFor}-label`} />
    </div>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly explanation: string;
  readonly value: NumberValue;
  readonly problem?: string;
  readonly disabled?: boolean;
  /** What the arrow keys add; a factor for quantities that live on a log scale. */
  readonly step?: number | { readonly factor: number };
  readonly onChange: (value: string) => void;
}

/** A number as text, so that "1e-3" can be typed and what is no number can be said to be none. */
export function NumberField(props: NumberFieldProps) {
  const { label, explanation, value, problem, disabled, step = 1, onChange } = props;
  const id = useId();
  const change = (direction: 1 | -1) => {
    const current = Number(value);
    if (String(value).trim() === "" || !Number.isFinite(current)) return;
    const next = typeof step === "number" ? current + direction * step : current * step.factor ** direction;
    onChange(String(Number(Math.max(0, next).toPrecision(6))));
  };
  return (
    <div className={classes.field}>
      <FieldLabel label={label} explanation={explanation} htmlFor={id} />
      <TextInput
        id={id}
        size="sm"
        inputMode="decimal"
        autoComplete="off"
        spellCheck={false}
        value={String(value)}
        error={problem}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
          event.preventDefault();
          change(event.key === "ArrowUp" ? 1 : -1);
        }}
      />
    </div>
  );
}

interface ChoiceFieldProps {
  readonly label: string;
  readonly explanation: string;
  readonly value: string;
  readonly choices: readonly {
    readonly value: string;
    readonly label: string;
    readonly disabled?: boolean;
  }[];
  readonly problem?: string;
  readonly disabled?: boolean;
  readonly onChange: (value: string) => void;
}

export function ChoiceField(props: ChoiceFieldProps) {
  const { label, explanation, value, choices, problem, disabled, onChange } = props;
  const id = useId();
  return (
    <div className={classes.field}>
      <FieldLabel label={label} explanation={explanation} htmlFor={id} />
      <NativeSelect
        id={id}
        size="sm"
        data={[...choices]}
        value={value}
        error={problem}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}

/** Fields side by side where there is room. */
export function FieldGrid({ children }: { readonly children: ReactNode }) {
  return <div className={classes.grid}>{children}</div>;
}

/** What is wrong with a group of controls. */
export function FieldProblem({ id, children }: { readonly id: string; readonly children: ReactNode }) {
  return (
    <Input.Error id={id} className={classes.problem}>
      {children}
    </Input.Error>
  );
}
