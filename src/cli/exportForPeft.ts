// What oracle/checkPeft.py opens: adapters and merged folders as this engine writes them, with its own logits.
// Started by scripts/peft.mjs:  node scripts/cli.mjs exportForPeft --out DIR
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultDataSettings } from "../data/config";
import type { TokenIds, TokenizedExample } from "../data/examples";
import { prepareData } from "../data/prepare";
import { cutExamples } from "../data/tokenize";
import { type PeftAdapter, writePeftAdapter } from "../formats/peft";
import { readSafetensors, writeSafetensors } from "../formats/safetensors";
import { fromFloat32, type Tensor } from "../formats/tensor";
import { sequenceLogits } from "../generate/logits";
import type { Gpu } from "../gpu/device";
import { mergedWeights } from "../lora/mergedWeights";
import { uploadAdapter } from "../lora/residentAdapter";
import { changedModelFiles } from "../models/changedModel";
import { readModelWeights } from "../models/modelFolder";
import { type ModelWeights, uploadModel } from "../models/residentModel";
import { trainConfigSchema } from "../train/config";
import { Trainer } from "../train/trainer";
import { openNodeDevice } from "./device";
import { fileSource, readAdapter, readModel, writeContents, writeFolder } from "./files";
import { type CommandDescription, helpText, parseFlags } from "./flags";

const goldens = "oracle/goldens";
const models = "public/models";
const datasets = "public/datasets";
/** Updates of an adapter that this engine trains: enough for a B that moves the logits. */
const TRAINED_STEPS = 5;

const command: CommandDescription = {
  name: "test:peft",
  usage: "--out DIR [--cases NAMES]",
  about:
    "Writes what oracle/checkPeft.py checks; npm run test:peft does both. Run it in the project's folder.",
  flags: [
    { name: "out", value: "DIR", about: "folder to write, one folder per check" },
    { name: "cases", value: "NAMES", about: "only these cases of oracle/cases.py, between commas" },
  ],
  examples: [["", "export and check"]],
};

interface ExportCase {
  readonly name: string;
  /** The base model's folder. */
  readonly base: string;
  readonly weights: ModelWeights;
  readonly sequences: readonly TokenIds[];
  readonly adapter: PeftAdapter;
}

/** Runs the command. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const given = parseFlags(command, args);
  if (!given) {
    console.log(helpText(command));
    return 0;
  }
  const out = given.required("out", "a folder to write");
  const only = given.list("cases");
  const gpu = await openNodeDevice();
  for (const name of readdirSync(goldens).sort()) {
    if (only && !only.includes(name)) continue;
    const folder = join(goldens, name);
    if (!existsSync(join(folder, "adapter")) || !existsSync(join(folder, "config.json"))) continue;
    const weights = await readWeights(folder);
    const sequences = readSequences(join(folder, "golden.safetensors"));
    const adapter = await readAdapter(join(folder, "adapter"), "adapter");
    await exportCase(gpu, out, { name: `${name}-imported`, base: folder, weights, sequences, adapter });
    const examples = sequences.map(wholeExample).filter(({ ids }) => ids.length > 1);
    const trained = await trainAdapter(gpu, weights, folder, examples, adapter);
    await exportCase(gpu, out, {
      name: `${name}-trained`,
      base: folder,
      weights,
      sequences,
      adapter: trained,
    });
  }
  for (const name of only ? [] : readdirSync(models).sort())
    await exportEmbedded(gpu, out, join(models, name), name);
  return 0;
}

/** The embedded model with an adapter that this engine initialises and trains on a sample set. */
async function exportEmbedded(gpu: Gpu, out: string, base: string, name: string): Promise<void> {
  const { folder } = await readModel(base, "model", gpu);
  const dataset = readdirSync(datasets).sort()[0]!;
  const source = await fileSource(join(datasets, dataset, "train.jsonl"), "data");
  const prepared = await prepareData(source, folder.tokenizer, { settings: defaultDataSettings });
  const examples = [...cutExamples(prepared, 64).examples];
  const adapter = await trainAdapter(gpu, folder, base, examples.slice(0, 20));
  const sequences = examples.slice(0, 3).map(({ ids }) => ids);
  await exportCase(gpu, out, {
    name: `${name}-${dataset}-trained`,
    base,
    weights: folder,
    sequences,
    adapter,
  });
}

async function exportCase(gpu: Gpu, out: string, each: ExportCase): Promise<void> {
  const { name, base, weights, sequences, adapter } = each;
  const model = await uploadModel(gpu, weights);
  const resident = await uploadAdapter(gpu, model, adapter);
  const logits = await sequenceLogits(gpu, model, resident.injection, sequences);
  resident.release();
  model.release();
  const merged = await mergedWeights(gpu, weights, adapter);
  writeFolder(join(out, name, "adapter"), Object.entries(writePeftAdapter(adapter)));
  const folder = { config: weights.config, tensors: weights.tensors };
  await writeContents(
    join(out, name, "merged"),
    changedModelFiles({ folder, companions: new Map() }, merged.tensors, "F32"),
  );
  merged.release();
  writeFolder(join(out, name), [["logits.safetensors", logitsFile(base, sequences, logits)]]);
  console.log(`exported ${name}`);
}

function logitsFile(base: string, sequences: readonly TokenIds[], logits: Float32Array): Uint8Array {
  const B = sequences.length;
  const T = Math.max(...sequences.map(({ length }) => length));
  const ids = new Int32Array(B * T);
  for (const [b, sequence] of sequences.entries()) ids.set(sequence, b * T);
  const lengths = Int32Array.from(sequences, ({ length }) => length);
  const ints = (values: Int32Array, shape: number[]): Tensor => ({
    dtype: "I32",
    shape,
    bytes: new Uint8Array(values.buffer),
  });
  const V = logits.length / (B * T);
  const tensors = new Map<string, Tensor>([
    ["input_ids", ints(ids, [B, T])],
    ["lengths", ints(lengths, [B])],
    ["logits", { dtype: "F32", shape: [B, T, V], bytes: fromFloat32(logits, "F32") }],
  ]);
  return writeSafetensors(tensors, { base_model: base.replaceAll("\\", "/") });
}

/** A few large steps, from `initial` where given. */
async function trainAdapter(
  gpu: Gpu,
  weights: ModelWeights,
  base: string,
  examples: readonly TokenizedExample[],
  initialAdapter?: PeftAdapter,
): Promise<PeftAdapter> {
  const model = await uploadModel(gpu, weights);
  const config = trainConfigSchema.parse({
    steps: TRAINED_STEPS,
    batchSize: 4,
    learningRate: 2e-2,
    schedule: "constant",
    checkpointEvery: 0,
  });
  const trainer = await Trainer.create({
    gpu,
    weights,
    model,
    baseModelName: base,
    config,
    examples,
    evaluationExamples: [],
    initialAdapter,
  });
  const end = await trainer.run(() => {});
  if (end.outcome !== "done") throw new Error(`${base}: expected a finished run, got ${end.reason}`);
  const adapter = await trainer.readAdapter();
  trainer.destroy();
  model.release();
  return adapter;
}

/** A golden's base, which has no tokenizer. */
function readWeights(folder: string): Promise<ModelWeights> {
  const names = readdirSync(folder).filter((name) => /^(config[.]json|model.*[.]safetensors.*)$/.test(name));
  return readModelWeights(new Map(names.map((name) => [name, readFileSync(join(folder, name))])));
}

function readSequences(path: string): Uint32Array[] {
  const { tensors } = readSafetensors(readFileSync(path), path);
  const ints = (name: string) => new Int32Array(new Uint8Array(tensors.get(name)!.bytes).buffer);
  const [B, T] = tensors.get("input_ids")!.shape as [number, number];
  const ids = ints("input_ids");
  const lengths = ints("lengths");
  return Array.from({ length: B }, (_, b) => Uint32Array.from(ids.subarray(b * T, b * T + lengths[b]!)));
}

/** All tokens count except the first, which nothing predicts. */
function wholeExample(ids: Uint32Array): TokenizedExample {
  return { ids, lossMask: Uint8Array.from(ids, (_, i) => Number(i > 0)) };
}
