// Finds the message that belongs beside a field.
import { useStudio } from "../../studio/stores/studioStore";

/** What is wrong with the settings field of this name, if anything. */
export function useProblem(name: string): string | undefined {
  return useStudio(
    ({ estimate, run }) =>
      (
        estimate?.problems.find(({ field }) => field === name) ??
        (run.problem?.field === name ? run.problem : undefined)
      )?.message,
  );
}
