// Which cells train together: as many of one batch shape as the memory allows, in the order of the grid. Needs no
// GPU, so that a person sees the races before they start.
import type { Examples } from "../data/examples";
import type { PlanTarget } from "../gpu/device";
import type { ModelWeights } from "../models/residentModel";
import { estimateMemory } from "../train/plan";
import { raceKey } from "../train/raceCells";
import { sequencesOf } from "../train/sequences";
import { stepShapeOf } from "../train/session";
import { type Trainee, traineeOf } from "../train/trainee";
import type { Experiment, ExperimentCell } from "./experiment";

export interface RacePlan {
  readonly cells: readonly ExperimentCell[];
  /** The base model, activations and all trainable state. */
  readonly memoryBytes: number;
  /** The largest single buffer, to hold against the adapter's limit. */
  readonly largestBufferBytes: number;
  readonly largestBufferLabel: string;
}

/** What the planned runs learn from. */
export interface ExperimentData {
  readonly examples: Examples;
  readonly evaluationExamples: Examples;
}

export interface RaceLimits extends PlanTarget {
  readonly budgetBytes: number;
  /** Largest buffer that the GPU binds; Infinity where no GPU is known. */
  readonly maxBindingBytes: number;
}

export interface PlannedRaces {
  readonly races: readonly RacePlan[];
  /** Why there are several; undefined when all cells race at once. */
  readonly note: string | undefined;
}

/** The training examples of a cell: all, or the first of them. */
export function examplesOf(
  { exampleCount }: Pick<ExperimentCell, "exampleCount">,
  { examples }: ExperimentData,
): Examples {
  return exampleCount === 0 ? examples : examples.slice(0, exampleCount);
}

/**
 * Groups `cells` into races. A cell that does not fit alone gets a race of its own all the same: the GPU decides.
 * @throws AdapterConfigError when a cell's rank or target modules do not fit the model
 */
export function planRaces(
  { mode }: Pick<Experiment, "mode">,
  cells: readonly ExperimentCell[],
  model: ModelWeights,
  data: ExperimentData,
  limits: RaceLimits,
): PlannedRaces {
  const groups = new Map<string, ExperimentCell[]>();
  for (const cell of cells) {
    const shares = mode === "race" && cell.method === "lora";
    const key = shares ? `${cell.exampleCount} ${raceKey(cell.config)}` : cell.id;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  const races = [...groups.values()].flatMap((group) => splitToFit(group, model, data, limits));
  return { races, note: noteOf(mode, races, groups.size, limits) };
}

function splitToFit(
  group: readonly ExperimentCell[],
  model: ModelWeights,
  data: ExperimentData,
  limits: RaceLimits,
): RacePlan[] {
  const races: RacePlan[] = [];
  const trainees = new Map<ExperimentCell, Trainee>();
  for (let first = 0; first < group.length; ) {
    const rest = group.slice(first);
    const race = largestThatFits(
      rest,
      (count) => planRace(rest.slice(0, count), model, data, limits, trainees),
      limits,
    );
    races.push(race);
    first += race.cells.length;
  }
  return races;
}

/**
 * The longest beginning of the cells that fits, at least one. Memory grows by about the same with every cell, so that
 * a straight line through one and all of them guesses well, and a few plans settle it.
 */
function largestThatFits(
  cells: readonly ExperimentCell[],
  plan: (count: number) => RacePlan,
  { budgetBytes, maxBindingBytes }: RaceLimits,
): RacePlan {
  const fits = ({ memoryBytes, largestBufferBytes }: RacePlan) =>
    memoryBytes <= budgetBytes && largestBufferBytes <= maxBindingBytes;
  const all = plan(cells.length);
  if (cells.length === 1 || fits(all)) return all;
  const one = plan(1);
  const share = (least: number, most: number, limit: number) => (limit - least) / Math.max(1, most - least);
  const part = Math.min(
    share(one.memoryBytes, all.memoryBytes, budgetBytes),
    share(one.largestBufferBytes, all.largestBufferBytes, maxBindingBytes),
  );
  let count = Math.max(1, Math.min(cells.length - 1, 1 + Math.floor(part * (cells.length - 1))));
  let best = count === 1 ? one : plan(count);
  while (count > 1 && !fits(best)) best = plan(--count);
  while (fits(best) && count + 1 < cells.length) {
    const next = plan(count + 1);
    if (!fits(next)) break;
    best = next;
    count++;
  }
  return best;
}

/** One race of these cells, whether or not it fits. @param trainees what is known of the cells, and filled */
export function planRace(
  cells: readonly ExperimentCell[],
  model: ModelWeights,
  data: ExperimentData,
  target: PlanTarget,
  trainees: Map<ExperimentCell, Trainee> = new Map(),
): RacePlan {
  const { config } = cells[0]!;
  const planned = cells.map((cell) => {
    const trainee = trainees.get(cell) ?? traineeOf(cell.config, model, null);
    trainees.set(cell, trainee);
    return { config: cell.config, trainee };
  });
  const given = { ...data, examples: examplesOf(cells[0]!, data) };
  const { examples, evaluationExamples } = sequencesOf(config, given);
  const shape = stepShapeOf(config, model.config.vocabSize, examples, evaluationExamples);
  const memory = estimateMemory(model, planned, shape, target);
  return {
    cells,
    memoryBytes: memory.weightBytes + memory.activationBytes + memory.trainableStateBytes,
    largestBufferBytes: memory.largestBufferBytes,
    largestBufferLabel: memory.largestBufferLabel,
  };
}

function noteOf(
  mode: Experiment["mode"],
  races: readonly RacePlan[],
  groupCount: number,
  { budgetBytes, maxBindingBytes }: RaceLimits,
): string | undefined {
  if (races.length === 1) return undefined;
  if (mode === "sequential") return "One cell after the other, as sequential mode asks.";
  if (races.length === groupCount) {
    return "Full fine-tuning runs alone, and only cells with the same batches race together.";
  }
  const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
  const limit = Number.isFinite(maxBindingBytes)
    ? ` or buffers over the ${megabytes(maxBindingBytes)} that this GPU binds at once`
    : "";
  return `All cells at once would take more than the memory budget of ${megabytes(budgetBytes)}${limit}.`;
}
