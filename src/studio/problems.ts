// Errors of the engine as the page shows them: one sentence, and the field it belongs beside.
import type { z } from "zod";
import { BadRowsError, MappingError } from "../data/prepare";
import { SequenceTooShortError } from "../data/tokenize";
import { FormatError, shown } from "../formats/formatError";
import { GpuMemoryError } from "../gpu/memory";
import { SplitChoiceError } from "../hub/splits";
import { AdapterConfigError } from "../lora/adapter";
import { trainConfigSchema } from "../train/config";
import type { Result, StudioProblem, TrainConfig } from "./messages";

/** A mistake that the session itself finds; the message says what to do. */
export class StudioError extends Error {
  override name = "StudioError";

  constructor(
    message: string,
    readonly field?: string,
  ) {
    super(message);
  }

  /** A problem found by looking, as an error. */
  static of({ message, field }: StudioProblem): StudioError {
    return new StudioError(message, field);
  }
}

/** What the page is told about `error`. @param field used when the error names none itself */
export function toProblem(error: unknown, field?: string): StudioProblem {
  if (error instanceof StudioError) return { message: error.message, field: error.field ?? field };
  if (error instanceof AdapterConfigError) return { message: error.message, field: error.field };
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof MappingError) return { message, field: `mapping.${error.field}` };
  if (error instanceof BadRowsError) {
    return { message, field, badRows: { first: error.badRows, count: error.badRowCount } };
  }
  if (error instanceof SplitChoiceError) {
    const splits = error.choices.map(({ name, paths }) => ({ name, fileCount: paths.length }));
    return { message, field, splits };
  }
  if (error instanceof SequenceTooShortError) return { message, field: "sequenceLength" };
  if (error instanceof FormatError || error instanceof GpuMemoryError) return { message, field };
  if (error instanceof DOMException && error.name === "NotReadableError") {
    const remedy = "It was moved or changed since it was chosen: choose it again.";
    return { message: `file: expected to read it, got ${message} ${remedy}`, field };
  }
  // The first word of our own range errors is the setting: "method: expected …".
  const named = /^([a-z][A-Za-z]*): expected /.exec(message)?.[1];
  return { message, field: field ?? named };
}

/** The call's value, or what went wrong as a problem. */
export async function resultOf<T>(call: () => T | Promise<T>, field?: string): Promise<Result<T>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    return { ok: false, problem: toProblem(error, field) };
  }
}

/** Names of fields as the form shows them. */
const labels: Readonly<Record<string, string>> = {
  loraAlpha: "alpha",
  loraDropout: "dropout",
  targetModules: "target modules",
  learningRate: "learning rate",
  warmupSteps: "warm-up steps",
  batchSize: "batch size",
  gradientAccumulation: "gradient accumulation",
  sequenceLength: "sequence length",
  weightDecay: "weight decay",
  maxGradNorm: "largest gradient norm",
  evaluateEvery: "steps between evaluations",
  checkpointEvery: "steps between autosaves",
  targetSets: "target sets",
  learningRates: "learning rates",
  exampleCounts: "numbers of examples",
  metricExamples: "scored prompts",
  memoryBudgetMb: "memory budget",
};

/** Checks a configuration as it comes from the form; each problem carries its field's name. */
export function checkConfig(
  input: unknown,
): { readonly config: TrainConfig } | { readonly problems: readonly StudioProblem[] } {
  const parsed = trainConfigSchema.safeParse(input, { reportInput: true });
  if (!parsed.success) return { problems: parsed.error.issues.map(configProblem) };
  const config = parsed.data;
  if (config.warmupSteps > config.steps) {
    const message = `warm-up steps: expected at most the ${config.steps} steps of the run, got ${config.warmupSteps}`;
    return { problems: [{ field: "warmupSteps", message }] };
  }
  return { config };
}

function configProblem(issue: z.core.$ZodIssue): StudioProblem {
  if (issue.code === "unrecognized_keys") {
    const [field = ""] = issue.keys;
    return { field, message: `${field}: expected a setting of a run, got an unknown one` };
  }
  const path = issue.path[0] === "adapter" ? issue.path.slice(1) : issue.path;
  return fieldProblem(issue, String(path[0] ?? ""));
}

/** What is wrong with the value of `field`, beside it. */
export function fieldProblem(issue: z.core.$ZodIssue, field: string): StudioProblem {
  const label = labels[field] ?? field;
  // Our own refinements say the whole of it.
  if (issue.code === "custom") return { field, message: `${label}: ${issue.message.replace(/\.$/, "")}` };
  const { input } = issue;
  const isEmpty = input === undefined || (typeof input === "number" && Number.isNaN(input));
  const got = isEmpty ? "none" : shown(input);
  return { field, message: `${label}: expected ${expectedOf(issue)}, got ${got}` };
}

function expectedOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected === "int" ? "a whole number" : `a ${issue.expected}`;
    case "too_small":
      if (issue.origin === "array") return "at least one";
      return `${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
    case "too_big":
      return `${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
    case "invalid_value":
      return `one of ${issue.values.join(", ")}`;
    default:
      return issue.message;
  }
}
