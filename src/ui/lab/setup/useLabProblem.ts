// Finds the message that belongs beside a field of the experiment.
import { useLab } from "../../../studio/stores/labStore";

/** What is wrong with the experiment's field of this name, if anything. */
export function useLabProblem(name: string): string | undefined {
  return useLab(
    ({ estimate, problem }) =>
      (
        estimate?.problems.find(({ field }) => field === name) ??
        (problem?.field === name ? problem : undefined)
      )?.message,
  );
}
