// Between the form, which holds what is typed, and the configuration, which holds what is meant.
import { trainConfigSchema } from "../../train/config";
import type { TrainConfig, TrainConfigInput } from "../messages";
import type { CompareSettings, NumberField, Settings } from "./state";

/** A configuration laid flat for the form. */
export function toSettings(config: TrainConfig): Settings {
  const { adapter, method, schedule, shuffle, gradientCheckpointing, packing } = config;
  const { rank, loraAlpha, loraDropout, targetModules, useRslora, initLoraWeights } = adapter;
  const { learningRate, warmupSteps, steps, batchSize, gradientAccumulation, sequenceLength } = config;
  const { weightDecay, maxGradNorm, seed, evaluateEvery, checkpointEvery } = config;
  return {
    ...{ method, rank, loraAlpha, loraDropout, targetModules, useRslora, initLoraWeights },
    ...{ learningRate, schedule, warmupSteps, steps, batchSize, gradientAccumulation, sequenceLength },
    ...{
      weightDecay,
      maxGradNorm,
      seed,
      shuffle,
      evaluateEvery,
      checkpointEvery,
      gradientCheckpointing,
      packing,
    },
  };
}

/** What the form shows first. */
export const defaultSettings: Settings = toSettings(trainConfigSchema.parse({}));

/** Number of a field; NaN while it is empty or no number, which the worker then reports beside the field. */
export function numberOf(field: NumberField): number {
  if (typeof field === "number") return field;
  return field.trim() === "" ? Number.NaN : Number(field);
}

/** The form as a configuration, not yet checked: the worker's `estimate` and `train` say what is wrong. */
export function toConfigInput(settings: Settings): TrainConfigInput {
  const { method, schedule, shuffle, targetModules, useRslora, initLoraWeights } = settings;
  return {
    method,
    schedule,
    shuffle,
    gradientCheckpointing: settings.gradientCheckpointing,
    packing: settings.packing,
    adapter: {
      rank: numberOf(settings.rank),
      loraAlpha: numberOf(settings.loraAlpha),
      loraDropout: numberOf(settings.loraDropout),
      targetModules: [...targetModules],
      useRslora,
      initLoraWeights,
    },
    steps: numberOf(settings.steps),
    batchSize: numberOf(settings.batchSize),
    gradientAccumulation: numberOf(settings.gradientAccumulation),
    sequenceLength: numberOf(settings.sequenceLength),
    learningRate: numberOf(settings.learningRate),
    warmupSteps: numberOf(settings.warmupSteps),
    weightDecay: numberOf(settings.weightDecay),
    maxGradNorm: numberOf(settings.maxGradNorm),
    seed: numberOf(settings.seed),
    evaluateEvery: numberOf(settings.evaluateEvery),
    checkpointEvery: numberOf(settings.checkpointEvery),
  };
}

export const defaultCompareSettings: CompareSettings = {
  maxNewTokens: 64,
  temperature: 0,
  topK: 0,
  topP: 1,
  seed: 0,
};
