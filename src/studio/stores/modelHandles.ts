// A model's files through the handles that the browser gives: a run keeps these, and finds the files again by them.
import type { FileFacts, ModelOrigin, ModelSource } from "../messages";

/** A model's files lie in its folder itself, ONNX exports in this one below it. */
export const innerFolder = "onnx";

/** Not in TypeScript's types of the DOM: not every browser asks. */
interface AskableHandle {
  requestPermission?(options: { mode: "read" }): Promise<PermissionState>;
}

/** Files of a folder, or the files themselves. */
export async function filesOfHandles(handles: Iterable<FileSystemHandle>, isInner = false): Promise<File[]> {
  const files: File[] = [];
  for (const handle of handles) {
    if (handle.kind === "file") files.push(await (handle as FileSystemFileHandle).getFile());
    else files.push(...(await filesOfFolder(handle as FileSystemDirectoryHandle, isInner)));
  }
  return files;
}

async function filesOfFolder(folder: FileSystemDirectoryHandle, isInner: boolean): Promise<File[]> {
  const inside: FileSystemHandle[] = [];
  for await (const handle of folder.values()) {
    if (handle.kind === "file" || (!isInner && handle.name === innerFolder)) inside.push(handle);
  }
  return filesOfHandles(inside, true);
}

export interface ReopenedModel {
  readonly source: ModelSource;
  /** Files that have been written to since, though they are as long as they were. */
  readonly touched: readonly string[];
}

/**
 * The model that a run was started with; called while a click is being handled, because the person may have to allow
 * its files to be read.
 * @throws Error saying what to choose again, or which files are others now
 */
export async function reopenModel(origin: ModelOrigin): Promise<ReopenedModel> {
  if (origin.kind !== "files") return { source: origin, touched: [] };
  const { name, handles, files: facts } = origin;
  const again = `Choose its files again under “Choose a model”, From disk: ${listed(facts)}. Then continue the run.`;
  if (handles.length === 0) {
    throw new Error(`model: expected ${name}, which the run was started with. ${again}`);
  }
  for (const handle of handles as readonly AskableHandle[]) {
    const state = (await handle.requestPermission?.({ mode: "read" })) ?? "granted";
    if (state !== "granted") {
      const remedy = "Continue the run again and allow it.";
      throw new Error(`${name}: expected leave to read its files on this machine, got none. ${remedy}`);
    }
  }
  const files = await filesOfHandles(handles).catch((error: DOMException) => {
    const got = `got none (${error.message})`;
    throw new Error(`${name}: expected its files where they were, ${got}. ${again}`);
  });
  const found = new Map(files.map((file) => [file.name, file]));
  const changed = facts.filter((fact) => found.get(fact.name)?.size !== fact.sizeBytes);
  if (changed.length > 0) throw changedError(name, changed, found);
  const touched = facts.filter((fact) => found.get(fact.name)!.lastModified !== fact.lastModified);
  return { source: { kind: "files", name, files, handles }, touched: touched.map((fact) => fact.name) };
}

const listed = (facts: readonly FileFacts[]): string => facts.map(({ name }) => name).join(", ");
const dates = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

function changedError(name: string, changed: readonly FileFacts[], found: ReadonlyMap<string, File>): Error {
  const differences = changed.map((fact) => {
    const file = found.get(fact.name);
    const got = file ? `${file.size} bytes of ${dates.format(file.lastModified)}` : "no such file";
    return `${fact.name} (expected ${fact.sizeBytes} bytes of ${dates.format(fact.lastModified)}, got ${got})`;
  });
  return new Error(`${name} has changed since the run was started: ${differences.join("; ")}. ${putBack}`);
}

/** Said of files that are found to be others only after they were read. */
export function otherFilesError(name: string, touched: readonly string[]): Error {
  const what = touched.length > 0 ? `${touched.join(", ")} was written to` : "they hold another model";
  return new Error(`${name} has changed since the run was started: ${what}. ${putBack}`);
}

const putBack = "A run goes on with the very same bytes: put the files back, or start a new run.";
