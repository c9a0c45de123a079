// The engine does one thing at a time: while the rank lab trains, the studio can only look on.
import { isLabActive } from "../../studio/stores/labActions";
import { useLab } from "../../studio/stores/labStore";

/** Why the engine cannot be used now, while an experiment holds it. */
export function useExperimentBlocker(): string | undefined {
  return useLab(isLabActive) ? "An experiment is going on in the Rank lab." : undefined;
}
