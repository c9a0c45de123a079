// Between the lab's form, which holds what is typed, and the experiment, which holds what is meant.
import { type ExperimentInput, experimentSchema, type Grid } from "../../lab/experiment";
import type { Experiment } from "../labMessages";
import type { LabDraft } from "./labState";
import { numberOf, toConfigInput } from "./settings";
import type { Settings } from "./state";

/** Numbers between commas or spaces; what is none becomes NaN, which the worker reports beside the field. */
function numbersOf(text: string): number[] {
  const items = text.split(/[\s,;]+/).filter((item) => item !== "");
  return items.map((item) => (/^all$/i.test(item) ? 0 : Number(item)));
}

/** The grid's part of the form. */
export function gridFields(grid: Grid) {
  const { methods, ranks, targetSets, seeds, alpha, learningRates, exampleCounts } = grid;
  return {
    methods,
    ranks,
    targetSets,
    seeds: seeds.join(", "),
    alphaRule: alpha.kind,
    alpha: alpha.kind === "fixed" ? alpha.loraAlpha : alpha.factor,
    learningRates: learningRates.join(", "),
    exampleCounts: exampleCounts.map((count) => (count === 0 ? "all" : count)).join(", "),
  } as const satisfies Partial<LabDraft>;
}

/** The form's part of an experiment, to be run again. */
export function toDraft({ grid, run: _, ...rest }: Experiment): LabDraft {
  return { ...gridFields(grid), ...rest };
}

/** What the form shows first. */
export const defaultDraft: LabDraft = toDraft(
  experimentSchema.parse({
    grid: { ranks: [1, 4, 8], targetSets: [{ modules: ["q_proj"] }, { modules: ["q_proj", "v_proj"] }] },
  }),
);

/** The form and the studio's settings as an experiment, not yet checked. */
export function toExperimentInput(draft: LabDraft, settings: Settings): ExperimentInput {
  const alpha = numberOf(draft.alpha);
  return {
    name: draft.name,
    grid: {
      methods: [...draft.methods],
      ranks: [...draft.ranks],
      targetSets: draft.targetSets.map(({ modules, rank }) => ({
        modules: [...modules],
        ...(rank !== undefined && { rank }),
      })),
      seeds: numbersOf(draft.seeds),
      alpha:
        draft.alphaRule === "fixed"
          ? { kind: "fixed", loraAlpha: alpha }
          : { kind: "perRank", factor: alpha },
      learningRates: numbersOf(draft.learningRates),
      exampleCounts: numbersOf(draft.exampleCounts),
    },
    run: toConfigInput(settings),
    mode: draft.mode,
    patience: numberOf(draft.patience),
    metricExamples: numberOf(draft.metricExamples),
    memoryBudgetMb: numberOf(draft.memoryBudgetMb),
  };
}
