// Data sets of the Hub: the files of a split, read in ranges where they lie, as one.
import { datasetInfo, listFiles } from "@huggingface/hub";
import { type ByteSource, filesSource } from "../formats/byteSource";
import { type FilePlace, fetchRange } from "./fetchRange";
import { fetchFor, fileAddress, type HubAccess } from "./hubClient";
import { HubError } from "./hubError";
import { chooseSplit } from "./splits";

export interface DatasetFile {
  /** owner/name */
  readonly id: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  /** File, split or folder in the repository; undefined: the training split. */
  readonly path?: string | undefined;
}

/** owner/name, owner/name@revision, or either with a file, split or folder behind it; or a page's address. @throws HubError */
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
 * The asked split, or the training split.
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
  const split = chooseSplit([...sizes.keys()], path, what);
  const sourceOf = (file: string): ByteSource => {
    const place = { address: fileAddress(access, `datasets/${id}`, sha, file), what: `${what}, ${file}` };
    return rangeSource(access, place, file.split("/").at(-1)!, sizes.get(file)!, signal);
  };
  return {
    source: filesSource(split.name, split.paths.map(sourceOf)),
    asked: { id, revision: sha, path: split.name },
  };
}

function rangeSource(
  access: HubAccess,
  place: FilePlace,
  name: string,
  sizeBytes: number,
  signal: AbortSignal | undefined,
): ByteSource {
  const read = async (begin: number, end: number) => {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, sizeBytes) - begin));
    const range = [begin, begin + bytes.length] as const;
    await fetchRange(access, place, range, (part, at) => bytes.set(part, at - begin), signal);
    return bytes;
  };
  return { name, sizeBytes, read };
}
