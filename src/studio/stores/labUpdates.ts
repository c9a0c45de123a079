// What the worker reports of an experiment, taken into what is shown.

import { cellsOf } from "../../lab/experiment";
import { emptySeries, withTrainPoint, withValidationPoint } from "../../lab/series";
import type { ExperimentSnapshot, LabUpdate } from "../labMessages";
import type { CellState, ShownExperiment } from "./labState";

/** A kept or opened experiment as it is shown. */
export function shownOf({ record, series, results, base }: ExperimentSnapshot): ShownExperiment {
  const cells = cellsOf(record.experiment);
  const states: Record<string, CellState> = {};
  for (const { id } of cells) {
    const result = results.find((each) => each.id === id);
    states[id] = result
      ? { status: result.outcome, reason: result.reason ?? undefined, step: result.step }
      : { status: "queued", step: series[id]?.step.at(-1) ?? 0 };
  }
  return { record, cells, states, series, results, base };
}

/** The experiment after the updates. */
export function withUpdates(shown: ShownExperiment, updates: readonly LabUpdate[]): ShownExperiment {
  const states = { ...shown.states };
  const series = { ...shown.series };
  let { record, results, base } = shown;
  for (const update of updates) {
    switch (update.type) {
      case "cell": {
        const { id, status, reason } = update;
        states[id] = { step: states[id]?.step ?? 0, status, reason };
        break;
      }
      case "steps":
      case "validation": {
        const { step, timeMs, tokens } = update;
        update.ids.forEach((id, i) => {
          const point = { step, loss: update.losses[i]!, timeMs, tokens };
          const before = series[id] ?? emptySeries;
          series[id] =
            update.type === "steps" ? withTrainPoint(before, point) : withValidationPoint(before, point);
          if (update.type === "steps") states[id] = { ...states[id]!, step };
        });
        break;
      }
      case "base":
        base = update.base;
        break;
      case "result": {
        const { result } = update;
        const { id, outcome, reason, step } = result;
        results = [...results.filter((each) => each.id !== id), result];
        states[id] = { status: outcome, reason: reason ?? undefined, step };
        break;
      }
      case "kept":
        record = { ...record, keptCells: update.cellIds };
        break;
      case "end":
        record = { ...record, status: update.status, ...(update.reason && { reason: update.reason }) };
        break;
    }
  }
  return { ...shown, record, states, series, results, base };
}
