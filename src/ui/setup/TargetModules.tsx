// Which weight matrices of every layer get an adapter: one box per module name of the model.
import { Checkbox } from "@mantine/core";
import { useId } from "react";
import { useStudio } from "../../studio/stores/studioStore";
import { Explain } from "../Explain";
import { explanations } from "../explanations";
import { FieldProblem } from "./Field";
import classes from "./setup.module.css";
import { useProblem } from "./useProblem";

/** Shown until the model says which names it has; every Llama model has these. */
const llamaModules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

export function TargetModules() {
  const names = useStudio(({ model }) => model.info?.moduleNames ?? llamaModules);
  const chosen = useStudio(({ settings }) => settings.targetModules);
  const problem = useProblem("targetModules");
  const { setSetting } = useStudio.getState();
  const id = useId();
  const toggle = (name: string, isOn: boolean) =>
    setSetting(
      "targetModules",
      names.filter((other) => (other === name ? isOn : chosen.includes(other))),
    );
  return (
    <fieldset className={classes.targets} aria-describedby={problem ? `${id}-problem` : undefined}>
      <legend className={classes.legend}>
        <span id={id}>Target modules</span>
      </legend>
      <span className={classes.legendHelp}>
        <Explain text={explanations.targetModules} of={id} />
      </span>
      <div className={classes.checks}>
        {names.map((name) => (
          <Checkbox
            key={name}
            size="xs"
            label={<span className={classes.moduleName}>{name}</span>}
            checked={chosen.includes(name)}
            error={problem !== undefined}
            onChange={(event) => toggle(name, event.currentTarget.checked)}
          />
        ))}
      </div>
      {problem && <FieldProblem id={`${id}-problem`}>{problem}</FieldProblem>}
    </fieldset>
  );
}
