// The flags of sweep: a grid on top of finetune's own flags, and complaints that name the flag.
import type { z } from "zod";
import { shown } from "../formats/formatError";
import { type Experiment, experimentSchema, targetSetLabel } from "../lab/experiment";
import type { TrainConfig } from "../train/config";
import { configOf, finetuneCommand } from "./finetuneFlags";
import { type CommandDescription, type Flag, FlagError, type FlagValues } from "./flags";

const gridFlags: readonly Flag[] = [
  { name: "ranks", value: "LIST", about: "ranks between commas, e.g. 1,2,4,8,64 (default: --rank)" },
  {
    name: "targets",
    value: "SETS",
    about: 'target sets between semicolons, e.g. "q_proj;q_proj,v_proj" (default: --target)',
  },
  {
    name: "seeds",
    value: "LIST",
    about: "seeds of first values and dropout; the data keep their order (default: --seed)",
  },
  { name: "alpha-per-rank", value: "K", about: "alpha = K · rank in place of --alpha" },
  { name: "lrs", value: "LIST", about: "learning rates to try (default: --lr)" },
  { name: "examples", value: "LIST", about: "first so many training examples, e.g. 100,1000,all" },
  { name: "methods", value: "LIST", about: "lora, full or both (default: --method)" },
  { name: "sequential", about: "one cell after the other; without it they race over one copy of the model" },
  {
    name: "patience",
    value: "N",
    about: "evaluations without a lower loss that end a cell; 0 never",
    default: 0,
  },
  {
    name: "score",
    value: "N",
    about:
      "held-out prompts that each cell completes, scored by dataset.json beside --eval-data or by exact match; 0 none",
    default: 16,
  },
  { name: "memory-budget", value: "MB", about: "GPU memory that one race may take", default: 2048 },
  { name: "name", value: "TEXT", about: "title of the experiment", default: "Rank experiment" },
];

const changed: Readonly<Record<string, string>> = {
  seed: "orders the data, the same for every cell",
  out: "folder to write: results.csv, results.json, results.md and a folder per cell; new or empty unless --overwrite",
  resume: "go on with the sweep in this folder from its last checkpoint; all settings are its own",
};
/** What a grid has no use for. */
const left = ["init-adapter"];

export const sweepCommand: CommandDescription = {
  name: "sweep",
  usage:
    '--model DIR --data FILE --eval-data FILE --ranks 1,2,4,8,64 --targets "q_proj;q_proj,v_proj" --out DIR',
  about:
    "Trains a grid of adapters, rank × target set × seed, on the same batches: raced together over one copy of the " +
    "model, as many as fit. Writes results.csv, results.json (which the studio opens), results.md, and each cell's " +
    "PEFT folder, and prints the table.",
  flags: [
    ...gridFlags,
    ...finetuneCommand.flags
      .filter(({ name }) => !left.includes(name))
      .map((flag) => ({ ...flag, about: changed[flag.name] ?? flag.about })),
  ],
  notes:
    "Ctrl-C ends at once; --resume goes on from the last checkpoint to the same numbers. A setting is called the best " +
    "only when its interval over seeds (the range up to three seeds, else mean ± 2 standard errors) overlaps no other.",
  examples: [
    [
      "--model public/models/fable-1m --data public/datasets/restaurants/train.jsonl " +
        "--eval-data public/datasets/restaurants/validation.jsonl --ranks 1,2,4,8,64 " +
        '--targets "q_proj;q_proj,v_proj;q_proj,k_proj,v_proj,o_proj" --seeds 0,1,2 --steps 100 --out out/ranks',
      "the LoRA paper's Table 6 on the embedded model",
    ],
    ["--resume out/ranks", "go on with a sweep that was ended"],
  ],
};

/**
 * The experiment that `flags` ask for.
 * @throws FlagError naming the first flag whose value does not fit
 */
export function experimentOf(flags: FlagValues): Experiment {
  const run = configOf(flags);
  const { adapter } = run;
  const factor = flags.number("alpha-per-rank");
  if (factor !== undefined && flags.has("alpha")) {
    throw new FlagError("alpha", "expected none beside --alpha-per-rank, got one: use one of them");
  }
  const input = {
    name: flags.text("name"),
    grid: {
      methods: flags.list("methods") ?? [run.method],
      ranks: numbers(flags, "ranks") ?? [adapter.rank],
      targetSets: targetSets(flags) ?? [{ modules: adapter.targetModules }],
      seeds: numbers(flags, "seeds") ?? [run.seed],
      alpha:
        factor === undefined ? { kind: "fixed", loraAlpha: adapter.loraAlpha } : { kind: "perRank", factor },
      learningRates: numbers(flags, "lrs") ?? [],
      exampleCounts: numbers(flags, "examples") ?? [0],
    },
    run,
    mode: flags.has("sequential") ? "sequential" : "race",
    patience: flags.number("patience"),
    metricExamples: flags.number("score"),
    memoryBudgetMb: flags.number("memory-budget"),
  };
  const parsed = experimentSchema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = String(issue.path[0] === "grid" ? issue.path[1] : issue.path[0]);
  const isOwn = issue.code === "custom"; // our own refinements say the whole of it
  const problem = isOwn
    ? issue.message.replace(/\.$/, "")
    : `expected ${expectedOf(issue)}, got ${shown(issue.input)}`;
  throw new FlagError(flagOf(field, run), problem);
}

const flagNames: Readonly<Record<string, string>> = {
  targetSets: "targets",
  alpha: "alpha-per-rank",
  learningRates: "lrs",
  exampleCounts: "examples",
  metricExamples: "score",
  memoryBudgetMb: "memory-budget",
};

function flagOf(field: string, { method }: TrainConfig): string {
  if (field === "methods" && method === "bitfit") return "method";
  return flagNames[field] ?? field;
}

function expectedOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "too_small":
      return issue.origin === "array"
        ? "at least one"
        : `${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
    case "too_big":
      return `at most ${issue.maximum}`;
    case "invalid_value":
      return `one of ${issue.values.join(", ")}`;
    case "invalid_type":
      return issue.expected === "int" ? "a whole number" : `a ${issue.expected}`;
    default:
      return issue.message;
  }
}

/** Numbers between commas; "all" is 0. @throws FlagError for what is none */
function numbers(flags: FlagValues, name: string): number[] | undefined {
  return flags.list(name)?.map((item) => {
    const value = name === "examples" && item === "all" ? 0 : Number(item);
    if (item === "" || Number.isNaN(value)) {
      throw new FlagError(name, `expected numbers between commas, got ${shown(item)}`);
    }
    return value;
  });
}

function targetSets(flags: FlagValues): { modules: string[] }[] | undefined {
  const sets = flags
    .text("targets")
    ?.split(";")
    .map((set) => {
      return {
        modules: set
          .split(",")
          .map((name) => name.trim())
          .filter((name) => name !== ""),
      };
    });
  const empty = sets?.findIndex(({ modules }) => modules.length === 0) ?? -1;
  if (sets && empty >= 0) {
    const before = sets
      .slice(0, empty)
      .map(({ modules }) => targetSetLabel(modules))
      .join("; ");
    throw new FlagError("targets", `expected module names in each set, got an empty one after "${before}"`);
  }
  return sets;
}
