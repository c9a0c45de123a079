// A folder on disk as the store of downloads.
import { mkdir, open, readdir, readFile, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { FileStore, FileWriter, StoreFolder } from "../hub/fileStore";
import { HubError } from "../hub/hubError";
import { fileSource, writeWhole } from "./files";

/** @param root made at the first use */
export function folderStore(root: string): FileStore {
  return {
    async list() {
      await mkdir(root, { recursive: true });
      const entries = await readdir(root, { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    },
    async folder(name) {
      const path = join(root, name);
      await mkdir(path, { recursive: true });
      return storeFolder(path);
    },
    remove: (name) => rm(join(root, name), { recursive: true, force: true }),
    async freeBytes() {
      const { bavail, bsize } = await statfs(root);
      return bavail * bsize;
    },
  };
}

function storeFolder(path: string): StoreFolder {
  return {
    readText: (name) => readFile(join(path, name), "utf8").catch(() => undefined),
    writeText: async (name, text) => writeWhole(join(path, name), text),
    async writer(name) {
      const file = join(path, name);
      const isThere = (await stat(file).catch(() => undefined))?.isFile();
      return fileWriter(name, await open(file, isThere ? "r+" : "w"));
    },
    source: (name) => fileSource(join(path, name), "model"),
  };
}

function fileWriter(name: string, file: Awaited<ReturnType<typeof open>>): FileWriter {
  return {
    async write(bytes, at) {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await file
          .write(bytes, done, bytes.length - done, at + done)
          .catch((error: NodeJS.ErrnoException) => {
            if (error.code !== "ENOSPC") throw error;
            const remedy = "Free some, then go on with the same command; what is there is kept.";
            throw new HubError("noSpace", `${name}: expected room on the disk, got none. ${remedy}`);
          });
        done += bytesWritten;
      }
    },
    flush: () => file.datasync(),
    close: () => file.close(),
  };
}
