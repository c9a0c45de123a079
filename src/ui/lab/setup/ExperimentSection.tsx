// What is compared: the grid of ranks, target sets and seeds, and how its cells are run. It takes the place of the one
// adapter in the set-up; model, data and training are the same as for a single run.
import "@mantine/core/styles/Chip.css";
import { Checkbox } from "@mantine/core";
import { useLab } from "../../../studio/stores/labStore";
import { experimentPresets } from "../../../studio/stores/labView";
import { Explain } from "../../Explain";
import { Section } from "../../Section";
import { ChoiceField, FieldGrid, NumberField } from "../../setup/Field";
import setup from "../../setup/setup.module.css";
import { labExplanations } from "../explanations";
import classes from "./Experiment.module.css";
import { LabField } from "./LabField";
import { Presets } from "./Presets";
import { Ranks } from "./Ranks";
import { TargetSets } from "./TargetSets";
import { useLabProblem } from "./useLabProblem";

export default function ExperimentSection() {
  const { ranks, targetSets } = useLab((lab) => lab.draft);
  const cells = useLab(({ estimate }) => estimate?.cells.length);
  const sets = `${ranks.length} ranks × ${targetSets.length} target sets`;
  return (
    <Section
      id="experiment-heading"
      title="Experiment"
      summary={cells ? `${cells} ${cells === 1 ? "cell" : "cells"}` : sets}
    >
      <Presets presets={experimentPresets} />
      <Ranks />
      <TargetSets />
      <FieldGrid>
        <LabField name="seeds" label="Seeds" />
        <ModeField />
        <AlphaRuleField />
        <AlphaField />
      </FieldGrid>
      <details className={setup.details}>
        <summary>More to compare</summary>
        <FieldGrid>
          {/* No name contains another's, such as “Learning rate” or “Prompt”: each must find one field. */}
          <LabField name="learningRates" label="Rates to compare" />
          <LabField name="exampleCounts" label="Examples to use" />
          <LabField name="patience" label="Patience" isNumber />
          <LabField name="metricExamples" label="Completions to score" isNumber />
          <LabField name="memoryBudgetMb" label="Memory limit (MB)" step={256} isNumber />
        </FieldGrid>
        <FullField />
      </details>
    </Section>
  );
}

function ModeField() {
  const mode = useLab(({ draft }) => draft.mode);
  const { setDraft } = useLab.getState();
  return (
    <ChoiceField
      label="Order"
      explanation={labExplanations.mode}
      value={mode}
      choices={[
        { value: "race", label: "Race" },
        { value: "sequential", label: "One after the other" },
      ]}
      onChange={(value) => setDraft("mode", value as typeof mode)}
    />
  );
}

function AlphaRuleField() {
  const rule = useLab(({ draft }) => draft.alphaRule);
  const { setDraft } = useLab.getState();
  return (
    <ChoiceField
      label="Alpha rule"
      explanation={labExplanations.alpha}
      value={rule}
      choices={[
        { value: "fixed", label: "Fixed" },
        { value: "perRank", label: "k × rank" },
      ]}
      onChange={(value) => setDraft("alphaRule", value as typeof rule)}
    />
  );
}

function AlphaField() {
  const { alphaRule, alpha } = useLab(({ draft }) => draft);
  const problem = useLabProblem("alpha");
  const { setDraft } = useLab.getState();
  return (
    <NumberField
      label={alphaRule === "fixed" ? "Alpha" : "k"}
      explanation={labExplanations.alpha}
      value={alpha}
      problem={problem}
      onChange={(value) => setDraft("alpha", value)}
    />
  );
}

function FullField() {
  const methods = useLab(({ draft }) => draft.methods);
  const problem = useLabProblem("methods");
  const { setDraft } = useLab.getState();
  return (
    <div className={setup.checkRow}>
      <Checkbox
        size="xs"
        id="also-full"
        label={<span id="also-full-label">Full fine-tuning as well</span>}
        checked={methods.includes("full")}
        error={problem}
        className={classes.full}
        onChange={(event) => setDraft("methods", event.currentTarget.checked ? ["lora", "full"] : ["lora"])}
      />
      <Explain text={labExplanations.methods} of="also-full-label" />
    </div>
  );
}
