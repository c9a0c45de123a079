// Experiments for tests, made by the same functions as a person's.
import type { CellResult, CellSeries } from "../../../studio/labMessages";
import { defaultDraft } from "../../../studio/stores/labDraft";
import type { LabDraft, ShownExperiment } from "../../../studio/stores/labState";
import { plannedCells } from "../../../studio/stores/labView";
import { defaultSettings } from "../../../studio/stores/settings";

export const cellsOfDraft = (change: Partial<LabDraft>) =>
  plannedCells({ ...defaultDraft, ...change }, defaultSettings);

/** A curve whose losses are given, one step and ten tokens apart, 5 ms each. */
export function seriesOf(losses: readonly number[], validation: readonly number[] = []): CellSeries {
  const curve = (values: readonly number[], first: number) => ({
    step: Uint32Array.from(values, (_, at) => at + first),
    loss: Float32Array.from(values),
    timeMs: Float64Array.from(values, (_, at) => 5 * (at + first)),
    tokens: Float64Array.from(values, (_, at) => 10 * (at + first)),
  });
  return { ...curve(losses, 1), validation: curve(validation, 0) };
}

export function resultOf(id: string, validationLoss: number, change: Partial<CellResult> = {}): CellResult {
  return {
    ...{
      id,
      outcome: "done",
      reason: null,
      step: 100,
      keptStep: null,
      trainLoss: validationLoss,
      validationLoss,
    },
    ...{ lowestValidationLoss: validationLoss, task: { exact: 0.5, fraction: 0.75, count: 16 } },
    ...{ trainableParameters: 2560, timeMs: 65_000, memoryBytes: 3 * 2 ** 20, racedWith: 4 },
    ...change,
  };
}

/** An experiment as it is shown, of these cells. */
export function shownOf(
  cells: ShownExperiment["cells"],
  change: Partial<ShownExperiment> = {},
): ShownExperiment {
  const record = {
    ...{ id: "e1", name: "Rank experiment", createdAt: 0, status: "running", modelName: "fable-1m" },
    ...{ dataName: "calendar", keptCells: [], experiment: { run: { steps: 100 }, grid: { seeds: [0] } } },
  } as unknown as ShownExperiment["record"];
  return { record, cells, states: {}, series: {}, results: [], base: null, ...change };
}
