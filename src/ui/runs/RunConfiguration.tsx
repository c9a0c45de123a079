// What the run on the charts was made with, and the way to make another one like it.
import { Button } from "@mantine/core";
import type { RunRecord } from "../../studio/messages";
import { useStudio } from "../../studio/stores/studioStore";
import { formatCount } from "../format";
import classes from "./Runs.module.css";

export function RunConfiguration({ record }: { readonly record: RunRecord }) {
  const { useSettingsOf: copySettingsOf } = useStudio.getState();
  return (
    <details className={classes.configuration}>
      <summary>On the charts now. How it was made</summary>
      <dl className={classes.entries}>
        {entriesOf(record).map(([name, value]) => (
          <div key={name} className={classes.entry}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Button size="compact-xs" variant="default" onClick={() => copySettingsOf(record)}>
        Put into the set-up
      </Button>
    </details>
  );
}

function entriesOf({ modelName, dataName, trainableParameters, config }: RunRecord): [string, string][] {
  const { adapter, method } = config;
  const lora: [string, string][] = [
    ["rank", String(adapter.rank)],
    ["alpha", `${adapter.loraAlpha}${adapter.useRslora ? ", scaled by √rank" : ""}`],
    ["dropout", String(adapter.loraDropout)],
    ["target modules", adapter.targetModules.join(", ")],
    ["first values of A", adapter.initLoraWeights === true ? "uniform" : "gaussian"],
  ];
  return [
    ["model", modelName],
    ["data", dataName],
    ["method", method],
    ["trainable parameters", formatCount(trainableParameters)],
    ...(method === "lora" ? lora : []),
    ["learning rate", `${config.learningRate}, ${config.schedule}`],
    ["warm-up", String(config.warmupSteps)],
    ["batch size", String(config.batchSize)],
    ["accumulation", String(config.gradientAccumulation)],
    ["sequence length", String(config.sequenceLength)],
    ["weight decay", String(config.weightDecay)],
    ["gradient limit", config.maxGradNorm === 0 ? "none" : String(config.maxGradNorm)],
    ["seed", String(config.seed)],
  ];
}
