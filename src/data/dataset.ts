// What a run takes: prepared files cut to its sequence length, and the examples held out from training.
import { splitValidation, type TokenizedExample } from "./batches";
import type { DataSettings } from "./config";
import type { PreparedData } from "./prepare";
import { cutExamples, type TokenizeReport } from "./tokenize";

/** The files of a set. */
export interface LoadedData {
  readonly train: PreparedData;
  /** Held-out examples of their own; otherwise they are drawn from `train`. */
  readonly validation?: PreparedData | undefined;
}

export interface Dataset {
  readonly examples: readonly TokenizedExample[];
  readonly evalExamples: readonly TokenizedExample[];
  /** Of the training file, with what is held out from it. */
  readonly report: TokenizeReport;
}

/** @throws FormatError when a file has no example with a counted token within the sequence length */
export function datasetOf(
  { train, validation }: LoadedData,
  { sequenceLength, seed }: { readonly sequenceLength: number; readonly seed: number },
  { validationFraction }: Pick<DataSettings, "validationFraction">,
): Dataset {
  const { examples, report } = cutExamples(train, sequenceLength);
  if (validation) {
    return { examples, evalExamples: cutExamples(validation, sequenceLength).examples, report };
  }
  const split = splitValidation(examples, validationFraction, seed);
  return { examples: split.train, evalExamples: split.validation, report };
}
