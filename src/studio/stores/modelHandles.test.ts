// What a person is told when a run's model cannot be found again; that it is found is tested with the store.
import { expect, it } from "vitest";
import type { ModelOrigin } from "../messages";
import { reopenModel } from "./modelHandles";

type FilesOrigin = Extract<ModelOrigin, { kind: "files" }>;
const origin = (handles: readonly FileSystemHandle[]): FilesOrigin => ({
  ...{ kind: "files", name: "smol", handles },
  files: ["config.json", "model.safetensors"].map((name) => ({ name, sizeBytes: 1, lastModified: 0 })),
});

it("says what to choose again where the browser gives no handles", async () => {
  await expect(reopenModel(origin([]))).rejects.toThrow(
    "model: expected smol, which the run was started with. " +
      "Choose its files again under “Choose a model”, From disk: config.json, model.safetensors.",
  );
});

it("says so when leave to read is not given, and when the folder is gone", async () => {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle("gone-model", { create: true });
  await root.removeEntry("gone-model", { recursive: true });
  await expect(reopenModel(origin([folder]))).rejects.toThrow(
    /^smol: expected its files where they were, got none \(.+\)\. Choose its files again/,
  );
  // A browser without a person cannot be asked; handles of its own file system need no leave.
  const refused = Object.assign(folder, { requestPermission: async () => "denied" });
  await expect(reopenModel(origin([refused]))).rejects.toThrow(
    "smol: expected leave to read its files on this machine, got none. Continue the run again and allow it.",
  );
});
