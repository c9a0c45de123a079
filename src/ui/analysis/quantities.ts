// What can be shown of every weight's change at once.
import type { ChangeSpectrum } from "../../studio/analysisMessages";
import { analysisExplanations } from "./explanations";

export type Quantity = "relativeNorm" | "norm" | "effectiveRank" | "stableRank" | "largest";

interface QuantityDescription {
  readonly name: string;
  readonly explanation: string;
  /** null where it cannot be known: without the base's weight there is no ‖W‖. */
  readonly measure: (spectrum: ChangeSpectrum) => number | null;
}

export const quantities: Readonly<Record<Quantity, QuantityDescription>> = {
  relativeNorm: {
    name: "‖ΔW‖ ÷ ‖W‖",
    explanation: analysisExplanations.relativeNorm,
    measure: ({ relativeNorm }) => relativeNorm,
  },
  norm: { name: "‖ΔW‖", explanation: analysisExplanations.norm, measure: ({ norm }) => norm },
  effectiveRank: {
    name: "effective rank",
    explanation: analysisExplanations.effectiveRank,
    measure: ({ effectiveRank }) => effectiveRank,
  },
  stableRank: {
    name: "stable rank",
    explanation: analysisExplanations.stableRank,
    measure: ({ stableRank }) => stableRank,
  },
  largest: {
    name: "largest singular value",
    explanation: analysisExplanations.largest,
    measure: ({ singularValues }) => singularValues[0] ?? 0,
  },
};
