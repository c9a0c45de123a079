// npm run sweep: a rank experiment from the command line, with the studio's own engine.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readDatasetDescription, type TaskMetric } from "../data/taskMetric";
import { writePeftAdapter } from "../formats/peft";
import { storedValues } from "../formats/storedTensor";
import type { ExperimentEvent } from "../lab/events";
import { cellsOf, type Experiment, type ExperimentCell } from "../lab/experiment";
import { planRaces } from "../lab/planRaces";
import type { CellResult } from "../lab/results";
import { type ExperimentInputs, ExperimentRun } from "../lab/runExperiment";
import { changedModelFiles } from "../models/changedModel";
import { uploadModel } from "../models/residentModel";
import { dataFingerprint, readCheckpoint } from "../train/checkpoint";
import { writeModelCard } from "../train/modelCard";
import { trainedAdapter, traineeOf } from "../train/trainee";
import { checkBaseUnchanged, quantisationOf, quantisationText } from "./baseBitsFlag";
import { dataDefaults } from "./dataFlags";
import { openSource } from "./dataSource";
import { openNodeDevice } from "./device";
import { parseDtype } from "./dtypeFlag";
import {
  checkApart,
  checkOutput,
  type FileContent,
  type GivenModel,
  isSamePath,
  readGivenFile,
  readModel,
} from "./files";
import { type FlagValues, helpText, parseFlags } from "./flags";
import { isSameModel, locateNamed, modelName } from "./hubModel";
import { durationText } from "./progress";
import { experimentOf, sweepCommand } from "./sweepFlags";
import { dataName, readSweep, SweepFolder, type SweepSource } from "./sweepFolder";
import { prepareDataset } from "./trainingData";

/** Lines of progress of a whole race. */
const LOG_LINES = 20;

/** Runs the command. @returns the exit code: 0 done, 1 when every cell failed, 130 ended by Ctrl-C */
export async function main(args: string[]): Promise<number> {
  const flags = parseFlags(sweepCommand, args);
  if (!flags) {
    console.log(helpText(sweepCommand));
    return 0;
  }
  const dtype = parseDtype(flags);
  const saved = flags.has("resume") ? readSweep(flags.text("resume")!) : undefined;
  if (saved) checkBaseUnchanged(flags, saved.source);
  const experiment = saved?.content.experiment ?? experimentOf(flags);
  const named = sourceOf(flags, saved?.source);
  const out = await outputOf(flags, named);
  const { source: opened, data, evalData } = await openSource(named);
  const metric = await metricOf(opened);

  const gpu = await openNodeDevice();
  const { source, path } = await locateNamed(opened);
  const given = await readModel(path, "model", gpu);
  const quantisation = source.quantisation ?? undefined;
  const weights = { ...given.folder, quantisation };
  const { tokenizer } = weights;
  const files = { data, evalData, settings: dataDefaults };
  const { examples, evalExamples } = await prepareDataset(files, tokenizer, experiment.run);
  const evaluationExamples = evalExamples;
  const model = await uploadModel(gpu, weights);
  const inputs: ExperimentInputs = {
    ...{
      gpu,
      model,
      folder: weights,
      baseModelName: modelName(source.model),
      examples,
      evaluationExamples,
      metric,
    },
    limits: {
      budgetBytes: experiment.memoryBudgetMb * 2 ** 20,
      maxBindingBytes: gpu.maxBindingBytes,
      tiling: gpu.tiling,
    },
  };
  describePlan(experiment, inputs); // and refuse what does not fit before anything is written
  const parameterCount = parametersOf(given);
  const folder = new SweepFolder(
    out,
    source,
    {
      createdAt: saved?.content.createdAt ?? Date.now(),
      experiment,
      model: { name: dataName(source.model), parameterCount, ...(quantisation && { quantisation }) },
      data: {
        name: dataName(source.data),
        fingerprint: dataFingerprint(examples),
        evaluationFingerprint: dataFingerprint(evaluationExamples),
      },
    },
    saved,
  );
  const results = await follow(experiment, inputs, folder, async (cell, result, bytes) => {
    const facts = { given, source, parameterCount, dtype };
    await folder.writeCell(cell.id, await cellFiles(cell, result, bytes, facts));
  });
  model.release();
  if (!results) {
    console.log(`Go on with: npm run sweep -- --resume ${out}`);
    return 130;
  }
  console.log(`\n${folder.table}`);
  console.log(`Written to ${out}`);
  return results.some(({ outcome }) => outcome !== "failed") ? 0 : 1;
}

function sourceOf(flags: FlagValues, saved: SweepSource | undefined): SweepSource {
  return {
    model: flags.text("model") ?? saved?.model ?? flags.required("model", "a model folder or a Hub id"),
    model_commit: saved && isSameModel(flags, saved) ? saved.model_commit : null,
    data: flags.text("data") ?? saved?.data ?? flags.required("data", "a file of training examples"),
    eval_data: flags.text("eval-data") ?? saved?.eval_data ?? null,
    quantisation: (saved ? saved.quantisation : quantisationOf(flags)) ?? null,
  };
}

/** @throws FlagError when the folder to write is in use */
async function outputOf(flags: FlagValues, source: SweepSource): Promise<string> {
  const resumed = flags.text("resume");
  const out = flags.text("out") ?? resumed ?? flags.required("out", "a folder to write");
  checkApart(out, { model: source.model });
  if (resumed === undefined || !isSamePath(resumed, out)) await checkOutput(out, flags.has("overwrite"));
  return out;
}

/** What dataset.json beside the held-out examples asks for, else that the completion is the reference. */
async function metricOf({ data, eval_data }: SweepSource): Promise<TaskMetric> {
  const path = join(dirname(eval_data ?? data), "dataset.json");
  if (!existsSync(path)) return { kind: "exact" };
  return readDatasetDescription(await readGivenFile(path, "eval-data"), path).metric;
}

const parametersOf = ({ folder }: GivenModel): number =>
  [...folder.tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);

/** @throws AdapterConfigError when a cell's rank or layers do not fit the model */
function describePlan(experiment: Experiment, inputs: ExperimentInputs): void {
  const cells = cellsOf(experiment);
  const { races, note } = planRaces(experiment, cells, inputs.folder, inputs, inputs.limits);
  const megabytes = Math.max(...races.map(({ memoryBytes }) => memoryBytes)) / 2 ** 20;
  console.log(
    `${cells.length} cells in ${races.length} ${races.length === 1 ? "race" : "races"} of at most ` +
      `${Math.max(...races.map((race) => race.cells.length))}, up to ${megabytes.toFixed(1)} MB of GPU memory`,
  );
  if (note) console.log(note);
}

/** Runs what is left. @returns undefined when Ctrl-C ended it */
async function follow(
  experiment: Experiment,
  inputs: ExperimentInputs,
  folder: SweepFolder,
  onTrained: (cell: ExperimentCell, result: CellResult, checkpoint: Uint8Array) => Promise<void>,
): Promise<readonly CellResult[] | undefined> {
  const cells = cellsOf(experiment);
  const trained = new Map<string, Uint8Array>();
  let writing = Promise.resolve();
  const onEvent = (event: ExperimentEvent) => {
    folder.onEvent(event);
    report(event, experiment);
    const bytes = event.type === "result" ? trained.get(event.result.id) : undefined;
    if (event.type !== "result" || !bytes) return;
    const { result } = event;
    trained.delete(result.id);
    writing = writing.then(() => onTrained(cells.find(({ id }) => id === result.id)!, result, bytes));
    writing.catch(() => {}); // told at the end
  };
  const run = new ExperimentRun(
    inputs,
    experiment,
    {
      onEvent,
      onTrained: (id, bytes) => void trained.set(id, bytes),
      onProgress: (progress) => folder.onProgress(progress),
    },
    folder.progress,
  );
  let onInterrupt = () => {};
  const interrupted = new Promise<undefined>((resolve) => {
    onInterrupt = () => {
      run.pause(); // what was kept last is what --resume goes on from
      resolve(undefined);
    };
  });
  const lost = inputs.gpu.device.lost.then(({ message, reason }) => {
    throw new Error(`GPU: expected it to stay, it was lost (${message || reason}); go on with --resume`);
  });
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, onInterrupt);
  try {
    const results = await Promise.race([run.run().then(() => folder.progress.results), interrupted, lost]);
    await writing;
    return results;
  } finally {
    for (const signal of signals) process.off(signal, onInterrupt);
  }
}

/** A line for what a person wants to follow in a log. */
function report(event: ExperimentEvent, { run }: Experiment): void {
  if (event.type === "warning") console.log(event.message);
  if (event.type === "result") {
    const { id, outcome, reason, validationLoss, task, timeMs } = event.result;
    const parts = [
      ...(validationLoss === null ? [] : [`validation loss ${validationLoss.toFixed(4)}`]),
      ...(task
        ? [`exact ${(100 * task.exact).toFixed(1)} %`, `coverage ${(100 * task.fraction).toFixed(1)} %`]
        : []),
      durationText(timeMs),
      ...(reason ? [reason] : []),
    ];
    console.log(`${id}: ${outcome} · ${parts.join(" · ")}`);
  }
  if (event.type !== "steps" && event.type !== "validation") return;
  const { step, losses, timeMs } = event;
  const every = Math.max(1, Math.ceil(run.steps / LOG_LINES));
  if (event.type === "steps" && step % every !== 0 && step !== 1 && step !== run.steps) return;
  const left = step === 0 ? "" : ` · ${durationText((timeMs / step) * (run.steps - step))} left`;
  const what = event.type === "steps" ? "loss" : "evaluation loss";
  const range = [Math.min(...losses), Math.max(...losses)].map((loss) => loss.toFixed(4));
  const text = range[0] === range[1] ? range[0] : `${range[0]} to ${range[1]}`;
  const count = losses.length === 1 ? "1 cell" : `${losses.length} cells`;
  console.log(`step ${step} of ${run.steps} · ${count} · ${what} ${text}${left}`);
}

interface CardFacts {
  readonly given: GivenModel;
  readonly source: SweepSource;
  readonly parameterCount: number;
  readonly dtype: "F32" | "F16" | "BF16";
}

/** A cell as other tools load it, with its card. */
async function cellFiles(
  cell: ExperimentCell,
  result: CellResult,
  checkpoint: Uint8Array,
  { given, source, parameterCount, dtype }: CardFacts,
): Promise<(readonly [string, FileContent])[]> {
  const { config, state } = readCheckpoint(checkpoint);
  const adapter = trainedAdapter(traineeOf(config, given.folder, modelName(source.model)), state.params);
  const card = writeModelCard({
    title: cell.label,
    base: modelName(source.model),
    summary: `${adapter ? "A LoRA adapter for" : "A model made from"} ${source.model}, one cell of a sweep with LoRA Studio${source.quantisation ? ` on a base in ${quantisationText(source.quantisation)}` : ""}.`,
    adapter: adapter?.config ?? null,
    trainableParameters: result.trainableParameters,
    totalParameters: parameterCount,
    run: {
      config,
      dataName: dataName(source.data),
      step: result.step,
      lastLoss: result.trainLoss ?? undefined,
      validationAfter: result.validationLoss ?? undefined,
    },
    closing: "`results.json` beside this folder holds the whole sweep.",
  });
  const files = adapter
    ? Object.entries(writePeftAdapter(adapter))
    : changedModelFiles(
        given,
        storedValues(state.params, (name) => given.folder.tensors.get(name)!.shape),
        dtype,
      );
  return [...files, ["README.md", card]];
}
