// Downloads in a worker, where OPFS files can be written; ending the worker is what closing the page is.
import { expose } from "comlink";
import { sha256Of } from "../digest";
import { downloadModel } from "../downloadModel";
import type { HubAccess } from "../hubClient";
import { HubError } from "../hubError";
import { listKept, openKept } from "../keptModel";
import { opfsStore } from "../opfsStore";
import type { Progress } from "../transferRate";

let controller = new AbortController();

const calls = {
  /** @returns the folder, or the error as plain data, which the class is not */
  async download(
    directory: string,
    access: HubAccess,
    id: string,
    revision: string,
    onProgress: (progress: Progress) => void,
  ): Promise<{ folder: string } | { kind: string; message: string }> {
    controller = new AbortController();
    const { signal } = controller;
    const checkConfig = (config: Uint8Array) => {
      const { model_type } = JSON.parse(new TextDecoder().decode(config));
      if (model_type !== "llama")
        throw new HubError("unsuitable", `model_type: expected llama, got ${model_type}`);
    };
    try {
      const options = { store: opfsStore(directory), signal, onProgress, checkConfig };
      return { folder: await downloadModel(access, id, revision, options) };
    } catch (error) {
      const kind = error instanceof HubError ? error.kind : "other";
      return { kind, message: (error as Error).message };
    }
  },
  cancel: () => controller.abort(),
  list: (directory: string) => listKept(opfsStore(directory)),
  remove: (directory: string, folder: string) => opfsStore(directory).remove(folder),
  /** Size and SHA-256 of every file of a complete model. */
  async digests(directory: string, folder: string): Promise<Record<string, string>> {
    const { sources } = await openKept(opfsStore(directory), folder);
    const entries = sources.map(async (source) => [source.name, await sha256Of(source)]);
    return Object.fromEntries(await Promise.all(entries));
  },
};

export type DownloadCalls = typeof calls;
expose(calls);
