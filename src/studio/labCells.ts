// A trained cell as the studio's tuned weights: its run told as any other run is.
import { cellsOf } from "../lab/experiment";
import type { ExportHistory } from "./exportZip";
import type { CellSeries, ExperimentSnapshot } from "./labMessages";
import type { LoadedModel } from "./loadedModel";
import type { RunRecord } from "./messages";
import { StudioError } from "./problems";
import { type TunedWeights, weightsFromCheckpoint } from "./tunedWeights";

export interface CellWeights {
  readonly tuned: TunedWeights;
  readonly history: ExportHistory;
}

/**
 * @param checkpoint the cell's last
 * @throws StudioError for a cell that the experiment does not have; FormatError when it was made with another model
 */
export function cellWeights(
  { record, series, results }: ExperimentSnapshot,
  cellId: string,
  checkpoint: Uint8Array,
  model: LoadedModel,
): CellWeights {
  const cell = cellsOf(record.experiment).find(({ id }) => id === cellId);
  const result = results.find(({ id }) => id === cellId);
  if (!cell || !result) throw new StudioError(`cell: expected a trained one, got ${cellId}.`);
  const run: RunRecord = {
    id: `${record.id} ${cellId}`,
    name: `${record.name} · ${cell.label}`,
    createdAt: record.createdAt,
    status: result.outcome === "done" ? "done" : "stopped",
    modelName: record.modelName,
    dataName: record.dataName,
    config: cell.config,
    trainableParameters: result.trainableParameters,
    step: result.step,
    lastLoss: result.trainLoss,
    lastValidationLoss: result.validationLoss,
    hasCheckpoint: true,
  };
  return {
    tuned: weightsFromCheckpoint(checkpoint, run, model.folder),
    history: historyOf(series[cellId]),
  };
}

/** The curves as an export tells of them. */
function historyOf(series: CellSeries | undefined): ExportHistory {
  if (!series) return { steps: [], evaluations: [], deltas: [] };
  const { step: evaluated, loss: losses } = series.validation;
  return {
    steps: Array.from(series.step, (step, i) => ({ type: "step", step, loss: series.loss[i]! })),
    evaluations: Array.from(evaluated, (step, i) => ({ type: "evaluation", step, loss: losses[i]! })),
    deltas: [],
  };
}
