// Whether a generated completion did the task: what dataset.json measures, so that success is a number.
import { z } from "zod";
import { checkSchema, decodeUtf8, parseJson } from "../formats/jsonFile";

const pattern = z.string().refine(
  (source) => {
    try {
      return new RegExp(source, "gu") && true;
    } catch {
      return false;
    }
  },
  { error: ({ input }) => `expected a regular expression, got ${JSON.stringify(input)}.` },
);

const metricSchema = z.discriminatedUnion("kind", [
  /** Every value that `valuePattern` captures in the prompt must occur in the completion. */
  z.object({ kind: z.literal("slots"), valuePattern: pattern }),
  /** The completion must match `pattern` as a whole, each group equal to the reference completion's. */
  z.object({ kind: z.literal("format"), pattern }),
  /** The completion must be the reference completion, white space at its ends aside. */
  z.object({ kind: z.literal("exact") }),
]);

const descriptionSchema = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  goal: z.string(),
  success: z.string(),
  metric: metricSchema,
});

export type TaskMetric = z.infer<typeof metricSchema>;

/** A data set's dataset.json. */
export type DatasetDescription = z.infer<typeof descriptionSchema>;

export interface TaskScore {
  /** Everything right. */
  exact: boolean;
  /** Share of the values that are right, in [0, 1]. */
  fraction: number;
}

/** Reads dataset.json. @throws FormatError naming the field */
export function readDatasetDescription(bytes: Uint8Array, fileName = "dataset.json"): DatasetDescription {
  return checkSchema(descriptionSchema, parseJson(decodeUtf8(bytes, fileName), fileName), fileName);
}

function share(hits: readonly boolean[]): number {
  return hits.length === 0 ? 0 : hits.filter(Boolean).length / hits.length;
}

/** Case does not count, and a value must stand free: "tea" is not found in "steak". */
function mentions(text: string, value: string): boolean {
  const escaped = value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "iu").test(text);
}

function scoreSlots(valuePattern: string, prompt: string, completion: string): TaskScore {
  const values = [...prompt.matchAll(new RegExp(valuePattern, "gu"))].map((match) => match[1] ?? match[0]);
  const fraction = share(values.map((value) => mentions(completion, value)));
  return { exact: fraction === 1, fraction };
}

function scoreFormat(source: string, reference: string, completion: string): TaskScore {
  const whole = new RegExp(`^(?:${source})$`, "u");
  const expected = whole.exec(reference.trim());
  if (!expected) {
    throw new Error(
      `metric pattern: expected the reference completion to match it, got ${JSON.stringify(reference)}. ` +
        "Correct the pattern in dataset.json or the example.",
    );
  }
  const found = whole.exec(completion.trim());
  if (!found) return { exact: false, fraction: 0 };
  const fraction =
    expected.length === 1 ? 1 : share(expected.slice(1).map((value, i) => value === found[i + 1]));
  return { exact: fraction === 1, fraction };
}

/**
 * Scores one generated completion (without end-of-text) against an example of the data set.
 * @throws when the metric's pattern does not fit the example's own completion
 */
export function scoreCompletion(
  metric: TaskMetric,
  example: { readonly prompt: string; readonly completion: string },
  completion: string,
): TaskScore {
  switch (metric.kind) {
    case "slots":
      return scoreSlots(metric.valuePattern, example.prompt, completion);
    case "format":
      return scoreFormat(metric.pattern, example.completion, completion);
    case "exact": {
      const exact = completion.trim() === example.completion.trim();
      return { exact, fraction: exact ? 1 : 0 };
    }
  }
}
