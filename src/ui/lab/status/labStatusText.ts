// The lab's status line and the reason why an experiment cannot be run, in one sentence each.

import { isLabActive } from "../../../studio/stores/labActions";
import type { LabState } from "../../../studio/stores/labState";
import { resultTable } from "../../../studio/stores/labView";
import type { StudioState } from "../../../studio/stores/state";
import { formatCount, formatDuration } from "../../format";
import { trainBlocker } from "../../status/statusText";
import { formatMeasure } from "../results/formatMeasure";

type Studio = Pick<StudioState, "gpu" | "model" | "data" | "run">;
type Lab = Pick<LabState, "estimate" | "status" | "shown" | "measure" | "hasSaved">;

/** One line on what the lab is doing. "Step 40 of 100 · 6 of 12 cells training · …" while it runs. */
export function labStatusText(studio: Studio, lab: Lab): string {
  const { status, shown } = lab;
  if (status === "starting") return "Planning the experiment on the GPU…";
  if (status === "idle" || !shown) return readiness(studio, lab);
  const counts = countsOf(shown);
  switch (status) {
    case "running":
      return join(stepFact(shown), countFact(counts), bestFact(lab), timeLeftFact(shown));
    case "paused":
      return join("Paused", stepFact(shown), countFact(counts), bestFact(lab));
    case "done":
      return join("Done", endFact(counts), bestFact(lab));
    case "stopped":
      return join("Stopped", endFact(counts), bestFact(lab));
    case "interrupted":
      return join("Interrupted", endFact(counts), "can go on from its last autosave, under Experiments");
    case "opened":
      return join("Opened", shown.record.name, endFact(counts), bestFact(lab));
  }
}

/** A second, quieter line: why the experiment waits, what is being trained, or how much it would be. */
export function labDetailText(studio: Studio, lab: Lab): string {
  const { status, shown, estimate, hasSaved } = lab;
  if (status === "running" || status === "paused")
    return join(shown?.record.name, shown?.record.modelName, shown?.record.dataName, hasSaved && "autosaved");
  const blocker = labBlocker(studio, lab);
  if (blocker) return status === "idle" ? "" : blocker;
  if (!estimate) return "";
  return `${formatCount(estimate.totalSteps)} steps in all`;
}

/** Why an experiment cannot be run now, with the remedy; undefined when it can. */
export function labBlocker(studio: Studio, { estimate, status }: Pick<Lab, "estimate" | "status">) {
  // The studio's form may be wrong where the grid takes its place, in the rank for instance.
  const blocker = trainBlocker({ ...studio, estimate: undefined });
  if (blocker) return blocker;
  if (isLabActive({ status })) return "An experiment is going on.";
  const problems = estimate?.problems ?? [];
  if (problems.length === 1) return `Fix this first: ${problems[0]!.message}`;
  if (problems.length > 1) return `Fix the ${problems.length} marked settings first.`;
  if (!estimate) return "Working out what the experiment takes…";
  return undefined;
}

/** How much of all steps is done, 0 to 1. */
export function labProgress({ shown }: Pick<Lab, "shown">): number {
  if (!shown) return 0;
  const { steps } = shown.record.experiment.run;
  const done = shown.cells.reduce((sum, { id }) => {
    const state = shown.states[id];
    return sum + (state && isOver(state.status) ? steps : (state?.step ?? 0));
  }, 0);
  return done / Math.max(1, steps * shown.cells.length);
}

type Shown = NonNullable<LabState["shown"]>;
type CellStatus = Shown["states"][string]["status"];

const isOver = (status: CellStatus): boolean =>
  status === "done" || status === "stopped" || status === "skipped" || status === "failed";

const isTraining = (status: CellStatus): boolean => status === "running" || status === "paused";

interface Counts {
  readonly all: number;
  readonly training: number;
  readonly waiting: number;
  readonly scoring: number;
  readonly over: number;
  readonly failed: number;
}

function countsOf({ cells, states }: Shown): Counts {
  const all = cells.map(({ id }) => states[id]?.status ?? "queued");
  const count = (test: (status: CellStatus) => boolean) => all.filter(test).length;
  return {
    all: all.length,
    training: count(isTraining),
    waiting: count((status) => status === "queued"),
    scoring: count((status) => status === "scoring"),
    over: count(isOver),
    failed: count((status) => status === "failed"),
  };
}

function stepFact({ cells, states, record }: Shown): string | undefined {
  const training = cells.flatMap(({ id }) => (isTraining(states[id]?.status ?? "queued") ? states[id]! : []));
  if (training.length === 0) return undefined;
  const step = Math.max(...training.map((state) => state.step));
  if (step === 0) return "measuring the loss before training…";
  return `step ${formatCount(step)} of ${formatCount(record.experiment.run.steps)}`;
}

function countFact({ all, training, waiting, scoring, over, failed }: Counts): string {
  return join(
    training > 0 && `${formatCount(training)} of ${cellCount(all)} training`,
    scoring > 0 && `${formatCount(scoring)} being scored`,
    waiting > 0 && `${formatCount(waiting)} waiting`,
    over > 0 && `${formatCount(over)} ended`,
    failed > 0 && `${formatCount(failed)} failed`,
  );
}

function endFact({ all, over, failed, waiting, training }: Counts): string {
  const open = waiting + training;
  return join(
    open > 0 ? `${formatCount(over)} of ${cellCount(all)} ended` : cellCount(all),
    failed > 0 && `${formatCount(failed)} failed`,
  );
}

function bestFact({ shown, measure }: Lab): string | null | undefined {
  if (!shown) return undefined;
  const { rows, verdict } = resultTable(shown.cells, shown.results, measure);
  if (verdict.kind === "within noise") return `${verdict.settingIds.length} settings within noise`;
  if (verdict.kind !== "best") return undefined;
  const settings = rows.flatMap((row) => row.settings);
  const best = settings.find((setting) => setting?.settingId === verdict.settingId);
  return best?.summary && `best: ${best.settingLabel}, ${formatMeasure(best.summary.mean, measure)}`;
}

/** From the pace of the cells in training; those that wait are taken to be trained in groups as large. */
function timeLeftFact({ cells, states, series, record }: Shown): string | undefined {
  const { steps } = record.experiment.run;
  const training = cells.filter(({ id }) => isTraining(states[id]?.status ?? "queued"));
  const [first] = training;
  const own = first && series[first.id];
  const step = own?.step.at(-1);
  const timeMs = own?.timeMs.at(-1);
  if (!step || !timeMs) return undefined;
  const waiting = cells.filter(({ id }) => (states[id]?.status ?? "queued") === "queued").length;
  const laterRaces = Math.ceil(waiting / training.length);
  return `${formatDuration((timeMs / step) * (steps - step + laterRaces * steps))} left`;
}

function readiness(studio: Studio, lab: Lab): string {
  const { model, data } = studio;
  if (model.status === "loading")
    return `Loading ${model.source?.name ?? "the model"}… ${Math.round(model.progress * 100)} %`;
  const blocker = labBlocker(studio, lab);
  if (blocker) return blocker;
  return join(
    `Ready to run ${cellCount(lab.estimate?.cells.length ?? 0)}`,
    model.info?.name,
    data.info?.name,
  );
}

export function cellCount(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "cell" : "cells"}`;
}

function join(...facts: readonly (string | false | null | undefined)[]): string {
  const line = facts.filter(Boolean).join(" · ");
  return line.charAt(0).toUpperCase() + line.slice(1);
}
