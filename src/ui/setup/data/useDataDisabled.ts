// Whether the data can be changed now.
import { useStudio } from "../../../studio/stores/studioStore";

/** A run holds its data until it ends. */
export function useDataDisabled(): boolean {
  return useStudio(({ run }) => run.status === "running" || run.status === "paused");
}
