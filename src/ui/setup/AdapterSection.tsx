// What is trained: the method, and for LoRA the shape and place of the added matrices.
import { Checkbox } from "@mantine/core";
import type { Settings } from "../../studio/stores/state";
import { useStudio } from "../../studio/stores/studioStore";
import { Explain } from "../Explain";
import { explanations } from "../explanations";
import { Section } from "../Section";
import { ChoiceField, FieldGrid } from "./Field";
import { SettingField } from "./SettingField";
import classes from "./setup.module.css";
import { TargetModules } from "./TargetModules";
import { useProblem } from "./useProblem";

export function AdapterSection() {
  const method = useStudio(({ settings }) => settings.method);
  const rank = useStudio(({ settings }) => settings.rank);
  const targets = useStudio(({ settings }) => settings.targetModules);
  const isLora = method === "lora";
  return (
    <Section
      id="adapter-heading"
      title="Adapter"
      summary={isLora ? `LoRA · rank ${rank} · ${targets.length} module types` : methodNames[method]}
    >
      <MethodField />
      <fieldset className={classes.adapter} disabled={!isLora}>
        <FieldGrid>
          <SettingField name="rank" label="Rank" disabled={!isLora} />
          <SettingField name="loraAlpha" label="Alpha" disabled={!isLora} />
          <SettingField name="loraDropout" label="Dropout" step={0.05} disabled={!isLora} />
          <InitField disabled={!isLora} />
        </FieldGrid>
        <TargetModules />
        <RsloraField />
      </fieldset>
    </Section>
  );
}

const methodNames = {
  lora: "LoRA",
  full: "Full fine-tuning: every weight",
  bitfit: "Bias only (BitFit)",
} as const satisfies Record<Settings["method"], string>;

function MethodField() {
  const method = useStudio(({ settings }) => settings.method);
  const hasBiases = useStudio(({ model }) => model.info?.hasBiases ?? false);
  const problem = useProblem("method");
  const { setSetting } = useStudio.getState();
  return (
    <div className={classes.method}>
      <ChoiceField
        label="Method"
        explanation={explanations.method}
        value={method}
        problem={problem}
        choices={[
          { value: "lora", label: methodNames.lora },
          { value: "full", label: methodNames.full },
          {
            value: "bitfit",
            label: hasBiases ? methodNames.bitfit : "Bias only: this model has no biases",
            disabled: !hasBiases,
          },
        ]}
        onChange={(value) => setSetting("method", value as Settings["method"])}
      />
    </div>
  );
}

function InitField({ disabled }: { readonly disabled: boolean }) {
  const value = useStudio(({ settings }) => settings.initLoraWeights);
  const problem = useProblem("initLoraWeights");
  const { setSetting } = useStudio.getState();
  return (
    <ChoiceField
      label="First values of A"
      explanation={explanations.initLoraWeights}
      value={String(value)}
      problem={problem}
      disabled={disabled}
      choices={[
        { value: "true", label: "Uniform" },
        { value: "gaussian", label: "Gaussian" },
      ]}
      onChange={(chosen) => setSetting("initLoraWeights", chosen === "gaussian" ? "gaussian" : true)}
    />
  );
}

function RsloraField() {
  const checked = useStudio(({ settings }) => settings.useRslora);
  const { setSetting } = useStudio.getState();
  return (
    <div className={classes.checkRow}>
      <Checkbox
        size="xs"
        id="rslora"
        label={<span id="rslora-label">Scale by √r instead of r (rsLoRA)</span>}
        checked={checked}
        onChange={(event) => setSetting("useRslora", event.currentTarget.checked)}
      />
      <Explain text={explanations.useRslora} of="rslora-label" />
    </div>
  );
}
