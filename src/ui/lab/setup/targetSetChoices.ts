// The target sets to choose from: those of the paper's tables that the model has, and what a person added.
import type { LabDraft } from "../../../studio/stores/labState";

type TargetSet = LabDraft["targetSets"][number];

const paperSets = [["q_proj"], ["v_proj"], ["q_proj", "v_proj"], ["q_proj", "k_proj", "v_proj", "o_proj"]];

/** The same for the same modules at the same rank, in whatever order they were named. */
export function targetSetId({ modules, rank }: TargetSet): string {
  return JSON.stringify([[...modules].sort(), rank ?? null]);
}

/**
 * Each set once, smaller sets first as the paper lists them.
 * @param modules names that the model has
 * @param others sets chosen or added
 */
export function targetSetChoices(modules: readonly string[], others: readonly TargetSet[]): TargetSet[] {
  const usual = [...paperSets.filter((set) => set.every((name) => modules.includes(name))), [...modules]];
  const all: TargetSet[] = [
    ...usual.filter((set) => set.length > 0).map((set) => ({ modules: set })),
    ...others,
  ];
  const byId = new Map<string, TargetSet>();
  for (const set of all) if (!byId.has(targetSetId(set))) byId.set(targetSetId(set), set);
  return [...byId.values()].sort((left, right) => left.modules.length - right.modules.length);
}
