// Data sets of the Hub: which file of a repository holds its training examples, read in ranges where it lies.
import { datasetInfo, listFiles } from "@huggingface/hub";
import type { ByteSource } from "../formats/byteSource";
import { fetchRange } from "./fetchRange";
import { fetchFor, fileAddress, type HubAccess } from "./hubClient";
import { HubError } from "./hubError";

export interface DatasetFile {
  /** owner/name */
  readonly id: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  /** File in the repository; undefined: that of the training split. */
  readonly path?: string | undefined;
}

/** Endings of what `src/data` reads, the best first: Parquet says what its columns are. */
const endings = ["parquet", "jsonl", "ndjson", "json", "csv", "tsv", "txt"];

/** owner/name, owner/name@revision, or either with /path/to/file behind it; or a page's address. @throws HubError */
export function parseDatasetFile(text: string): DatasetFile {
  const plain = text
    .trim()
    .replace(/^https?:\/\/[^/]+\/datasets\//, "")
    .replace(/\/(?:tree|blob|resolve)\/([^/]+)/, "@$1")
    .replace(/\/+$/, "");
  const [, id, revision = "main", path] =
    /^([\w-][\w.-]*\/[\w-][\w.-]*)(?:@([\w.-]+))?(?:\/(.+))?$/.exec(plain) ?? [];
  if (id === undefined) {
    const expected = "expected owner/name or owner/name/file of the Hub";
    throw new HubError("unsuitable", `data set: ${expected}, got "${text}".`);
  }
  return { id, revision, path };
}

/**
 * The asked file, or the training split's.
 * @returns a source that reads ranges of the commit that the revision was at
 * @throws HubError saying what to do
 */
export async function openDatasetFile(
  access: HubAccess,
  { id, revision, path }: DatasetFile,
  signal?: AbortSignal,
): Promise<{ readonly source: ByteSource; readonly asked: Required<DatasetFile> }> {
  const { endpoint, accessToken } = access;
  const what = revision === "main" ? `data set ${id}` : `data set ${id} at ${revision}`;
  const options = {
    hubUrl: endpoint,
    fetch: fetchFor(access, what, signal),
    ...(accessToken && { accessToken }),
  };
  const { sha } = await datasetInfo({ name: id, revision, additionalFields: ["sha"], ...options });
  const sizes = new Map<string, number>();
  const repo = { type: "dataset", name: id } as const;
  for await (const entry of listFiles({ repo, revision: sha, recursive: true, ...options })) {
    if (entry.type === "file") sizes.set(entry.path, entry.size);
  }
  const chosen = path ?? trainingFile([...sizes.keys()], what);
  const sizeBytes = sizes.get(chosen);
  if (sizeBytes === undefined) {
    throw new HubError(
      "notFound",
      `${what}: expected one of its files, got ${chosen}. ${listed([...sizes.keys()])}`,
    );
  }
  const place = { address: fileAddress(access, `datasets/${id}`, sha, chosen), what: `${what}, ${chosen}` };
  const read = async (begin: number, end: number) => {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, sizeBytes) - begin));
    await fetchRange(
      access,
      place,
      [begin, begin + bytes.length],
      (part, at) => bytes.set(part, at - begin),
      signal,
    );
    return bytes;
  };
  return {
    source: { name: chosen.split("/").at(-1)!, sizeBytes, read },
    asked: { id, revision: sha, path: chosen },
  };
}

/**
 * The file of the training split, by its name or folder, or the only one that holds data.
 * @throws HubError listing the files when several could be it, or the split is in several parts
 */
export function trainingFile(paths: readonly string[], what: string): string {
  const formatOf = (path: string) => endings.indexOf(path.split(".").at(-1)!.toLowerCase());
  const data = paths.filter(
    (path) => formatOf(path) >= 0 && !/(^|\/)(\.|dataset_infos?\.json$|readme\.|license\.)/i.test(path),
  );
  const train = data.filter((path) => /(^|[/._-])train(ing)?([/._-]|$)/i.test(path));
  const given = train.length > 0 ? train : data;
  const best = Math.min(...given.map(formatOf));
  const candidates = given.filter((path) => formatOf(path) === best);
  if (candidates.length === 1) return candidates[0]!;
  const got = candidates.length === 0 ? "none" : `${candidates.length} that could be it`;
  throw new HubError(
    "unsuitable",
    `${what}: expected one file of training examples (${endings.join(", ")}), got ${got}. ${listed(data)}`,
  );
}

function listed(paths: readonly string[]): string {
  if (paths.length === 0) return "It has no such files.";
  const shown = paths.slice(0, 8).join(", ");
  const more = paths.length > 8 ? ` and ${paths.length - 8} more` : "";
  return `Name one of them behind the id: ${shown}${more}.`;
}
