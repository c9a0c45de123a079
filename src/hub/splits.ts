// Which files of a data set's repository belong together: a split lies in one file, or in several that are numbered.
import { HubError } from "./hubError";

/** A split of a data set. */
export interface Split {
  /** Its file's path; of several files the path without number and ending: data/train. */
  readonly name: string;
  /** In order. */
  readonly paths: readonly string[];
}

/** Several splits could be meant; the message lists them. */
export class SplitChoiceError extends HubError {
  constructor(
    message: string,
    readonly choices: readonly Split[],
  ) {
    super("unsuitable", message);
  }
}

/** Endings of what `src/data` reads, the best first: Parquet says what its columns are. */
const endings = ["parquet", "jsonl", "ndjson", "json", "csv", "tsv", "txt"];

const endingOf = (path: string): number => endings.indexOf(path.split(".").at(-1)!.toLowerCase());

/** As in train-00000-of-00003.parquet, train-00000-of-00003-0123456789abcdef.parquet, train_1.jsonl, train/0000.csv. */
const numbered = /^(.*?)[-_./]?(\d+)(?:-of-(\d+))?(?:-[0-9a-f]{16})?\.(\w+)$/;

/** The splits among a repository's files, those of several files put together. @throws HubError when one lacks a file */
export function splitsOf(paths: readonly string[], what: string): Split[] {
  const data = paths.filter(
    (path) => endingOf(path) >= 0 && !/(^|\/)(\.|dataset_infos?\.json$|readme\.|license\.)/i.test(path),
  );
  const groups = new Map<
    string,
    { name: string; path: string; number: number; total: string | undefined }[]
  >();
  for (const path of data) {
    const [, name = "", number = "", total, ending] = numbered.exec(path) ?? [];
    const key = name === "" ? path : `${name}.${ending}/${total ?? ""}`;
    groups.set(key, [...(groups.get(key) ?? []), { name, path, number: Number(number), total }]);
  }
  return [...groups.values()].map((parts) => {
    const [{ name, path, total }] = parts as [(typeof parts)[number]];
    const count = total === undefined ? parts.length : Number(total);
    if (count !== parts.length) {
      const got = `${parts.length} of ${count} files`;
      throw new HubError(
        "unsuitable",
        `${what}: expected all files of ${name}, got ${got}. Name one of them.`,
      );
    }
    if (parts.length === 1) return { name: path, paths: [path] };
    const inOrder = parts.toSorted((a, b) => a.number - b.number);
    return { name, paths: inOrder.map((part) => part.path) };
  });
}

/**
 * The training split by its name or folder, or the only one there is.
 * @param named a file, a split, or a folder in which to look; undefined: everywhere
 * @throws SplitChoiceError when several could be it; HubError listing what there is when none is
 */
export function chooseSplit(paths: readonly string[], named: string | undefined, what: string): Split {
  if (named !== undefined && paths.includes(named)) return { name: named, paths: [named] };
  const all = splitsOf(paths, what);
  const within = all.filter(
    ({ name }) => named === undefined || name === named || name.startsWith(`${named}/`),
  );
  if (named !== undefined && within.length === 0) {
    const expected = `expected one of its files, splits or folders, got ${named}`;
    throw new HubError("notFound", `${what}: ${expected}. ${listed(all)}`);
  }
  const train = within.filter(({ name }) => /(^|[/._-])train(ing)?([/._-]|$)/i.test(name));
  const given = train.length > 0 ? train : within;
  const best = Math.min(...given.map(({ paths: [first] }) => endingOf(first!)));
  const candidates = given.filter(({ paths: [first] }) => endingOf(first!) === best);
  if (candidates.length === 1) return candidates[0]!;
  if (candidates.length === 0) {
    const expected = `expected files of training examples (${endings.join(", ")}), got none`;
    throw new HubError("unsuitable", `${what}: ${expected}. ${listed(all)}`);
  }
  const got = `got ${candidates.length} that could be it. ${listed(candidates)}`;
  throw new SplitChoiceError(`${what}: expected one split of training examples, ${got}`, candidates);
}

function listed(splits: readonly Split[]): string {
  if (splits.length === 0) return "It has no such files.";
  const shown = splits.slice(0, 8).map(({ name, paths }) => {
    return paths.length === 1 ? name : `${name} (${paths.length} files)`;
  });
  const more = splits.length > 8 ? ` and ${splits.length - 8} more` : "";
  return `Name one of them behind the id: ${shown.join(", ")}${more}.`;
}
