// What the Hub knows of models: search by name, and a repository's revision and files, through @huggingface/hub.
import { listFiles, listModels, modelInfo } from "@huggingface/hub";
import { HubError } from "./hubError";
import { type Fetch, hubFetch } from "./hubFetch";
import { defaultEndpoint } from "./knownModels";
import { exportFolder, type HubFile, type HubRepository, hasWeights } from "./modelFiles";

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
 * The commit behind a revision, and the files at its top level; those of its ONNX exports too where there is nothing
 * better.
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
  let hasExports = false;
  const list = async (path?: string) => {
    const repo = { type: "model", name: id } as const;
    for await (const entry of listFiles({ repo, revision: sha, ...(path && { path }), ...options })) {
      if (entry.type === "directory" && entry.path === exportFolder) hasExports = true;
      if (entry.type !== "file") continue;
      const digest = entry.lfs ? { sha256: entry.lfs.oid.replace(/^sha256:/, "") } : { gitSha1: entry.oid };
      files.push({ path: entry.path, sizeBytes: entry.size, ...digest });
    }
  };
  await list();
  if (hasExports && !hasWeights(files)) await list(exportFolder);
  return { id, revision, commit: sha, files };
}

/** Where a file of a commit is fetched from. */
export function fileAddress({ endpoint }: HubAccess, id: string, commit: string, path: string): string {
  return `${endpoint}/${id}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;
}

const credentials = ({ accessToken }: HubAccess) => (accessToken ? { accessToken } : {});
