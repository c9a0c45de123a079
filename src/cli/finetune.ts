// npm run finetune: a training run from the command line, with the studio's own engine.
import { basename, resolve } from "node:path";
import type { PeftAdapter } from "../formats/peft";
import { writePeftAdapter } from "../formats/peft";
import { adaptedModules } from "../lora/adapter";
import { architectureOf } from "../models/architecture";
import { changedModelFiles } from "../models/changedModel";
import { familyOf } from "../models/families";
import { uploadModel } from "../models/residentModel";
import type { TrainConfig } from "../train/config";
import { writeModelCard } from "../train/modelCard";
import { checkTrainedFits, traineeOf } from "../train/trainee";
import { checkBaseUnchanged, quantisationOf, quantisationText } from "./baseBitsFlag";
import { checkDataUnchanged, dataDefaults, dataSettingsOf } from "./dataFlags";
import { openSource } from "./dataSource";
import { openNodeDevice } from "./device";
import { parseDtype } from "./dtypeFlag";
import { checkApart, checkOutput, type GivenModel, isSamePath, readAdapter, readModel } from "./files";
import { adapterFlags, checkUnchanged, configOf, finetuneCommand } from "./finetuneFlags";
import { FlagError, type FlagValues, helpText, parseFlags } from "./flags";
import { isSameModel, locateNamed, modelName } from "./hubModel";
import { type RunSource, readRun, type SavedRun } from "./runFolder";
import { type TrainingResult, train } from "./training";
import { prepareDataset } from "./trainingData";

/** Runs the command. @returns the exit code: 0 done, 1 failed, 130 stopped */
export async function main(args: string[]): Promise<number> {
  const flags = parseFlags(finetuneCommand, args);
  if (!flags) {
    console.log(helpText(finetuneCommand));
    return 0;
  }
  const dtype = parseDtype(flags);
  const saved = flags.has("resume") ? readRun(flags.text("resume")!) : undefined;
  if (saved) {
    checkUnchanged(flags, saved.checkpoint.config);
    checkDataUnchanged(flags, saved.source.data_settings);
    checkBaseUnchanged(flags, saved.source);
  }
  const asked = saved?.checkpoint.config ?? configOf(flags);
  if (asked.method === "lora" && flags.has("dtype")) {
    throw new FlagError("dtype", "expected none beside --method lora, got one: adapters are written in f32");
  }
  const named = sourceOf(flags, saved);
  const out = await outputOf(flags, named);
  const { source: opened, data, evalData } = await openSource(named);
  const initialAdapter =
    opened.init_adapter === null ? undefined : await readAdapter(opened.init_adapter, "init-adapter");

  const gpu = await openNodeDevice();
  const { source, path } = await locateNamed(opened);
  const given = await readModel(path, "model", gpu);
  const folder = { ...given.folder, quantisation: source.quantisation ?? undefined };
  const config = saved || flags.has("target") ? asked : withDefaultTargets(asked, given);
  if (initialAdapter && !saved) checkAgainst(initialAdapter, flags, config, given);
  const files = { data, evalData, settings: source.data_settings ?? dataDefaults };
  const { examples, evalExamples } = await prepareDataset(files, folder.tokenizer, config);
  if (config.sequenceLength > folder.config.maxPositionEmbeddings) {
    console.log(
      `--seq-len: ${config.sequenceLength} is more than the ${folder.config.maxPositionEmbeddings} positions the model was made for`,
    );
  }
  checkTrainedFits(traineeOf(config, folder, null, initialAdapter), gpu);
  const model = await uploadModel(gpu, folder);
  const result = await train({
    gpu,
    weights: folder,
    model,
    baseModelName: modelName(source.model),
    config,
    examples,
    evaluationExamples: evalExamples,
    initialAdapter,
    source,
    out,
    saved,
    profile: flags.has("profile"),
    output: process.stdout,
  });
  await writeResult(result, { config, source, given, dtype });
  result.trainer?.destroy();
  result.folder.close();
  model.release();
  return report(result, config, out);
}

function sourceOf(flags: FlagValues, saved: SavedRun | undefined): RunSource {
  if (!saved) {
    return {
      model: flags.required("model", "a model folder or a Hub id"),
      data: flags.required("data", "a file of training examples"),
      eval_data: flags.text("eval-data") ?? null,
      init_adapter: flags.text("init-adapter") ?? null,
      data_settings: dataSettingsOf(flags),
      quantisation: quantisationOf(flags) ?? null,
    };
  }
  return {
    // The name goes into the adapter's configuration: a resumed run writes what the whole run would have.
    model: flags.text("model") ?? saved.source.model,
    model_commit: isSameModel(flags, saved.source) ? saved.source.model_commit : null,
    data: flags.text("data") ?? saved.source.data,
    eval_data: flags.text("eval-data") ?? saved.source.eval_data,
    init_adapter: flags.text("init-adapter") ?? saved.source.init_adapter,
    data_settings: saved.source.data_settings,
    quantisation: saved.source.quantisation ?? null,
  };
}

/** The settings with the target modules that PEFT takes for a model of this type. */
function withDefaultTargets(config: TrainConfig, { folder }: GivenModel): TrainConfig {
  const targetModules = [...familyOf(folder.config).defaultTargetModules];
  return { ...config, adapter: { ...config.adapter, targetModules } };
}

/** @throws FlagError when the folder to write is in use */
async function outputOf(flags: FlagValues, source: RunSource): Promise<string> {
  const resumed = flags.text("resume");
  const out = flags.text("out") ?? resumed ?? flags.required("out", "a folder to write");
  checkApart(out, { model: source.model, "init-adapter": source.init_adapter });
  if (resumed === undefined || !isSamePath(resumed, out)) await checkOutput(out, flags.has("overwrite"));
  return out;
}

/** --init-adapter decides rank, alpha and layers; flags that say something else are a mistake. */
function checkAgainst(
  initial: PeftAdapter,
  flags: FlagValues,
  config: TrainConfig,
  { folder }: GivenModel,
): void {
  const { rank, loraAlpha, targetModules, useRslora, rankPattern, alphaPattern } = config.adapter;
  const asked = { rank, alpha: loraAlpha, target: targetModules, rslora: useRslora };
  const fields = {
    rank: { r: rank },
    alpha: { loraAlpha },
    target: { targetModules },
    rslora: { useRslora },
    "rank-pattern": { rankPattern },
    "alpha-pattern": { alphaPattern },
  };
  const { linears } = architectureOf(folder.config);
  const layersOf = (adapterConfig: PeftAdapter["config"]) =>
    JSON.stringify(
      adaptedModules(adapterConfig, linears).map((layer) => [layer.path, layer.rank, layer.scaling]),
    );
  const own = layersOf(initial.config);
  for (const name of adapterFlags) {
    if (!flags.has(name) || layersOf({ ...initial.config, ...fields[name] }) === own) continue;
    const got = name in asked ? asked[name as keyof typeof asked] : flags.text(name);
    throw new FlagError(name, `expected what --init-adapter has, or nothing, got ${got}`);
  }
}

interface ResultContext {
  readonly config: TrainConfig;
  readonly source: RunSource;
  readonly given: GivenModel;
  readonly dtype: "F32" | "F16" | "BF16";
}

/** The adapter or model that the run made, with its card. */
async function writeResult(result: TrainingResult, context: ResultContext): Promise<void> {
  const { trainer, folder, metrics, evaluations } = result;
  if (!trainer) return;
  const { config, source, given, dtype } = context;
  const adapter = config.method === "lora" ? await trainer.readAdapter() : null;
  const shapes = [...given.folder.tensors.values()].map(({ shape }) => shape);
  const card = writeModelCard({
    title: basename(resolve(folder.path)),
    base: modelName(source.model),
    summary: `${adapter ? "A LoRA adapter for" : "A model made from"} ${source.model}, fine-tuned with LoRA Studio${source.quantisation ? ` on a base in ${quantisationText(source.quantisation)}` : ""}.`,
    adapter: adapter?.config ?? null,
    trainableParameters: trainer.trainableParameters,
    totalParameters: shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b), 0),
    run: {
      config,
      dataName: basename(source.data),
      step: trainer.step,
      firstLoss: metrics[0]?.loss,
      lastLoss: metrics[trainer.step - 1]?.loss,
      validationBefore: evaluations.find(({ step }) => step === 0)?.loss,
      validationAfter: evaluations.findLast(({ step }) => step <= trainer.step)?.loss,
    },
    closing: "`metrics.jsonl` holds the figures of every step, `summary.json` the whole configuration.",
  });
  const files = adapter
    ? Object.entries(writePeftAdapter(adapter))
    : changedModelFiles(given, trainer.storedParameters(), dtype);
  await folder.writeResult([...files, ["README.md", card]]);
}

function report(
  { end, trainer, metrics, evaluations }: TrainingResult,
  config: TrainConfig,
  out: string,
): number {
  const first = evaluations[0]?.loss;
  const last = evaluations.at(-1)?.loss;
  const held = first === undefined ? "" : ` · evaluation loss ${first.toFixed(4)} → ${last!.toFixed(4)}`;
  const loss = `loss ${metrics[0]?.loss.toFixed(4)} → ${metrics.at(-1)?.loss.toFixed(4)}`;
  if (end.outcome === "failed") {
    console.error(end.reason);
    console.error(
      trainer
        ? `The state after step ${trainer.step}, the last good one that was kept, is in ${out}`
        : "No good state was kept: use --checkpoint-every",
    );
    return 1;
  }
  if (end.outcome === "stopped" && end.step < config.steps) {
    console.log(`Stopped at step ${end.step} of ${config.steps} · ${loss}${held}`);
    console.log(`Go on with: npm run finetune -- --resume ${out}`);
    return 130;
  }
  console.log(`Done: ${end.step} steps · ${loss}${held}`);
  console.log(`Written to ${out}`);
  return 0;
}
