// A random model, twenty examples that can be learnt by heart, and a host that writes down what it is told: all that
// an experiment needs to run in a test.
import { parseExamples } from "../../data/examples";
import { tokenizeExamples } from "../../data/tokenize";
import { llamaTensorShapes } from "../../formats/llamaTensors";
import type { LlamaConfig } from "../../formats/modelConfig";
import { type ModelFolder, readModelFolder, writeModelFolder } from "../../formats/modelFolder";
import { fromFloat32, type Tensor } from "../../formats/tensor";
import { tinyTokenizerFiles } from "../../formats/testing/tinyTokenizer";
import { type Gpu, openGpu } from "../../gpu/device";
import { initialiseLlama } from "../../models/initialise";
import { uploadModel } from "../../models/residentModel";
import type { ExperimentEvent } from "../events";
import { type Experiment, type ExperimentInput, experimentSchema } from "../experiment";
import type { CellResult } from "../results";
import {
  type ExperimentHost,
  type ExperimentInputs,
  type ExperimentProgress,
  ExperimentRun,
} from "../runExperiment";

const config: LlamaConfig = {
  vocabSize: 300,
  hiddenSize: 32,
  intermediateSize: 48,
  numHiddenLayers: 2,
  numAttentionHeads: 4,
  numKeyValueHeads: 2,
  headDim: 8,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  maxPositionEmbeddings: 64,
  tieWordEmbeddings: true,
  attentionBias: false,
  mlpBias: false,
  bosTokenId: 1,
  eosTokenIds: [2],
};

export function tinyFolder(): ModelFolder {
  const shapes = llamaTensorShapes(config);
  const tensors = new Map<string, Tensor>();
  for (const [name, values] of initialiseLlama(config, 1)) {
    tensors.set(name, { dtype: "F16", shape: shapes.get(name)!, bytes: fromFloat32(values, "F16") });
  }
  const { tokenizerJson, tokenizerConfig } = tinyTokenizerFiles();
  const encode = (text: string) => new TextEncoder().encode(text);
  const companions = new Map([
    ["tokenizer.json", encode(tokenizerJson)],
    ["tokenizer_config.json", encode(tokenizerConfig)],
  ]);
  return readModelFolder(writeModelFolder({ config, tensors }, companions));
}

const pairs = Array.from({ length: 20 }, (_, n) => {
  const letter = "abcdefghijklmnopqrst"[n]!;
  return { prompt: `the ${letter}`, completion: ` cat ${letter}${letter}` };
});

/** The examples, the last five for validation. */
export function tinyExamples({ tokenizer }: ModelFolder) {
  const bytes = new TextEncoder().encode(pairs.map((pair) => JSON.stringify(pair)).join("\n"));
  const { examples } = tokenizeExamples(parseExamples(bytes, "cats.jsonl"), tokenizer, 24);
  return { examples: examples.slice(0, 15), evaluationExamples: examples.slice(15) };
}

let opened: Promise<Gpu> | undefined;

/** Everything an experiment runs on, on this browser's GPU. */
export async function tinyInputs(change: Partial<ExperimentInputs> = {}): Promise<ExperimentInputs> {
  opened ??= openGpu(navigator.gpu);
  const gpu = await opened;
  const folder = tinyFolder();
  return {
    gpu,
    folder,
    model: await uploadModel(gpu, folder),
    baseModelName: "tiny",
    ...tinyExamples(folder),
    metric: { kind: "format", pattern: "cat (\\w)\\w" },
    limits: { budgetBytes: Number.POSITIVE_INFINITY, maxBindingBytes: Number.POSITIVE_INFINITY },
    ...change,
  };
}

/** Two ranks and two seeds, a few steps with dropout. */
export function tinyExperiment(
  change: Partial<ExperimentInput> = {},
  grid: ExperimentInput["grid"] = {},
): Experiment {
  return experimentSchema.parse({
    grid: {
      ranks: [1, 4],
      targetSets: [{ modules: ["q_proj", "v_proj"] }],
      seeds: [0, 1],
      ...grid,
    },
    metricExamples: 0,
    ...change,
    run: {
      steps: 6,
      batchSize: 2,
      sequenceLength: 24,
      learningRate: 5e-3,
      seed: 3,
      evaluateEvery: 4,
      checkpointEvery: 3,
      adapter: { loraDropout: 0.1 },
      ...change.run,
    },
  });
}

/** What an experiment told its host. */
export class Recorder implements ExperimentHost {
  readonly events: ExperimentEvent[] = [];
  readonly trained = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly progress: ExperimentProgress[] = [];
  onEvent: ExperimentHost["onEvent"] = (event) => this.events.push(event);
  readonly onTrained = (id: string, bytes: Uint8Array<ArrayBuffer>) => void this.trained.set(id, bytes);
  readonly onProgress = (progress: ExperimentProgress) => void this.progress.push(progress);

  get results(): CellResult[] {
    return this.events.flatMap((event) => (event.type === "result" ? [event.result] : []));
  }
}

/** Runs an experiment to its end. */
export async function runToEnd(
  inputs: ExperimentInputs,
  experiment: Experiment,
  saved?: ExperimentProgress,
): Promise<Recorder> {
  const recorder = new Recorder();
  await new ExperimentRun(inputs, experiment, recorder, saved).run();
  return recorder;
}
