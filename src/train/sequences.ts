// What a run's batches are made of: its examples as they are, or packed, and those of the held-out that it evaluates.
import type { Examples } from "../data/examples";
import { packExamples } from "../data/pack";
import type { TrainConfig } from "./config";
import { dataSeedOf } from "./session";

export interface RunSequences {
  readonly examples: Examples;
  readonly evaluationExamples: Examples;
}

/** A pure function of the configuration and the data, so that a resumed run and an estimate see the same sequences. */
export function sequencesOf(
  config: TrainConfig,
  { examples, evaluationExamples }: RunSequences,
): RunSequences {
  const { evaluateExamples, packing, sequenceLength, shuffle } = config;
  const evaluated = evaluateExamples > 0 ? evaluationExamples.slice(0, evaluateExamples) : evaluationExamples;
  if (!packing) return { examples, evaluationExamples: evaluated };
  const seed = dataSeedOf(config);
  return {
    examples: packExamples(examples, sequenceLength, { seed, shuffle }),
    evaluationExamples: packExamples(evaluated, sequenceLength, { seed, shuffle: false }),
  };
}
