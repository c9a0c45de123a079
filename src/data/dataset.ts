// What a run takes: prepared files cut to its sequence length, and the examples held out from training.
import { splitValidation } from "./batches";
import type { DataSettings } from "./config";
import type { Examples } from "./examples";
import type { PreparedData } from "./prepare";
import { cutExamples, type TokenizeReport } from "./tokenize";

/** The files of a set. */
export interface LoadedData {
  readonly train: PreparedData;
  /** Held-out examples of their own; otherwise they are drawn from `train`. */
  readonly validation?: PreparedData | undefined;
}

export interface Dataset {
  readonly examples: Examples;
  readonly evalExamples: Examples;
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
  const split = splitValidation(examples.length, validationFraction, seed);
  return { examples: examples.select(split.train), evalExamples: examples.select(split.validation), report };
}
