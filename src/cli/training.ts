// A training run without a page: the trainer's events into a folder and onto the terminal, a clean stop on Ctrl-C,
// and what a run leaves behind however it ends. Shared by finetune and pretrain.
import type { Examples } from "../data/examples";
import type { PeftAdapter } from "../formats/peft";
import type { Gpu } from "../gpu/device";
import type { ModelWeights, ResidentModel } from "../models/residentModel";
import type { TrainConfig } from "../train/config";
import type { EndEvent, EvaluationEvent, TrainEvent } from "../train/events";
import { Trainer } from "../train/trainer";
import { profileLines } from "./profileLines";
import { Progress, type ProgressOutput } from "./progress";
import { type Metrics, RunFolder, type RunSource, type SavedRun } from "./runFolder";

export interface TrainingOptions {
  readonly gpu: Gpu;
  readonly weights: ModelWeights;
  readonly model: ResidentModel;
  readonly baseModelName: string;
  readonly config: TrainConfig;
  readonly examples: Examples;
  readonly evaluationExamples: Examples;
  readonly initialAdapter?: PeftAdapter | undefined;
  readonly source: RunSource;
  readonly out: string;
  /** Go on with this run. */
  readonly saved?: SavedRun | undefined;
  /** Ends the run once this step is known, as a person would; the schedule stays the whole run's. */
  readonly stopAfter?: number | undefined;
  /** Prints where the time of one step goes. */
  readonly profile?: boolean | undefined;
  readonly output: ProgressOutput;
}

/** What a run has to show. */
export interface TrainingResult {
  readonly end: EndEvent;
  /** The trained state, the last good one where the run failed; undefined where none was kept. */
  readonly trainer: Trainer | undefined;
  readonly folder: RunFolder;
  readonly metrics: readonly Metrics[];
  readonly evaluations: readonly Omit<EvaluationEvent, "type">[];
}

/** --profile times the fifth step: the first ones also warm up. */
const PROFILE_AFTER = 5;

/** A second Ctrl-C this much later ends at once; npm and terminals send the first one twice. */
const SAME_INTERRUPT_MS = 1000;

/**
 * Trains to the end, to Ctrl-C or to a failure. The caller destroys `trainer` and closes `folder`.
 * @throws what Trainer.create throws, before anything is written; Error when the GPU is lost
 */
export async function train(options: TrainingOptions): Promise<TrainingResult> {
  const { gpu, weights, config, saved, source, output, stopAfter = Number.POSITIVE_INFINITY } = options;
  const trainer = await Trainer.create({ ...options, checkpoint: saved?.checkpointBytes });
  const folder = saved ? RunFolder.goOn(options.out, saved) : RunFolder.begin(options.out);
  const progress = new Progress(config.steps, output);
  const metrics: Metrics[] = [...(saved?.metrics ?? [])];
  const evaluations = [...(saved?.evaluations ?? [])];
  const startMs = performance.now();
  let lastGood = saved?.checkpointBytes;

  const total = [...weights.tensors.values()].reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b),
    0,
  );
  const { trainableParameters } = trainer;
  progress.print(describeTrainable(trainableParameters, total, gpu));
  const writeSummary = (outcome: EndEvent["outcome"] | "running", reason?: string) =>
    folder.writeSummary({
      format: "lora-studio-summary",
      outcome,
      ...(reason && { reason }),
      step: metrics.length,
      ...source,
      config,
      examples: options.examples.length,
      eval_examples: options.evaluationExamples.length,
      trainable_parameters: trainableParameters,
      total_parameters: total,
      trainable_percent: (100 * trainableParameters) / total,
      first_loss: metrics[0]?.loss ?? null,
      last_loss: metrics.at(-1)?.loss ?? null,
      evaluations,
      seconds: (saved?.seconds ?? 0) + (performance.now() - startMs) / 1000,
      gpu: gpu.name,
    });
  if (options.profile) trainer.profileNextStep(Math.min(trainer.step + PROFILE_AFTER, config.steps));
  const onEvent = (event: TrainEvent) => {
    progress.onEvent(event);
    if (event.type === "profile") for (const line of profileLines(event)) progress.print(line);
    if (event.type === "step") {
      metrics.push(folder.addStep(event));
      if (event.step >= stopAfter) trainer.stop();
    }
    if (event.type === "evaluation") {
      evaluations.push({ step: event.step, loss: event.loss });
      writeSummary("running");
    }
    if (event.type === "checkpoint") {
      lastGood = event.bytes;
      folder.writeCheckpoint(event.bytes);
      writeSummary("running");
    }
  };

  writeSummary("running");
  const end = await interruptible(trainer, progress, () => runOrLose(trainer, gpu, onEvent));
  progress.end();
  writeSummary(end.outcome, end.reason);
  return {
    end,
    trainer: await lastGoodTrainer(options, end, trainer, lastGood),
    folder,
    metrics,
    evaluations,
  };
}

function describeTrainable(trainable: number, total: number, gpu: Gpu): string {
  const percent = ((100 * trainable) / total).toFixed(2);
  return `${trainable} of ${total} parameters are trained (${percent} %) on ${gpu.name}`;
}

/** After a failure the GPU holds what failed: the last checkpoint is loaded in its place. */
async function lastGoodTrainer(
  options: TrainingOptions,
  { outcome }: EndEvent,
  trainer: Trainer,
  lastGood: Uint8Array | undefined,
): Promise<Trainer | undefined> {
  if (outcome !== "failed") return trainer;
  trainer.destroy();
  return lastGood && Trainer.create({ ...options, checkpoint: lastGood });
}

/** A lost device fails no call: its work just never ends. */
async function runOrLose(
  trainer: Trainer,
  { device }: Gpu,
  onEvent: (event: TrainEvent) => void,
): Promise<EndEvent> {
  const lost = device.lost.then(({ message, reason }) => {
    throw new Error(`GPU: expected it to stay, it was lost (${message || reason}); go on with --resume`);
  });
  return Promise.race([trainer.run(onEvent), lost]);
}

/** While `run` goes on, Ctrl-C stops the trainer cleanly, and a later one ends the process. */
async function interruptible<T>(trainer: Trainer, progress: Progress, run: () => Promise<T>): Promise<T> {
  let firstMs: number | undefined;
  const onInterrupt = () => {
    if (firstMs === undefined) {
      firstMs = performance.now();
      progress.print("Stopping after the steps in progress; Ctrl-C again stops at once");
      trainer.stop();
    } else if (performance.now() - firstMs > SAME_INTERRUPT_MS) process.exit(130);
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, onInterrupt);
  try {
    return await run();
  } finally {
    for (const signal of signals) process.off(signal, onInterrupt);
  }
}
