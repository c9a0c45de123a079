// From the series of an experiment's cells to the curves of the race: which quantity, over what, smoothed, averaged.
import type { CellSeries, ExperimentCell } from "../../../studio/labMessages";
import { smooth } from "../../charts/lossRows";
import { curveColour, curveDash, type Scheme } from "../plot/palette";
import type { RaceAxis, RaceCurve } from "./raceScene";
import { bandOf, type Series } from "./series";

export interface RaceView {
  readonly quantity: "train" | "validation";
  readonly axis: RaceAxis;
  /** Share of the past in a smoothed curve, 0 ≤ smoothing < 1. */
  readonly smoothing: number;
  /** One curve with a band for each setting, instead of one for each cell. */
  readonly isAveraged: boolean;
  /** Settings on show; none of them shows all. */
  readonly isolated: readonly string[];
}

/** The cells that differ in their seed only, as the legend shows them. */
export interface RaceSetting {
  readonly settingId: string;
  readonly settingLabel: string;
  readonly row: string;
  readonly rank: number | null;
  readonly colour: string;
  readonly dash: readonly number[];
  readonly cells: readonly ExperimentCell[];
}

/** The settings in the order of the grid, each with the look of its curves. */
export function raceSettings(cells: readonly ExperimentCell[], scheme: Scheme): RaceSetting[] {
  const rows = [...new Set(cells.map(({ row }) => row))];
  const ranks = [...new Set(cells.map(({ rank }) => rank ?? Number.POSITIVE_INFINITY))].sort((a, b) => a - b);
  const settings = new Map<string, ExperimentCell[]>();
  for (const cell of cells) settings.set(cell.settingId, [...(settings.get(cell.settingId) ?? []), cell]);
  return [...settings.values()].map((own) => {
    const { settingId, settingLabel, row, rank } = own[0]!;
    const line = rows.indexOf(row);
    const share =
      ranks.length > 1 ? ranks.indexOf(rank ?? Number.POSITIVE_INFINITY) / (ranks.length - 1) : 0.6;
    const colour = curveColour(line, share, scheme);
    return { settingId, settingLabel, row, rank, colour, dash: curveDash(line), cells: own };
  });
}

/**
 * @param series by cell; a cell that has not begun has none
 * @param lost cells that failed or were skipped: they enter no mean, which would end where they did
 */
export function raceCurves(
  settings: readonly RaceSetting[],
  series: Readonly<Record<string, CellSeries>>,
  lost: readonly string[],
  view: RaceView,
): RaceCurve[] {
  const { isolated, isAveraged } = view;
  const shown = settings.filter(({ settingId }) => isolated.length === 0 || isolated.includes(settingId));
  return shown.flatMap(({ settingId, settingLabel, colour, dash, cells }) => {
    const curves = cells.map(({ id, label }) => {
      const own = series[id];
      return { id, name: label, colour, dash, ...(own ? seriesOf(own, view) : { x: [], y: [] }) };
    });
    if (!isAveraged || curves.length < 2) return curves;
    const { x, mean, deviation } = bandOf(curves.filter(({ id }) => !lost.includes(id)));
    return [{ id: settingId, name: settingLabel, colour, dash, x, y: mean, deviation }];
  });
}

/** A cell's curve of the quantity over the axis, smoothed. */
function seriesOf(series: CellSeries, { quantity, axis, smoothing }: RaceView): Series {
  const curve = quantity === "train" ? series : series.validation;
  const x = { step: curve.step, tokens: curve.tokens, time: curve.timeMs }[axis];
  // A few measurements far apart need no smoothing, and would only look late.
  return { x, y: quantity === "train" && smoothing > 0 ? smooth(curve.loss, smoothing) : curve.loss };
}

/** The right end of the axis: of the longest curve, or where the longest cell is planned to end. */
export function raceEnd(curves: readonly RaceCurve[], axis: RaceAxis, plannedSteps: number): number {
  const reached = curves.reduce((end, { x }) => Math.max(end, x.length > 0 ? x[x.length - 1]! : 0), 0);
  return axis === "step" ? Math.max(1, plannedSteps, reached) : Math.max(1, reached);
}
