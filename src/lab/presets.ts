// The experiments of the LoRA paper (Hu et al. 2021), one click away, fitted to the model at hand.
import { type Grid, gridSchema, type TargetSet } from "./experiment";

/** What adapting one kind of module costs, over all layers that have it. */
export interface ModuleSize {
  /** E.g. "q_proj". */
  readonly name: string;
  /** Trained values per unit of rank: Σ (in + out) over the layers. */
  readonly parametersPerRank: number;
  /** Largest rank that every layer allows: min(in, out). */
  readonly maxRank: number;
}

/** Sizes by module name, from a model's linear layers by path. */
export function moduleSizesOf(
  linears: ReadonlyMap<string, { readonly inFeatures: number; readonly outFeatures: number }>,
): ModuleSize[] {
  const sizes = new Map<string, ModuleSize>();
  for (const [path, { inFeatures, outFeatures }] of linears) {
    const name = path.slice(path.lastIndexOf(".") + 1);
    const before = sizes.get(name);
    sizes.set(name, {
      name,
      parametersPerRank: (before?.parametersPerRank ?? 0) + inFeatures + outFeatures,
      maxRank: Math.min(before?.maxRank ?? Number.POSITIVE_INFINITY, inFeatures, outFeatures),
    });
  }
  return [...sizes.values()];
}

export interface ExperimentPreset {
  readonly id: "ranks" | "budget" | "samples";
  readonly title: string;
  /** What it asks, and where in the paper it is from. */
  readonly about: string;
}

export const experimentPresets: readonly ExperimentPreset[] = [
  {
    id: "ranks",
    title: "How small can r be?",
    about: "Ranks 1, 2, 4, 8 and 64 for {q}, {q, v} and {q, k, v, o}: section 7.2, Table 6 of the paper.",
  },
  {
    id: "budget",
    title: "Which weights to adapt?",
    about:
      "One parameter budget spread over q, k, v, o, {q, k}, {q, v} or {q, k, v, o} by choosing each set's rank: " +
      "section 7.1, Table 5 of the paper.",
  },
  {
    id: "samples",
    title: "How few examples?",
    about:
      "The same run on 100, 1000 and all examples, LoRA against full fine-tuning: after section F.3, Table 16 of the paper.",
  },
];

const attention = ["q_proj", "k_proj", "v_proj", "o_proj"] as const;
const [q, k, v, o] = attention;
const budgetSets: readonly (readonly string[])[] = [[q], [k], [v], [o], [q, k], [q, v], [q, k, v, o]];
const rankSets: readonly (readonly string[])[] = [[q], [q, v], [q, k, v, o]];
const paperRanks = [1, 2, 4, 8, 64];
/** Rank of the widest set of the budget preset; the paper's 2 leaves small models too far from equal budgets. */
const budgetRank = 8;

/**
 * A preset's grid for a model with these modules; seeds and alpha stay as they are in `grid`.
 * @throws RangeError when the model lacks the modules that the preset is about
 */
export function presetGrid(id: ExperimentPreset["id"], sizes: readonly ModuleSize[], grid?: Grid): Grid {
  const kept = grid ?? gridSchema.parse({});
  const plain: Grid = { ...kept, methods: ["lora"], learningRates: [], exampleCounts: [0] };
  const missing = (id === "samples" ? [q, v] : attention).filter(
    (name) => !sizes.some((size) => size.name === name),
  );
  if (missing.length > 0) {
    const got = sizes.map(({ name }) => name).join(", ");
    throw new RangeError(`target modules: expected a model with ${missing.join(", ")}, got ${got}`);
  }
  if (id === "ranks") {
    const ranks = paperRanks.filter((rank) => rank <= maxRankOf(attention, sizes));
    return { ...plain, ranks, targetSets: rankSets.map((modules) => ({ modules: [...modules] })) };
  }
  if (id === "budget") {
    return { ...plain, ranks: [], targetSets: spreadBudget(budgetSets, sizes, budgetRank) };
  }
  return {
    ...plain,
    methods: ["lora", "full"],
    ranks: [8].map((rank) => Math.min(rank, maxRankOf([q, v], sizes))),
    targetSets: [{ modules: [q, v] }],
    exampleCounts: [100, 1000, 0],
  };
}

/** Trained values of a set of modules per unit of rank. */
export function parametersPerRankOf(modules: readonly string[], sizes: readonly ModuleSize[]): number {
  return sizes
    .filter(({ name }) => modules.includes(name))
    .reduce((sum, { parametersPerRank }) => sum + parametersPerRank, 0);
}

/** Each set with the whole rank that comes closest to what the last set, the widest, has at `rankOfLast`. */
function spreadBudget(
  sets: readonly (readonly string[])[],
  sizes: readonly ModuleSize[],
  rankOfLast: number,
): TargetSet[] {
  const budget = rankOfLast * parametersPerRankOf(sets.at(-1)!, sizes);
  return sets.map((modules) => {
    const closest = Math.max(1, Math.round(budget / parametersPerRankOf(modules, sizes)));
    return { modules: [...modules], rank: Math.min(closest, maxRankOf(modules, sizes)) };
  });
}

function maxRankOf(modules: readonly string[], sizes: readonly ModuleSize[]): number {
  return Math.min(...sizes.filter(({ name }) => modules.includes(name)).map(({ maxRank }) => maxRank));
}
