// The flags that say how a file becomes examples.
import { type DataMapping, type DataSettings, dataSettingsSchema, mappingSchema } from "../data/config";
import { shown } from "../formats/formatError";
import { type Flag, FlagError, type FlagValues } from "./flags";

export const dataFlags: readonly Flag[] = [
  {
    name: "data",
    value: "FILE",
    about:
      "training examples: JSON Lines, JSON, CSV, TSV, Parquet, or text (.txt) as one long text; or a data set of the " +
      "Hub, hf:OWNER/NAME[@REVISION][/FILE], where FILE may also name a split of several files or a folder, and the " +
      "training split is taken where nothing is named",
  },
  {
    name: "eval-data",
    value: "FILE",
    about: "held-out examples in the same form; all of them are evaluated",
  },
  {
    name: "validation-split",
    value: "P",
    about: "without --eval-data: share of the examples held out at random, by the seed",
    default: 0,
  },
  {
    name: "map",
    value: "COLUMNS",
    about:
      "which columns make an example: prompt=A,completion=B or instruction=A,input=B,output=C or messages=A or " +
      "text=A; guessed when left out",
  },
  {
    name: "template",
    value: "TEXT",
    about:
      "instead of --map: text with columns in braces, e.g. 'Q: {question}\\nA: {answer}'; the last one is learned",
  },
  { name: "learn-all", about: "with --template: learn all of the text, not its last column only" },
  { name: "header", value: "YES|NO", about: "whether the first row of a CSV or TSV file names its columns" },
  { name: "text-lines", about: "take each line of a text file as an example" },
  { name: "skip-bad-rows", about: "leave out rows that cannot be used, and say which" },
];

/** What is used where no flag says otherwise: nothing is held out. */
export const dataDefaults: DataSettings = dataSettingsSchema.parse({ validationFraction: 0 });

const ownFlags = [
  "map",
  "template",
  "learn-all",
  "header",
  "text-lines",
  "skip-bad-rows",
  "validation-split",
];

/** @throws FlagError naming the flag whose value does not fit */
export function dataSettingsOf(flags: FlagValues): DataSettings {
  const header = flags.choice("header", ["yes", "no"]);
  const validationFraction = flags.number("validation-split") ?? 0;
  if (!(validationFraction >= 0 && validationFraction < 1)) {
    throw new FlagError("validation-split", `expected a share from 0 to below 1, got ${validationFraction}`);
  }
  if (validationFraction > 0 && flags.has("eval-data")) {
    throw new FlagError("validation-split", "expected none beside --eval-data, got one: use one of them");
  }
  return dataSettingsSchema.parse({
    mapping: mappingOf(flags),
    hasHeader: header === undefined ? null : header === "yes",
    textAs: flags.has("text-lines") ? "lines" : "blocks",
    skipBadRows: flags.has("skip-bad-rows"),
    validationFraction,
  });
}

/** @throws FlagError when a flag asks for something else than the run that is resumed */
export function checkDataUnchanged(flags: FlagValues, saved: DataSettings = dataDefaults): void {
  const given = ownFlags.find((name) => flags.has(name));
  if (given === undefined) return;
  const now = dataSettingsOf(flags);
  if (JSON.stringify(now) === JSON.stringify(saved)) return;
  throw new FlagError(given, "expected the run's own way of reading its data, or nothing, got another one");
}

function mappingOf(flags: FlagValues): DataMapping | null {
  const template = flags.text("template");
  if (template === undefined && flags.has("learn-all")) {
    throw new FlagError("learn-all", "expected --template beside it, got none");
  }
  if (template !== undefined) {
    if (flags.has("map"))
      throw new FlagError("map", "expected none beside --template, got one: use one of them");
    const learn = flags.has("learn-all") ? "all" : "lastColumn";
    return { kind: "template", template: unescaped(template), learn };
  }
  const pairs = flags.list("map");
  return pairs ? parseMap(pairs) : null;
}

/** Shells pass \\n on as it is written. */
const unescaped = (text: string): string =>
  text.replace(/\\([nt\\])/g, (_, letter: string) => ({ n: "\n", t: "\t" })[letter] ?? letter);

const kinds = {
  prompt: "promptCompletion",
  completion: "promptCompletion",
  instruction: "instruction",
  messages: "messages",
  text: "text",
} as const;

function parseMap(pairs: readonly string[]): DataMapping {
  const columns = pairs.map((pair) => {
    const at = pair.indexOf("=");
    if (at < 1 || at === pair.length - 1) {
      throw new FlagError("map", `expected name=column between commas, got ${shown(pair)}`);
    }
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const;
  });
  const kind = columns
    .map(([name]) => kinds[name as keyof typeof kinds])
    .find((found) => found !== undefined);
  const given = { ...Object.fromEntries(columns), ...(kind && { kind }) };
  const parsed = mappingSchema.safeParse(kind === "instruction" ? { input: "", ...given } : given);
  if (parsed.success) return parsed.data;
  throw new FlagError(
    "map",
    "expected prompt=A,completion=B or instruction=A,input=B,output=C or messages=A or text=A, " +
      `got ${shown(pairs.join(","))}`,
  );
}
