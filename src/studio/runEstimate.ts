// What a run would take and what is wrong with its configuration, before anything is allocated.
import { type Examples, sizesOf } from "../data/examples";
import type { PlanTarget } from "../gpu/device";
import { megabytes } from "../gpu/memory";
import type { ModelWeights } from "../models/residentModel";
import { estimateMemory, type MemoryEstimate, type RunStorages } from "../train/plan";
import { sequencesOf } from "../train/sequences";
import { stepShapeOf } from "../train/session";
import type { StepShape } from "../train/stepBlock";
import { type Cell, traineeOf } from "../train/trainee";
import type { LoadedModel } from "./loadedModel";
import type { GpuInfo, MemoryRemedy, ModelInfo, RunEstimate, StudioProblem, TrainConfig } from "./messages";
import { checkConfig, toProblem } from "./problems";
import type { TokenizedData } from "./trainingData";

const nothing: Omit<RunEstimate, "problems"> = {
  trainableParameters: 0,
  trainablePercent: 0,
  adaptedModules: 0,
  tokensPerStep: 0,
  memoryBytes: { weights: 0, activations: 0, trained: 0, gradients: 0, optimizer: 0 },
  largestBuffer: { bytes: 0, label: "" },
  remedies: [],
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
  const memory = estimateMemory(folder, [{ config, trainee }], assumed, gpu);
  if (gpu && memory.largestBufferBytes > gpu.maxBindingBytes) problems.push(tooLarge(memory, gpu));
  const { parameterCount } = trainee.layout;
  return {
    trainableParameters: parameterCount,
    trainablePercent: (100 * parameterCount) / info.parameterCount,
    adaptedModules: trainee.modules.length,
    tokensPerStep: assumed.batchSize * assumed.sequenceLength * config.gradientAccumulation,
    sequences: examples.length,
    memoryBytes: {
      weights: memory.weightBytes,
      activations: memory.activationBytes + memory.inputBytes,
      trained: memory.trainedBytes,
      gradients: memory.gradientBytes,
      optimizer: memory.optimizerBytes,
    },
    largestBuffer: {
      bytes: memory.largestBufferBytes,
      label: memory.largestBufferLabel,
      ...(gpu && { mostBytes: gpu.maxBindingBytes }),
    },
    remedies: remediesOf(folder, { config, trainee }, assumed, memory, gpu, data),
    problems,
  };
}

/** A remedy is worth a click when it saves this share of the whole, and this much. */
const WORTH = 0.05;
const WORTH_BYTES = 2 ** 25;

function remediesOf(
  model: ModelWeights,
  { config, trainee }: Cell,
  shape: StepShape,
  { activationBytes, weightBytes, trainableStateBytes }: MemoryEstimate,
  target: PlanTarget | undefined,
  data: TokenizedData | undefined,
): MemoryRemedy[] {
  const totalBytes = weightBytes + activationBytes + trainableStateBytes;
  const saved = (change: Partial<TrainConfig>, changedShape: StepShape) => {
    const cells = [{ config: { ...config, ...change }, trainee }];
    return activationBytes - estimateMemory(model, cells, changedShape, target).activationBytes;
  };
  const remedies: MemoryRemedy[] = [];
  if (!config.gradientCheckpointing) {
    const savedBytes = saved({ gradientCheckpointing: true }, shape);
    remedies.push({ kind: "gradientCheckpointing", savedBytes });
  }
  const sequenceLength = 8 * Math.floor(shape.sequenceLength / 16);
  if (sequenceLength >= SHORTEST) {
    const lossRows = Math.min(shape.lossRows, shape.batchSize * sequenceLength);
    const savedBytes = saved({ sequenceLength }, { ...shape, sequenceLength, lossRows });
    const cuts = data?.info.lengths && cutsOf(data.examples, sequenceLength);
    remedies.push({ kind: "sequenceLength", sequenceLength, savedBytes, ...(cuts && { cuts }) });
  }
  return remedies.filter(({ savedBytes }) => savedBytes > Math.max(WORTH * totalBytes, WORTH_BYTES));
}

function cutsOf(examples: Examples, sequenceLength: number): { count: number; of: number } {
  const { lengths } = sizesOf(examples);
  const count = lengths.reduce((sum, length) => sum + Number(length > sequenceLength), 0);
  return { count, of: lengths.length };
}

/** Tokens below which examples say too little to be worth training on. */
const SHORTEST = 16;

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
  const { largestBufferBytes, largestBufferLabel } = memory;
  const isTrained = largestBufferLabel === ("params" satisfies keyof RunStorages);
  const what = isTrained ? "what is trained" : largestBufferLabel;
  const remedy = isTrained
    ? "Train an adapter, or one of lower rank."
    : "Lower the batch size or sequence length.";
  const message =
    `GPU memory: expected buffers of at most ${megabytes(gpu.maxBindingBytes)}, which this adapter binds at once, ` +
    `got ${megabytes(largestBufferBytes)} for ${what}. ${remedy}`;
  return { field: isTrained ? "method" : "batchSize", message };
}
