// The status line and the reason why Train cannot be pressed, in one sentence each.
import type { StudioState } from "../../studio/stores/state";
import { formatCount, formatDuration, formatLoss } from "../format";

type Situation = Pick<StudioState, "gpu" | "model" | "data" | "estimate" | "run">;

/** One line on what the studio is doing. "Step 12 of 100 · loss 2.3450 · …" while it trains, "Done · …" after. */
export function statusText(studio: Situation): string {
  const { run } = studio;
  if (run.status === "starting") return "Preparing the run on the GPU…";
  if (run.status === "idle" || !run.record) return readiness(studio);
  const { record, history } = run;
  const step = history.steps.at(-1)?.step ?? record.step;
  const at = `step ${formatCount(step)} of ${formatCount(record.config.steps)}`;
  const facts = [lossFact(studio), validationFact(studio)];
  switch (run.status) {
    case "running":
      if (step === 0 && !history.evaluations[0])
        return join(capitalised(at), "measuring the loss before training…");
      return join(capitalised(at), ...facts, speedFact(studio), timeLeftFact(studio));
    case "paused":
      return join(capitalised(at), ...facts, "paused");
    case "done":
      return join("Done", `${formatCount(step)} steps`, ...facts, elapsedFact(studio));
    case "stopped":
      return join(`Done · stopped at ${at}`, ...facts, elapsedFact(studio));
    case "interrupted":
      return join(`Interrupted at ${at}`, ...facts, "can go on from its last autosave");
    case "failed":
      return join(`Failed at ${at}`, record.reason ?? run.problem?.message);
  }
}

/** A second, quieter line: why Train waits, what is being trained, or how big the run would be. */
export function detailText(studio: Situation): string {
  const { run, estimate } = studio;
  if (run.status === "running" || run.status === "paused") {
    const saved = run.savedStep ? `autosaved at step ${formatCount(run.savedStep)}` : undefined;
    return join(run.record?.name, saved);
  }
  if (run.status !== "starting" && run.problem && run.status !== "failed") return run.problem.message;
  const blocker = trainBlocker(studio);
  if (blocker) return run.status === "idle" ? "" : blocker;
  if (!estimate) return "";
  const trained = `${formatCount(estimate.trainableParameters)} trainable parameters`;
  return join(trained, `up to ${formatCount(estimate.tokensPerStep)} tokens per step`);
}

/** Why Train cannot be pressed now, with the remedy; undefined when it can. */
export function trainBlocker({ gpu, model, data, estimate, run }: Situation): string | undefined {
  if (gpu.status === "starting") return "Starting the GPU…";
  if (gpu.status === "missing") return "Training needs WebGPU, which this browser does not offer here.";
  if (gpu.status === "lost") return "The GPU was lost. Reload the page to go on.";
  if (run.status === "starting" || run.status === "running" || run.status === "paused")
    return "A run is going on.";
  if (model.status === "loading") return "Loading the model…";
  if (!model.info) return "Choose a model first.";
  if (data.status === "loading") return "Reading the training data…";
  if (!data.info) return "Choose training data first.";
  const problems = estimate?.problems ?? [];
  if (problems.length === 1) return `Fix this first: ${problems[0]!.message}`;
  if (problems.length > 1) return `Fix the ${problems.length} marked settings first.`;
  return undefined;
}

function readiness(studio: Situation): string {
  const { model, data } = studio;
  if (model.status === "loading")
    return `Loading ${model.source?.name ?? "the model"}… ${Math.round(model.progress * 100)} %`;
  const blocker = trainBlocker(studio);
  if (blocker) return blocker;
  return join("Ready to train", model.info?.name, data.info?.name);
}

function lossFact({ run }: Situation): string | undefined {
  const loss = run.history.steps.at(-1)?.loss ?? run.record?.lastLoss;
  return loss === undefined || loss === null ? undefined : `loss ${formatLoss(loss)}`;
}

function validationFact({ run }: Situation): string | undefined {
  const first = run.history.evaluations[0];
  const last = run.history.evaluations.at(-1);
  if (!first || !last) return undefined;
  if (first === last) return `validation ${formatLoss(last.loss)}`;
  return `validation ${formatLoss(first.loss)} → ${formatLoss(last.loss)}`;
}

function speedFact({ run }: Situation): string | undefined {
  return run.tokensPerSecond === undefined ? undefined : `${formatCount(run.tokensPerSecond)} tokens/s`;
}

function timeLeftFact({ run }: Situation): string | undefined {
  return run.etaMs === undefined ? undefined : `${formatDuration(run.etaMs)} left`;
}

function elapsedFact({ run }: Situation): string | undefined {
  const totalMs = run.history.steps.reduce((sum, { stepMs }) => sum + stepMs, 0);
  return totalMs > 0 ? `took ${formatDuration(totalMs)}` : undefined;
}

function join(...facts: readonly (string | undefined)[]): string {
  return facts.filter(Boolean).join(" · ");
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
