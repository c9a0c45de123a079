// A random model, twenty examples that can be learnt by heart, and a host that writes down what it is told: all that
// an experiment needs to run in a test.
import { blobSource } from "../../data/byteSource";
import { defaultDataSettings } from "../../data/config";
import { prepareData } from "../../data/prepare";
import { cutExamples } from "../../data/tokenize";
import { fromFloat32, type Tensor } from "../../formats/tensor";
import { tinyTokenizerFiles } from "../../formats/testing/tinyTokenizer";
import { type Gpu, openGpu } from "../../gpu/device";
import { architectureOf } from "../../models/architecture";
import { readModelConfig } from "../../models/families";
import { initialiseModel } from "../../models/initialise";
import { type ModelFolder, readModelFolder } from "../../models/modelFolder";
import { uploadModel } from "../../models/residentModel";
import { heldFolder } from "../../models/testing/heldFolder";
import type { ExperimentEvent } from "../events";
import { type Experiment, type ExperimentInput, experimentSchema } from "../experiment";
import type { CellResult } from "../results";
import {
  type ExperimentHost,
  type ExperimentInputs,
  type ExperimentProgress,
  ExperimentRun,
} from "../runExperiment";

const configJson = {
  model_type: "llama",
  vocab_size: 300,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  tie_word_embeddings: true,
  bos_token_id: 1,
  eos_token_id: 2,
};

export function tinyFolder(): Promise<ModelFolder> {
  const config = readModelConfig(new TextEncoder().encode(JSON.stringify(configJson)));
  const shapes = architectureOf(config).tensors;
  const tensors = new Map<string, Tensor>();
  for (const [name, values] of initialiseModel(config, 1)) {
    tensors.set(name, { dtype: "F16", shape: shapes.get(name)!, bytes: fromFloat32(values, "F16") });
  }
  const { tokenizerJson, tokenizerConfig } = tinyTokenizerFiles();
  const encode = (text: string) => new TextEncoder().encode(text);
  const companions = new Map([
    ["tokenizer.json", encode(tokenizerJson)],
    ["tokenizer_config.json", encode(tokenizerConfig)],
  ]);
  return readModelFolder(heldFolder({ config, tensors }, companions));
}

const pairs = Array.from({ length: 20 }, (_, n) => {
  const letter = "abcdefghijklmnopqrst"[n]!;
  return { prompt: `the ${letter}`, completion: ` cat ${letter}${letter}` };
});

/** The examples, the last five for validation. */
export async function tinyExamples({ tokenizer }: ModelFolder) {
  const file = blobSource("cats.jsonl", new Blob([pairs.map((pair) => JSON.stringify(pair)).join("\n")]));
  const { examples } = cutExamples(await prepareData(file, tokenizer, { settings: defaultDataSettings }), 24);
  return { examples: examples.slice(0, 15), evaluationExamples: examples.slice(15) };
}

let opened: Promise<Gpu> | undefined;

/** Everything an experiment runs on, on this browser's GPU. */
export async function tinyInputs(change: Partial<ExperimentInputs> = {}): Promise<ExperimentInputs> {
  opened ??= openGpu(navigator.gpu);
  const gpu = await opened;
  const folder = await tinyFolder();
  return {
    gpu,
    folder,
    model: await uploadModel(gpu, folder),
    baseModelName: "tiny",
    ...(await tinyExamples(folder)),
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
