// A random model and a dataset small enough that a software adapter trains on them in seconds.

import { llamaTensorShapes } from "../../formats/llamaTensors";
import type { LlamaConfig } from "../../formats/modelConfig";
import { writeModelFolder } from "../../formats/modelFolder";
import { fromFloat32, type Tensor } from "../../formats/tensor";
import { tinyTokenizerFiles } from "../../formats/testing/tinyTokenizer";
import { initialiseLlama } from "../../models/initialise";
import type { DataSource, ModelSource, TrainConfigInput } from "../messages";

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

/** A model folder as a person chooses it; weights F16, drawn from `seed`. */
export function tinyModel(seed = 1, change: Partial<LlamaConfig> = {}): ModelSource {
  const changed = { ...config, ...change };
  const shapes = llamaTensorShapes(changed);
  const tensors = new Map<string, Tensor>();
  for (const [name, values] of initialiseLlama(changed, seed)) {
    tensors.set(name, { dtype: "F16", shape: shapes.get(name)!, bytes: fromFloat32(values, "F16") });
  }
  const { tokenizerJson, tokenizerConfig } = tinyTokenizerFiles();
  const encode = (text: string) => new TextEncoder().encode(text);
  const files = writeModelFolder(
    { config: changed, tensors },
    new Map([
      ["tokenizer.json", encode(tokenizerJson)],
      ["tokenizer_config.json", encode(tokenizerConfig)],
    ]),
  );
  return {
    kind: "files",
    name: `tiny-${seed}`,
    files: [...files].map(([name, bytes]) => new File([new Uint8Array(bytes)], name)),
  };
}

/** Twenty pairs that can be learnt by heart. */
export function tinyData(name = "cats.jsonl"): DataSource {
  const lines = Array.from({ length: 20 }, (_, n) => {
    const letter = "abcdefghijklmnopqrst"[n]!;
    return JSON.stringify({ prompt: `the ${letter}`, completion: ` cat ${letter}${letter}` });
  });
  return { kind: "file", name, file: new File([lines.join("\n")], name) };
}

/** A short run that evaluates and saves often. */
export const tinyConfig: TrainConfigInput = {
  adapter: { rank: 4, loraAlpha: 8, loraDropout: 0.1, targetModules: ["q_proj", "v_proj"] },
  steps: 24,
  batchSize: 2,
  sequenceLength: 24,
  learningRate: 5e-3,
  seed: 3,
  evaluateEvery: 6,
  checkpointEvery: 5,
};
