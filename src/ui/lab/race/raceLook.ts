// How the race is looked at: kept by the page, not by the experiment.
import type { RaceView } from "./raceCurves";

export interface RaceLook extends RaceView {
  readonly isLog: boolean;
  /** Part of the axis on show, as shares of the whole; the whole while it is undefined. */
  readonly zoom?: readonly [from: number, to: number] | undefined;
}

export const firstLook: RaceLook = {
  quantity: "train",
  axis: "step",
  smoothing: 0.6,
  isAveraged: false,
  isolated: [],
  isLog: false,
};
