// The browser's own file system (OPFS) as a store: private to this address, large, and writable anywhere in a file.
// Needs a worker: only there may a file be written in place.
import { blobSource } from "../formats/byteSource";
import type { FileStore, FileWriter, StoreFolder } from "./fileStore";
import { HubError } from "./hubError";

/** Offered in workers only, and therefore not among TypeScript's types of the DOM. */
interface SyncAccessHandle {
  write(bytes: Uint8Array, options: { at: number }): number;
  flush(): void;
  close(): void;
}

interface WorkerFileHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<SyncAccessHandle>;
}

/** @param directory below the root of the storage, e.g. "models"; made at the first use */
export function opfsStore(directory: string): FileStore {
  const root = async () => (await navigator.storage.getDirectory()).getDirectoryHandle(directory, create);
  return {
    async list() {
      const names: string[] = [];
      for await (const [name, handle] of await root()) if (handle.kind === "directory") names.push(name);
      return names;
    },
    folder: async (name) => opfsFolder(await (await root()).getDirectoryHandle(name, create)),
    async remove(name) {
      await (await root()).removeEntry(name, { recursive: true }).catch((error: DOMException) => {
        if (error.name === "NotFoundError") return; // another tab was quicker
        if (error.name === "NoModificationAllowedError") throw inUse(name);
        throw error;
      });
    },
    async freeBytes() {
      const { quota, usage } = await navigator.storage.estimate();
      return quota === undefined || usage === undefined ? undefined : quota - usage;
    },
  };
}

const create = { create: true } as const;

function opfsFolder(folder: FileSystemDirectoryHandle): StoreFolder {
  return {
    async readText(name) {
      const handle = await folder.getFileHandle(name).catch(() => undefined);
      return handle && (await handle.getFile()).text();
    },
    async writeText(name, text) {
      const writable = await (await folder.getFileHandle(name, create)).createWritable();
      await writable.write(text);
      await writable.close(); // swaps the new file in as a whole
    },
    async writer(name) {
      const handle = (await folder.getFileHandle(name, create)) as WorkerFileHandle;
      const access = await handle.createSyncAccessHandle().catch((error: DOMException) => {
        throw error.name === "NoModificationAllowedError" ? inUse(name) : error;
      });
      return opfsWriter(name, access);
    },
    async source(name) {
      return blobSource(name, await (await folder.getFileHandle(name)).getFile());
    },
  };
}

function opfsWriter(name: string, access: SyncAccessHandle): FileWriter {
  return {
    async write(bytes, at) {
      let written = 0;
      try {
        // Fewer bytes than asked for, without an error, is how some browsers say that the disk is full.
        written = access.write(bytes, { at });
      } catch (error) {
        if (!(error instanceof DOMException) || error.name !== "QuotaExceededError") throw error;
      }
      if (written < bytes.length) {
        const remedy = "Remove a model that is kept, or free disk space; what is there is kept.";
        throw new HubError("noSpace", `${name}: expected room in the browser's storage, got none. ${remedy}`);
      }
    },
    flush: async () => access.flush(),
    close: async () => access.close(),
  };
}

const inUse = (name: string): HubError =>
  new HubError(
    "inUse",
    `${name}: expected a file of this tab, got one that another tab downloads. Wait for it.`,
  );
