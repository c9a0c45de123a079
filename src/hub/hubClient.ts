// What the Hub knows of models: search by name, and a repository's revision and files, through @huggingface/hub.
import { listFiles, listModels, modelInfo } from "@huggingface/hub";
import { HubError } from "./hubError";
import { type Fetch, hubFetch } from "./hubFetch";
import { defaultEndpoint } from "./knownModels";

/** Which Hub, and as whom. */
export interface HubAccess {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly accessToken?: string | undefined;
}

export interface FoundModel {
  readonly id: string;
  readonly downloads: number;
  readonly likes: number;
  /** Its owner asks for terms to be accepted first. */
  readonly isGated: boolean;
  /** All parameters, where its files say. */
  readonly parameterCount?: number | undefined;
}

/** A file of a repository. LFS files carry the digest of their bytes, others git's own. */
export interface HubFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256?: string | undefined;
  /** SHA-1 of git's blob: "blob SIZE\0" and the bytes. */
  readonly gitSha1?: string | undefined;
}

/** A repository at one commit: a download continues with the same bytes even when the branch has moved. */
export interface HubRepository {
  readonly id: string;
  readonly revision: string;
  readonly commit: string;
  readonly files: readonly HubFile[];
}

const SEARCH_LIMIT = 20;

/** An endpoint as typed, checked. @throws HubError */
export function checkEndpoint(text: string): string {
  const endpoint = text.trim().replace(/\/+$/, "");
  if (!/^https?:\/\/[^\s/]+/.test(endpoint)) {
    throw new HubError(
      "unsuitable",
      `endpoint: expected an address such as ${defaultEndpoint}, got "${text}".`,
    );
  }
  return endpoint;
}

/** A repository id as typed or pasted: "owner/name", "name", or the address of its page. @throws HubError */
export function checkModelId(text: string): string {
  const id = text
    .trim()
    .replace(/^https?:\/\/[^/]+\//, "")
    .replace(/\/(tree|blob|resolve)\/.*$/, "")
    .replace(/\/+$/, "");
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(id) || id.includes("..")) {
    throw new HubError("unsuitable", `model: expected a repository id such as owner/name, got "${text}".`);
  }
  return id;
}

/** fetch for one purpose, with its name in messages. */
export function fetchFor({ endpoint, accessToken }: HubAccess, what: string, signal?: AbortSignal): Fetch {
  return hubFetch({ what, endpoint, hasToken: Boolean(accessToken) }, signal);
}

/** Text-generation models with safetensors by name, most downloaded first. @throws HubError */
export async function searchModels(
  access: HubAccess,
  query: string,
  signal?: AbortSignal,
): Promise<FoundModel[]> {
  const found: FoundModel[] = [];
  const models = listModels({
    search: { query, task: "text-generation", tags: ["safetensors"] },
    sort: "downloads",
    limit: SEARCH_LIMIT,
    additionalFields: ["safetensors"],
    hubUrl: access.endpoint,
    fetch: fetchFor(access, `search "${query}"`, signal),
    ...credentials(access),
  });
  for await (const { name, downloads, likes, gated, safetensors } of models) {
    const parameterCount = safetensors?.total;
    found.push({ id: name, downloads, likes, isGated: gated !== false, parameterCount });
  }
  return found;
}

/**
 * The commit behind a revision, and the files at its top level.
 * @param revision branch, tag or commit
 * @throws HubError saying what to do
 */
export async function describeRepository(
  access: HubAccess,
  id: string,
  revision: string,
  signal?: AbortSignal,
): Promise<HubRepository> {
  const what = revision === "main" ? id : `${id} at ${revision}`;
  const options = {
    hubUrl: access.endpoint,
    fetch: fetchFor(access, what, signal),
    ...credentials(access),
  };
  const { sha } = await modelInfo({ name: id, revision, additionalFields: ["sha"], ...options });
  const files: HubFile[] = [];
  for await (const entry of listFiles({ repo: { type: "model", name: id }, revision: sha, ...options })) {
    if (entry.type !== "file") continue;
    const digest = entry.lfs ? { sha256: entry.lfs.oid.replace(/^sha256:/, "") } : { gitSha1: entry.oid };
    files.push({ path: entry.path, sizeBytes: entry.size, ...digest });
  }
  return { id, revision, commit: sha, files };
}

/** Where a file of a commit is fetched from. */
export function fileAddress({ endpoint }: HubAccess, id: string, commit: string, path: string): string {
  return `${endpoint}/${id}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;
}

const credentials = ({ accessToken }: HubAccess) => (accessToken ? { accessToken } : {});
