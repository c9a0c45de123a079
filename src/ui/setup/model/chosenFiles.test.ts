// Folders as the browser hands them over: only what a model may be made of comes out.
import { afterEach, expect, it, vi } from "vitest";
import { filesOfDrop, filesOfInput, pickFiles, pickFolder } from "./chosenFiles";

const names = (files: readonly File[]) => files.map(({ name }) => name).sort();

afterEach(() => vi.unstubAllGlobals());

it("takes a picked folder's own files and those of its onnx folder", async () => {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle("tiny-model", { create: true });
  const write = async (directory: FileSystemDirectoryHandle, name: string) => {
    const writable = await (await directory.getFileHandle(name, { create: true })).createWritable();
    await writable.write(name);
    await writable.close();
  };
  await write(folder, "config.json");
  await write(await folder.getDirectoryHandle("onnx", { create: true }), "model.onnx");
  await write(await folder.getDirectoryHandle("runs", { create: true }), "events.bin");
  vi.stubGlobal("showDirectoryPicker", async () => folder);
  const chosen = await pickFolder();
  expect(chosen).toMatchObject({ name: "tiny-model" });
  expect(names(chosen!.files)).toEqual(["config.json", "model.onnx"]);
  expect(chosen!.handles).toEqual([folder]);
  const item = { webkitGetAsEntry: () => ({}), getAsFileSystemHandle: async () => folder };
  expect(await filesOfDrop([item] as unknown as DataTransferItemList)).toEqual(chosen);
  const config = await folder.getFileHandle("config.json");
  vi.stubGlobal("showOpenFilePicker", async () => [config]);
  expect(await pickFiles()).toMatchObject({ name: "config", handles: [config] });
  await root.removeEntry("tiny-model", { recursive: true });
});

it("knows a closed picker from none", async () => {
  vi.stubGlobal("showDirectoryPicker", () => Promise.reject(new DOMException("closed", "AbortError")));
  expect(await pickFolder()).toBeUndefined();
  vi.stubGlobal("showDirectoryPicker", undefined);
  expect(await pickFolder()).toBeNull();
});

it("does the same for a folder that came through an input", () => {
  const at = (path: string) => {
    const file = new File(["x"], path.split("/").at(-1)!);
    Object.defineProperty(file, "webkitRelativePath", { value: path });
    return file;
  };
  const chosen = filesOfInput(
    ["gpt2/config.json", "gpt2/onnx/model.onnx", "gpt2/runs/a/b.bin", "gpt2/old/config.json"].map(at),
  );
  expect(chosen).toMatchObject({ name: "gpt2" });
  expect(names(chosen!.files)).toEqual(["config.json", "model.onnx"]);
});

it("names loose files after the largest, unless that is what every model is called", () => {
  const file = (name: string, size: number) => new File([new Uint8Array(size)], name);
  expect(filesOfInput([file("tok512.bin", 10), file("stories260K.bin", 100)])?.name).toBe("stories260K");
  expect(filesOfInput([file("config.json", 10), file("model.safetensors", 100)])?.name).toBe(
    "model from files",
  );
  expect(filesOfInput([])).toBeUndefined();
});

it("reads a dropped folder to its end, a part at a time", async () => {
  const fileEntry = (name: string) => ({
    ...{ isFile: true, isDirectory: false, name },
    file: (resolve: (file: File) => void) => resolve(new File(["x"], name)),
  });
  const folderEntry = (name: string, entries: object[]) => ({
    ...{ isFile: false, isDirectory: true, name },
    createReader() {
      const parts = entries.map((entry) => [entry]);
      return { readEntries: (resolve: (some: object[]) => void) => resolve(parts.shift() ?? []) };
    },
  });
  const dropped = folderEntry("smol", [
    fileEntry("config.json"),
    fileEntry("model.safetensors"),
    folderEntry("runs", [fileEntry("events.bin")]),
    folderEntry("onnx", [fileEntry("model.onnx")]),
  ]);
  const items = [{ webkitGetAsEntry: () => dropped }] as unknown as DataTransferItemList;
  const chosen = await filesOfDrop(items);
  expect(chosen?.name).toBe("smol");
  expect(names(chosen!.files)).toEqual(["config.json", "model.onnx", "model.safetensors"]);
});
