// A named group of choices that can be switched on and off one by one, with its explanation and its problem.
import { Chip } from "@mantine/core";
import { type ReactNode, useId } from "react";
import { Explain } from "../../Explain";
import { FieldProblem } from "../../setup/Field";
import classes from "./Experiment.module.css";

interface ChipGroupProps {
  readonly name: string;
  readonly explanation: string;
  readonly problem: string | undefined;
  readonly choices: readonly { readonly id: string; readonly label: string; readonly isOn: boolean }[];
  readonly onToggle: (id: string, isOn: boolean) => void;
  /** What adds choices. */
  readonly children: ReactNode;
}

export function ChipGroup({ name, explanation, problem, choices, onToggle, children }: ChipGroupProps) {
  const id = useId();
  return (
    <fieldset className={classes.group} aria-describedby={problem ? `${id}-problem` : undefined}>
      <legend className={classes.legend}>
        <span id={id}>{name}</span>
      </legend>
      <span className={classes.legendHelp}>
        <Explain text={explanation} of={id} />
      </span>
      <div className={classes.chips}>
        {choices.map((choice) => (
          <Chip
            key={choice.id}
            size="xs"
            variant="outline"
            checked={choice.isOn}
            onChange={(isOn) => onToggle(choice.id, isOn)}
          >
            {choice.label}
          </Chip>
        ))}
      </div>
      {children}
      {problem && <FieldProblem id={`${id}-problem`}>{problem}</FieldProblem>}
    </fieldset>
  );
}
