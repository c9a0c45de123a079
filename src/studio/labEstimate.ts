// What an experiment would take and what is wrong with it, before anything is allocated.

import { cellsOf, type Experiment, experimentSchema } from "../lab/experiment";
import { planRaces, type RaceLimits } from "../lab/planRaces";
import { traineeOf } from "../train/trainee";
import type { LabEstimate } from "./labMessages";
import type { LoadedModel } from "./loadedModel";
import type { GpuInfo, StudioProblem } from "./messages";
import { checkConfig, fieldProblem, toProblem } from "./problems";
import { lengthProblems, tooLarge } from "./runEstimate";
import type { TokenizedData } from "./trainingData";

/** Checks an experiment as it comes from the form or a file; each problem carries its field's name. */
export function checkExperiment(
  input: unknown,
): { readonly experiment: Experiment } | { readonly problems: readonly StudioProblem[] } {
  const run = checkConfig((input as { readonly run?: unknown } | null)?.run ?? {});
  const parsed = experimentSchema.safeParse(input, { reportInput: true });
  const own = parsed.success ? [] : parsed.error.issues.filter(({ path }) => path[0] !== "run");
  const problems = own.map((issue) => {
    const path = issue.path[0] === "grid" ? issue.path.slice(1) : issue.path;
    return fieldProblem(issue, String(path[0] ?? ""));
  });
  if ("problems" in run) return { problems: [...problems, ...run.problems] };
  return parsed.success ? { experiment: parsed.data } : { problems };
}

const nothing: Omit<LabEstimate, "problems"> = { cells: [], races: [], budgetBytes: 0, totalSteps: 0 };

/** @param data cut to the run's sequence length, or undefined before any is loaded */
export function estimateExperiment(
  input: unknown,
  model: LoadedModel,
  data: TokenizedData | undefined,
  gpu: GpuInfo | undefined,
): LabEstimate {
  const checked = checkExperiment(input);
  if ("problems" in checked) return { ...nothing, problems: checked.problems };
  try {
    return estimateValid(checked.experiment, model, data, gpu);
  } catch (error) {
    return { ...nothing, problems: [labProblem(error)] };
  }
}

/** A problem of one cell's configuration as one of the grid. */
export const labProblem = (error: unknown): StudioProblem => gridProblem(toProblem(error));

/** Fields of the grid that hold what a run has one of. */
const gridFields: Readonly<Record<string, string>> = {
  method: "methods",
  rank: "ranks",
  targetModules: "targetSets",
};

function gridProblem({ message, field }: StudioProblem): StudioProblem {
  return field === undefined ? { message } : { message, field: gridFields[field] ?? field };
}

export function limitsOf({ memoryBudgetMb }: Experiment, gpu: GpuInfo | undefined): RaceLimits {
  return {
    budgetBytes: memoryBudgetMb * 2 ** 20,
    maxBindingBytes: gpu?.maxBindingBytes ?? Number.POSITIVE_INFINITY,
    tiling: gpu?.tiling,
  };
}

function estimateValid(
  experiment: Experiment,
  { folder, info }: LoadedModel,
  data: TokenizedData | undefined,
  gpu: GpuInfo | undefined,
): LabEstimate {
  const limits = limitsOf(experiment, gpu);
  const cells = cellsOf(experiment);
  const counted = cells.map(({ id, label, config }) => {
    return { id, label, trainableParameters: traineeOf(config, folder, info.name).layout.parameterCount };
  });
  const totals = {
    cells: counted,
    budgetBytes: limits.budgetBytes,
    totalSteps: cells.reduce((sum, { config }) => sum + config.steps, 0),
  };
  const problems = lengthProblems(experiment.run, info);
  if (!data) {
    const message = "training data: expected some, got none. Choose a sample or a file.";
    return { ...totals, races: [], problems: [...problems, { field: "trainingData", message }] };
  }
  const used = { examples: data.examples, evaluationExamples: data.evalExamples };
  const { races, note } = planRaces(experiment, cells, folder, used, limits);
  const large = races.find(({ largestBufferBytes }) => largestBufferBytes > limits.maxBindingBytes);
  return {
    ...totals,
    races: races.map((race) => ({ cellIds: race.cells.map(({ id }) => id), memoryBytes: race.memoryBytes })),
    ...(note !== undefined && { note }),
    problems: [...problems, ...(large && gpu ? [gridProblem(tooLarge(large, gpu))] : [])],
  };
}
