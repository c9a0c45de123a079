// How it is trained: what most people change in view, the rest one click away.
import { Checkbox } from "@mantine/core";
import type { Settings } from "../../studio/stores/state";
import { useStudio } from "../../studio/stores/studioStore";
import { Explain } from "../Explain";
import { explanations } from "../explanations";
import { formatCount } from "../format";
import { Section } from "../Section";
import { ChoiceField, FieldGrid } from "./Field";
import { SettingField } from "./SettingField";
import classes from "./setup.module.css";
import { useProblem } from "./useProblem";

export function TrainingSection() {
  const { steps, learningRate } = useStudio(({ settings }) => settings);
  return (
    <Section id="training-heading" title="Training" summary={`${steps} steps · ${learningRate}`}>
      <FieldGrid>
        <SettingField name="learningRate" label="Learning rate" step={{ factor: 1.25 }} />
        <SettingField name="steps" label="Steps" step={10} />
        <SettingField name="batchSize" label="Batch size" />
        <SettingField name="sequenceLength" label="Sequence length" step={8} />
        <ScheduleField />
        <SettingField name="seed" label="Seed" />
      </FieldGrid>
      <details className={classes.details}>
        <summary>More settings</summary>
        <FieldGrid>
          <SettingField name="warmupSteps" label="Warm-up" />
          <SettingField name="evaluateEvery" label="Validate every" step={5} />
          <SettingField name="gradientAccumulation" label="Accumulation" />
          <SettingField name="weightDecay" label="Weight decay" step={0.01} />
          <SettingField name="maxGradNorm" label="Gradient limit" step={0.1} />
        </FieldGrid>
        <SwitchField name="packing" id="packing" label="Pack short examples" />
        <PackedCount />
        <SwitchField
          name="gradientCheckpointing"
          id="gradient-checkpointing"
          label="Save memory: compute each block twice"
        />
      </details>
    </Section>
  );
}

interface SwitchProps {
  readonly name: "packing" | "gradientCheckpointing";
  readonly id: string;
  readonly label: string;
}

function SwitchField({ name, id, label }: SwitchProps) {
  const checked = useStudio(({ settings }) => settings[name]);
  const { setSetting } = useStudio.getState();
  return (
    <div className={classes.checkRow}>
      <Checkbox
        size="xs"
        id={id}
        label={<span id={`${id}-label`}>{label}</span>}
        checked={checked}
        onChange={(event) => setSetting(name, event.currentTarget.checked)}
      />
      <Explain text={explanations[name]} of={`${id}-label`} />
    </div>
  );
}

/** What packing comes to. */
function PackedCount() {
  const packing = useStudio(({ settings }) => settings.packing);
  const examples = useStudio(({ data }) => data.info?.exampleCount);
  const sequences = useStudio(({ estimate }) => estimate?.sequences);
  if (!packing || !examples || !sequences) return null;
  return (
    <p className={classes.hint}>
      {`${formatCount(examples)} examples in ${formatCount(sequences)} ${sequences === 1 ? "sequence" : "sequences"}.`}
    </p>
  );
}

function ScheduleField() {
  const value = useStudio(({ settings }) => settings.schedule);
  const problem = useProblem("schedule");
  const { setSetting } = useStudio.getState();
  return (
    <ChoiceField
      label="Schedule"
      explanation={explanations.schedule}
      value={value}
      problem={problem}
      choices={[
        { value: "constant", label: "Constant" },
        { value: "linear", label: "Linear to zero" },
        { value: "cosine", label: "Cosine to zero" },
      ]}
      onChange={(chosen) => setSetting("schedule", chosen as Settings["schedule"])}
    />
  );
}
