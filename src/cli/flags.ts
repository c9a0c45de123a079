// The command lines' flags: described once, then parsed, refused by name, and printed as help from the same list.
import { parseArgs } from "node:util";
import { shown } from "../formats/formatError";

export interface Flag {
  /** Without the dashes, e.g. "batch-size". */
  readonly name: string;
  /** What stands for the value in the help, e.g. "DIR"; absent for a switch. */
  readonly value?: string;
  /** What it does, with the unit. */
  readonly about: string;
  /** The default as the help shows it. */
  readonly default?: string | number | undefined;
}

export interface CommandDescription {
  /** The npm script. */
  readonly name: string;
  readonly about: string;
  readonly usage: string;
  readonly flags: readonly Flag[];
  /** Arguments after `npm run NAME --`, with what they do. */
  readonly examples: readonly (readonly [args: string, effect: string])[];
  readonly notes?: string;
}

/** A command line that cannot be carried out; the message begins with the flag. */
export class FlagError extends Error {
  override name = "FlagError";

  /** @param flag without dashes @param problem `expected …, got …` */
  constructor(flag: string, problem: string) {
    super(`--${flag}: ${problem}`);
  }
}

/** The flags given on a command line. */
export class FlagValues {
  constructor(private readonly given: ReadonlyMap<string, string | true>) {}

  has(name: string): boolean {
    return this.given.has(name);
  }

  text(name: string): string | undefined {
    const value = this.given.get(name);
    return typeof value === "string" ? value : undefined;
  }

  /** @throws FlagError when it is missing; `what` completes "expected …" */
  required(name: string, what: string): string {
    const value = this.text(name);
    if (value === undefined) throw new FlagError(name, `expected ${what}, got none; see --help`);
    return value;
  }

  /** @throws FlagError when it is no number */
  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) {
      throw new FlagError(name, `expected a number, got ${shown(text)}`);
    }
    return Number(text);
  }

  /** @throws FlagError when it is no whole number of at least `least` */
  count(name: string, least: number): number | undefined {
    const value = this.number(name);
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= least)) {
      throw new FlagError(name, `expected a whole number from ${least}, got ${value}`);
    }
    return value;
  }

  /** @throws FlagError when it is none of `choices` */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const found = choices.find((choice) => choice === text);
    if (found === undefined) {
      throw new FlagError(name, `expected one of ${choices.join(", ")}, got ${shown(text)}`);
    }
    return found;
  }

  /** Items between commas. */
  list(name: string): string[] | undefined {
    return this.text(name)
      ?.split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  }

  /** @throws FlagError when it is no JSON */
  json(name: string): unknown {
    const text = this.text(name);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new FlagError(name, `expected JSON, got ${shown(text)} (${(error as Error).message})`);
    }
  }
}

/**
 * Reads a command line.
 * @returns the flags, or undefined when it asks for help
 * @throws FlagError for a flag that is unknown, given twice, or has a value too many or too few
 */
export function parseFlags({ flags }: CommandDescription, args: readonly string[]): FlagValues | undefined {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      flags.map(({ name, value }) => [name, { type: value === undefined ? "boolean" : "string" }] as const),
    ),
    strict: false, // so that the complaints below can be ours
    tokens: true,
    allowPositionals: true,
  });
  const given = new Map<string, string | true>();
  if (tokens.some((token) => token.kind === "option" && ["help", "h"].includes(token.name))) return undefined;
  for (const token of tokens) {
    if (token.kind === "positional") {
      throw new Error(`arguments: expected flags such as --${flags[0]!.name}, got ${shown(token.value)}`);
    }
    if (token.kind !== "option") continue;
    const { name, value, inlineValue, rawName } = token;
    const flag = flags.find((candidate) => candidate.name === name);
    if (!flag) throw new Error(`${rawName}: expected a flag that --help lists, got this one`);
    if (given.has(name)) throw new FlagError(name, "expected it once, got it twice");
    if (flag.value === undefined) {
      if (value !== undefined) throw new FlagError(name, `expected no value, got ${shown(value)}`);
      given.set(name, true);
    } else {
      const isFlag = !inlineValue && value?.startsWith("--");
      if (value === undefined || value === "" || isFlag) {
        throw new FlagError(
          name,
          `expected ${flag.value} behind it, got ${value ? shown(value) : "nothing"}`,
        );
      }
      given.set(name, value);
    }
  }
  return new FlagValues(given);
}

const HELP_WIDTH = 100;

/** What --help prints. */
export function helpText({ name, about, usage, flags, examples, notes }: CommandDescription): string {
  const rows = flags.map((flag) => ({
    left: `  --${flag.name}${flag.value === undefined ? "" : ` ${flag.value}`}`,
    right: flag.about + (flag.default === undefined ? "" : ` (default ${flag.default})`),
  }));
  rows.push({ left: "  --help", right: "print this" });
  const indent = Math.max(...rows.map(({ left }) => left.length)) + 2;
  const lines = rows.flatMap(({ left, right }) =>
    wrap(right, HELP_WIDTH - indent).map((line, i) => (i === 0 ? left : "").padEnd(indent) + line),
  );
  const shownExamples = examples.flatMap(([args, effect]) => [
    `  # ${effect}`,
    `  npm run ${name} -- ${args}`,
    "",
  ]);
  return [
    `Usage: npm run ${name} -- ${usage}`,
    "",
    ...wrap(about, HELP_WIDTH),
    "",
    ...lines,
    "",
    ...(notes ? [...wrap(notes, HELP_WIDTH), ""] : []),
    "Examples:",
    ...shownExamples.slice(0, -1),
  ].join("\n");
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1)!;
    if (last !== "" && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
