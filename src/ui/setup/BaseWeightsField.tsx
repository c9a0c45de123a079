// In how many bits the frozen weights are kept on the GPU.
import type { QuantisedDtype } from "../../studio/messages";
import { useStudio } from "../../studio/stores/studioStore";
import { explanations } from "../explanations";
import { useExperimentBlocker } from "../views/useExperimentBlocker";
import { ChoiceField } from "./Field";

const choices = [
  { value: "file", label: "As in the file" },
  { value: "int8", label: "8 bit (int8)" },
  { value: "nf4", label: "4 bit (NF4)" },
  { value: "nf4-double", label: "4 bit, double quantised" },
] as const;

export function BaseWeightsField() {
  const { status } = useStudio(({ model }) => model);
  const value = useStudio(({ baseWeights }) => baseWeights);
  const isTraining = useStudio(({ run }) => run.status === "running" || run.status === "paused");
  const isExperimenting = useExperimentBlocker() !== undefined;
  const { setBaseWeights } = useStudio.getState();
  return (
    <ChoiceField
      label="Base weights"
      explanation={explanations.baseWeights}
      value={value ?? "file"}
      choices={choices}
      disabled={isTraining || isExperimenting || status === "loading"}
      onChange={(chosen) => setBaseWeights(chosen === "file" ? null : (chosen as QuantisedDtype))}
    />
  );
}
