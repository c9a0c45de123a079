// npm run pretrain: makes the embedded model from random weights, as corpus/recipe.json says, with this engine;
// with --compare it holds the losses against those that PyTorch had on the same recipe (oracle/pretrain.py).
import { join } from "node:path";
import { z } from "zod";
import type { Examples } from "../data/examples";
import { checkSchema, decodeUtf8, parseJson } from "../formats/jsonFile";
import type { ModelConfig } from "../formats/modelConfig";
import { storedTensors } from "../formats/storedTensor";
import { fromFloat32, type Tensor } from "../formats/tensor";
import { loadTokenizer } from "../formats/tokenizer";
import type { Gpu } from "../gpu/device";
import { architectureOf } from "../models/architecture";
import { changedModelFiles } from "../models/changedModel";
import { initialiseModel } from "../models/initialise";
import { type ModelWeights, uploadModel } from "../models/residentModel";
import type { TrainConfig } from "../train/config";
import { stepShapeOf, TrainSession } from "../train/session";
import { traineeOf } from "../train/trainee";
import { openNodeDevice } from "./device";
import { checkOutput, isSamePath, readGivenFile, readModel } from "./files";
import { type CommandDescription, helpText, parseFlags } from "./flags";
import { corpusBlocks, modelConfigOf, recipe, trainConfigOf } from "./pretrainData";
import { type Metrics, readRun } from "./runFolder";
import { train } from "./training";

const defaultTokenizer = "public/models/fable-1m";
const cadence = { evaluateEvery: 500, evaluateExamples: 64, checkpointEvery: 500 } as const;
const companionNames = ["tokenizer.json", "tokenizer_config.json", "generation_config.json"];
/** How far a loss may be from PyTorch's over the compared steps, in nats. */
const COMPARE_LIMIT = 5e-3;

const command: CommandDescription = {
  name: "pretrain",
  usage: "--out DIR [flags]",
  about:
    "Trains the embedded model from its start weights on the generated corpus, as corpus/recipe.json says, and writes " +
    "a Hugging Face folder with F16 weights. Made for a GPU: a software adapter needs days.",
  flags: [
    { name: "out", value: "DIR", about: "folder to write; new or empty unless --overwrite" },
    { name: "overwrite", about: "replace the files that an earlier run wrote into --out" },
    { name: "resume", value: "DIR", about: "go on with the run in this folder from its last checkpoint" },
    { name: "tokenizer", value: "DIR", about: "folder of the recipe's tokenizer", default: defaultTokenizer },
    { name: "steps", value: "N", about: "stop here; the learning rate stays that of all the recipe's steps" },
    {
      name: "compare",
      value: "FILE",
      about: `print the losses beside PyTorch's in this file; fails where they differ by more than ${COMPARE_LIMIT}`,
    },
    {
      name: "eval-every",
      value: "N",
      about: `steps between evaluations on ${cadence.evaluateExamples} held-out blocks`,
      default: cadence.evaluateEvery,
    },
    {
      name: "checkpoint-every",
      value: "N",
      about: "steps between checkpoints",
      default: cadence.checkpointEvery,
    },
  ],
  examples: [
    ["--out model", "the whole recipe"],
    ["--out trial --steps 100 --compare oracle/goldens/pretrain.json", "its first steps against PyTorch"],
  ],
};

const goldenSchema = z.looseObject({
  losses: z.array(z.looseObject({ step: z.int(), loss: z.number(), gradNorm: z.number() })).min(1),
});
type Golden = z.infer<typeof goldenSchema>;

/** Runs the command. @returns the exit code: 0 done, 1 failed or different, 130 stopped */
export async function main(args: string[]): Promise<number> {
  const given = parseFlags(command, args);
  if (!given) {
    console.log(helpText(command));
    return 0;
  }
  const stopAfter = given.count("steps", 1);
  const comparePath = given.text("compare");
  const golden = comparePath === undefined ? undefined : await readGolden(comparePath);
  const resumed = given.text("resume");
  const saved = resumed === undefined ? undefined : readRun(resumed);
  const out = given.text("out") ?? resumed ?? given.required("out", "a folder to write");
  if (resumed === undefined || !isSamePath(resumed, out)) await checkOutput(out, given.has("overwrite"));
  const source = {
    model: "corpus/recipe.json",
    data: "corpus/recipe.json",
    eval_data: null,
    init_adapter: null,
  };
  const tokenizerPath = given.text("tokenizer") ?? defaultTokenizer;
  const companions = new Map<string, Uint8Array>();
  for (const name of companionNames) {
    companions.set(name, await readGivenFile(join(tokenizerPath, name), "tokenizer"));
  }
  const text = (name: string) => decodeUtf8(companions.get(name)!, name);
  const tokenizer = loadTokenizer(text("tokenizer.json"), text("tokenizer_config.json"));
  const modelConfig = modelConfigOf(recipe, tokenizer);
  const before = saved?.checkpoint.config ?? cadence;
  const config = trainConfigOf(recipe, {
    evaluateEvery: given.count("eval-every", 0) ?? before.evaluateEvery,
    evaluateExamples: before.evaluateExamples,
    checkpointEvery: given.count("checkpoint-every", 0) ?? before.checkpointEvery,
  });

  const gpu = await openNodeDevice();
  const examples = corpusBlocks(recipe, "train", tokenizer, (fraction) =>
    console.log(`corpus: ${Math.round(100 * fraction)} % of the documents`),
  );
  const heldOut = corpusBlocks(recipe, "validation", tokenizer);
  console.log(`${examples.length} blocks of ${config.sequenceLength} tokens, ${heldOut.length} held out`);
  const weights = startWeights(modelConfig);
  const model = await uploadModel(gpu, weights);
  const result = await train({
    gpu,
    weights,
    model,
    baseModelName: source.model,
    config,
    examples,
    evaluationExamples: golden ? [] : heldOut, // a comparison wants no more than the steps
    source,
    out,
    saved,
    stopAfter,
    output: process.stdout,
  });
  const { end, trainer, folder, metrics } = result;
  if (trainer) {
    const trained = trainer.storedParameters();
    await folder.writeResult(changedModelFiles({ folder: weights, companions }, trained, "F16"));
    trainer.destroy();
    console.log(`Step ${end.step} of ${config.steps}: written to ${out}`);
  }
  folder.close();
  model.release();
  if (end.outcome === "failed") {
    console.error(end.reason);
    return 1;
  }
  if (golden) return compare(metrics, golden, stopAfter ?? config.steps) ? 0 : 1;
  if (end.step < config.steps) return stopAfter === undefined ? 130 : 0;
  const loss = await shippedLoss(gpu, out, config, heldOut);
  console.log(
    `Held-out loss of the F16 weights: ${loss.toFixed(4)} nats per token over ${heldOut.length} blocks`,
  );
  return 0;
}

async function readGolden(path: string): Promise<Golden> {
  const bytes = await readGivenFile(path, "compare");
  return checkSchema(goldenSchema, parseJson(decodeUtf8(bytes, path), path), path);
}

/** F32, as they are before training. */
function startWeights(config: ModelConfig): ModelWeights {
  const values = initialiseModel(config, recipe.training.seed);
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of architectureOf(config).tensors) {
    tensors.set(name, { dtype: "F32", shape, bytes: fromFloat32(values.get(name)!, "F32") });
  }
  return { config, tensors: storedTensors(tensors) };
}

/** Held-out loss of what was written, all blocks: the figure for the model's card. */
async function shippedLoss(gpu: Gpu, out: string, config: TrainConfig, heldOut: Examples): Promise<number> {
  const { folder } = await readModel(out, "out", gpu);
  const model = await uploadModel(gpu, folder);
  const shape = stepShapeOf(config, folder.config.vocabSize, heldOut, []);
  const cells = [{ config, trainee: traineeOf(config, folder, null) }];
  const session = await TrainSession.open(gpu, model, cells, shape);
  const [loss] = await session.evaluate(heldOut);
  session.close();
  model.release();
  return loss!;
}

/** Prints both curves. @returns whether they are within the limit */
function compare(metrics: readonly Metrics[], { losses }: Golden, steps: number): boolean {
  console.log("step      loss   PyTorch  difference   norm  PyTorch");
  let worst = 0;
  let compared = 0;
  for (const { step, loss, gradNorm } of losses) {
    const ours = metrics[step - 1];
    if (step > steps || !ours) continue;
    const difference = Math.abs(ours.loss - loss);
    worst = Math.max(worst, difference);
    compared++;
    console.log(
      `${String(step).padStart(4)}  ${ours.loss.toFixed(6)}  ${loss.toFixed(6)}  ${difference.toExponential(1).padStart(10)}` +
        `  ${ours.grad_norm.toFixed(3)}  ${gradNorm.toFixed(3)}`,
    );
  }
  console.log(
    `${compared} steps compared; losses differ by at most ${worst.toExponential(1)} (limit ${COMPARE_LIMIT})`,
  );
  return compared > 0 && worst <= COMPARE_LIMIT;
}
