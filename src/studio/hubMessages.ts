// The contract between the page and the worker that fetches models: apart from the engine's, so that a download never
// waits for training, nor training for it. Models land in the browser's own storage; the engine reads them there.
import type { FoundModel, HubAccess } from "../hub/hubClient";
import type { KeptModel } from "../hub/keptModel";
import type { KnownModel } from "../hub/knownModels";
import type { Progress as DownloadProgress } from "../hub/transferRate";
import type { Result } from "./messages";

export type { DownloadProgress, FoundModel, HubAccess, KeptModel, KnownModel };

/**
 * Calls of the worker. None rejects for what goes wrong on the way: that comes as a problem, whose field is "model",
 * "revision" or "endpoint" where that is at fault.
 */
export interface HubWorker {
  /** Models that this program may run, by a part of their name. A later search gives up an earlier one. */
  search(access: HubAccess, query: string): Promise<Result<readonly FoundModel[]>>;
  /**
   * A model, or what is missing of it; one at a time.
   * @param id as typed: owner/name, or the address of its page
   * @param revision branch, tag or commit
   * @returns null when it was cancelled: it can be continued
   */
  download(
    access: HubAccess,
    id: string,
    revision: string,
    onProgress: (progress: DownloadProgress) => void,
  ): Promise<Result<KeptModel | null>>;
  cancelDownload(): Promise<void>;
  /** What is kept, the newest first, with parts of downloads that can be continued. */
  listKept(): Promise<Result<readonly KeptModel[]>>;
  removeKept(folder: string): Promise<Result<null>>;
}
