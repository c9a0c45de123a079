// What a run would take and what is wrong with its configuration, before anything is allocated.
import { estimateMemory } from "../train/plan";
import { sequencesOf } from "../train/sequences";
import { stepShapeOf } from "../train/session";
import { traineeOf } from "../train/trainee";
import type { LoadedModel } from "./loadedModel";
import type { GpuInfo, ModelInfo, RunEstimate, StudioProblem, TrainConfig } from "./messages";
import { checkConfig, toProblem } from "./problems";
import type { TokenizedData } from "./trainingData";

const nothing: Omit<RunEstimate, "problems"> = {
  trainableParameters: 0,
  trainablePercent: 0,
  adaptedModules: 0,
  tokensPerStep: 0,
  memoryBytes: { weights: 0, activations: 0, trainableState: 0 },
};

/**
 * @param data examples cut to the configuration's sequence length, or undefined before any are loaded
 * @param gpu to hold the memory against, or undefined without one
 */
export function estimateRun(
  input: unknown,
  model: LoadedModel,
  data: TokenizedData | undefined,
  gpu: GpuInfo | undefined,
): RunEstimate {
  const checked = checkConfig(input);
  if ("problems" in checked) return { ...nothing, problems: checked.problems };
  const { config } = checked;
  try {
    return estimateValid(config, model, data, gpu);
  } catch (error) {
    return { ...nothing, problems: [toProblem(error)] };
  }
}

function estimateValid(
  config: TrainConfig,
  { folder, info }: LoadedModel,
  data: TokenizedData | undefined,
  gpu: GpuInfo | undefined,
): RunEstimate {
  const trainee = traineeOf(config, folder, info.name);
  const problems: StudioProblem[] = lengthProblems(config, info);
  const { examples, evaluationExamples } = sequencesOf(config, {
    examples: data?.examples ?? [],
    evaluationExamples: data?.evalExamples ?? [],
  });
  const shape = stepShapeOf(config, info.vocabSize, examples, evaluationExamples);
  // Without data: full sequences, the worst case.
  const { batchSize, sequenceLength } = config;
  const assumed = data ? shape : { ...shape, sequenceLength, lossRows: batchSize * sequenceLength };
  const memory = estimateMemory(folder, [{ config, trainee }], assumed);
  if (gpu && memory.largestBufferBytes > gpu.maxBindingBytes) problems.push(tooLarge(memory, gpu));
  const { parameterCount } = trainee.layout;
  return {
    trainableParameters: parameterCount,
    trainablePercent: (100 * parameterCount) / info.parameterCount,
    adaptedModules: trainee.modules.length,
    tokensPerStep: assumed.batchSize * assumed.sequenceLength * config.gradientAccumulation,
    memoryBytes: {
      weights: memory.weightBytes,
      activations: memory.activationBytes,
      trainableState: memory.trainableStateBytes,
    },
    problems,
  };
}

/** What is wrong with the sequence length for a model, if anything. */
export function lengthProblems(
  { sequenceLength }: Pick<TrainConfig, "sequenceLength">,
  { maxPositionEmbeddings, name }: ModelInfo,
): StudioProblem[] {
  if (sequenceLength <= maxPositionEmbeddings) return [];
  const most = `at most ${maxPositionEmbeddings}, the positions of ${name}`;
  const message = `sequence length: expected ${most}, got ${sequenceLength}`;
  return [{ field: "sequenceLength", message }];
}

/** A plan with a buffer over what the GPU binds, as a problem. */
export function tooLarge(
  memory: { readonly largestBufferBytes: number; readonly largestBufferLabel: string },
  gpu: GpuInfo,
): StudioProblem {
  const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  const { largestBufferBytes, largestBufferLabel } = memory;
  const message =
    `GPU memory: expected buffers of at most ${megabytes(gpu.maxBindingBytes)}, which this adapter binds at once, ` +
    `got ${megabytes(largestBufferBytes)} for ${largestBufferLabel}. Lower the batch size or sequence length.`;
  return { field: "batchSize", message };
}
