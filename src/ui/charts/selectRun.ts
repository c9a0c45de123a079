// What the charts read of the run on show.
import type { StudioState } from "../../studio/stores/state";

export const selectRun = ({ run }: Pick<StudioState, "run">) => run;

/**
 * Right end of the x axis: the planned end, so that the curve grows into a space that keeps its scale.
 * @param planned steps to assume while there is no run
 */
export function lastStepOf(run: StudioState["run"], planned: number): number {
  const done = run.history.steps.at(-1)?.step ?? 0;
  return Math.max(1, done, run.record?.config.steps ?? (planned >= 1 ? Math.round(planned) : 1));
}
