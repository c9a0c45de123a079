// The Hub behind its messages: searches, one download at a time, and what is kept.
import { FormatError } from "../formats/formatError";
import { downloadModel } from "../hub/downloadModel";
import type { FileStore } from "../hub/fileStore";
import { checkEndpoint, checkModelId, type FoundModel, type HubAccess, searchModels } from "../hub/hubClient";
import { HubError, type HubProblem } from "../hub/hubError";
import { type KeptModel, listKept } from "../hub/keptModel";
import { readModelConfig } from "../models/families";
import type { DownloadProgress, HubWorker } from "./hubMessages";
import type { Result } from "./messages";
import { resultOf, StudioError } from "./problems";

/** Which of the person's own words is at fault. */
const fields: Partial<Record<HubProblem, string>> = {
  denied: "model",
  notFound: "model",
  unsuitable: "model",
  noRevision: "revision",
};

export class HubSession implements HubWorker {
  readonly #store: FileStore;
  #search = new AbortController();
  #download: AbortController | undefined;

  constructor(store: FileStore) {
    this.#store = store;
  }

  search(access: HubAccess, query: string): Promise<Result<readonly FoundModel[]>> {
    this.#search.abort();
    this.#search = new AbortController();
    const { signal } = this.#search;
    return hubResult(async () => searchModels(await checkAccess(access), query.trim(), signal));
  }

  download(
    access: HubAccess,
    id: string,
    revision: string,
    onProgress: (progress: DownloadProgress) => void,
  ): Promise<Result<KeptModel | null>> {
    return hubResult(async () => {
      if (this.#download) throw new StudioError("download: expected one at a time. Wait for the other one.");
      const controller = new AbortController();
      this.#download = controller;
      try {
        const checked = await checkAccess(access);
        const folder = await downloadModel(checked, checkModelId(id), revision.trim() || "main", {
          store: this.#store,
          signal: controller.signal,
          onProgress,
          checkConfig: (config) => void readModelConfig(config),
        });
        return (await listKept(this.#store)).find((kept) => kept.folder === folder)!;
      } catch (error) {
        if (error instanceof HubError && error.kind === "cancelled") return null;
        throw error;
      } finally {
        this.#download = undefined;
      }
    });
  }

  async cancelDownload(): Promise<void> {
    this.#download?.abort();
  }

  listKept(): Promise<Result<readonly KeptModel[]>> {
    return resultOf(() => listKept(this.#store));
  }

  removeKept(folder: string): Promise<Result<null>> {
    return resultOf(() => this.#store.remove(folder).then(() => null));
  }
}

/** Endpoint and token as typed. @throws StudioError beside the endpoint's field */
async function checkAccess({ endpoint, accessToken }: HubAccess): Promise<HubAccess> {
  const checked = await resultOf(() => checkEndpoint(endpoint), "endpoint");
  if (!checked.ok) throw StudioError.of(checked.problem);
  return { endpoint: checked.value, accessToken: accessToken?.trim() || undefined };
}

/** The call's value, or its problem beside the field at fault. */
async function hubResult<T>(call: () => Promise<T>): Promise<Result<T>> {
  return resultOf(async () => {
    try {
      return await call();
    } catch (error) {
      if (error instanceof HubError) throw new StudioError(error.message, fields[error.kind]);
      if (error instanceof FormatError) throw new StudioError(error.message, "model");
      throw error;
    }
  });
}
