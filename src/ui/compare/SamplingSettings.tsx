// How the next token is chosen: rarely changed, so out of the way.
import type { CompareSettings } from "../../studio/stores/state";
import { useStudio } from "../../studio/stores/studioStore";
import { explanations } from "../explanations";
import { NumberField } from "../setup/Field";
import classes from "./Compare.module.css";

const fields = [
  { name: "maxNewTokens", label: "Longest answer", explanation: explanations.maxNewTokens, step: 8 },
  { name: "temperature", label: "Temperature", explanation: explanations.temperature, step: 0.1 },
  { name: "topK", label: "Top-k", explanation: explanations.topK, step: 5 },
  { name: "topP", label: "Top-p", explanation: explanations.topP, step: 0.05 },
  // Not "seed": that name belongs to the training.
  { name: "seed", label: "Variation", explanation: explanations.variation, step: 1 },
] as const satisfies readonly { name: keyof CompareSettings; [key: string]: unknown }[];

export function SamplingSettings() {
  const settings = useStudio(({ compare }) => compare.settings);
  const problem = useStudio(({ compare }) => compare.base.problem ?? compare.adapter.problem);
  const { setCompareSetting } = useStudio.getState();
  const temperature = Number(settings.temperature);
  const choice = temperature === 0 ? "always the likeliest token" : `temperature ${settings.temperature}`;
  return (
    <details className={classes.details}>
      <summary>
        How it chooses: {choice}, up to {settings.maxNewTokens} tokens
      </summary>
      <div className={classes.settings}>
        {fields.map(({ name, ...field }) => (
          <NumberField
            key={name}
            {...field}
            value={settings[name]}
            problem={problem?.field === name ? problem.message : undefined}
            onChange={(value) => setCompareSetting(name, value)}
          />
        ))}
      </div>
    </details>
  );
}
