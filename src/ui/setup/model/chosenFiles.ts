// The files of a model, however they were given: picked, as a folder, or dropped. Nothing is read here.
import { filesOfHandles, innerFolder } from "../../../studio/stores/modelHandles";

/** What a person chose. */
export interface ChosenFiles {
  /** Of the folder, or of the only file. */
  readonly name: string;
  readonly files: readonly File[];
  /** What was chosen itself, where the browser gives it. */
  readonly handles?: readonly FileSystemHandle[];
}

/** Not in TypeScript's types of the DOM: not every browser has them. */
interface Pickers {
  showDirectoryPicker?(): Promise<FileSystemDirectoryHandle>;
  showOpenFilePicker?(options: { multiple: true }): Promise<FileSystemFileHandle[]>;
}

/** Whether a run finds the files again that are chosen now. */
export const givesHandles = (): boolean => "showDirectoryPicker" in window;

/** Opens the browser's folder picker. @returns undefined when the person closed it; null where there is none */
export const pickFolder = () =>
  picked(async (pickers) => [await pickers.showDirectoryPicker!()], "showDirectoryPicker");

/** Opens the browser's file picker. @returns as pickFolder */
export const pickFiles = () =>
  picked((pickers) => pickers.showOpenFilePicker!({ multiple: true }), "showOpenFilePicker");

async function picked(
  pick: (pickers: Pickers) => Promise<FileSystemHandle[]>,
  name: keyof Pickers,
): Promise<ChosenFiles | undefined | null> {
  const pickers = window as Pickers;
  if (!pickers[name]) return null;
  const handles = await pick(pickers).catch((error: DOMException) => {
    if (error.name === "AbortError") return undefined;
    throw error;
  });
  return handles && chosenBy(handles);
}

async function chosenBy(handles: readonly FileSystemHandle[]): Promise<ChosenFiles | undefined> {
  if (handles.length === 0) return undefined;
  const files = await filesOfHandles(handles);
  const folder = handles.find(({ kind }) => kind === "directory");
  return { name: folder?.name ?? nameOf(files), files, handles };
}

/** Files of a file input, of one with `webkitdirectory` too. */
export function filesOfInput(list: readonly File[]): ChosenFiles | undefined {
  const [first] = list;
  if (!first) return undefined;
  const files = list.filter(({ webkitRelativePath: path }) => {
    const [, ...inner] = path.split("/");
    return inner.length < 2 || (inner.length === 2 && inner[0] === innerFolder);
  });
  return { name: first.webkitRelativePath.split("/")[0] || nameOf(files), files };
}

/** Not in TypeScript's types of the DOM: not every browser has it. */
interface HandleItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

/** Files of a drop; a dropped folder stands for what is in it. Called while the event is being handled. */
export async function filesOfDrop(items: DataTransferItemList): Promise<ChosenFiles | undefined> {
  // Both are asked at once: after the event the items are empty.
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const asked = [...(items as Iterable<HandleItem>)].map((item) =>
    item.getAsFileSystemHandle?.().catch(() => null),
  );
  const handles = (await Promise.all(asked)).filter((handle) => handle !== null && handle !== undefined);
  if (handles.length === entries.length) return chosenBy(handles);
  const files = (await Promise.all(entries.map((entry) => filesOfEntry(entry, 0)))).flat();
  const [folder] = entries.filter(({ isDirectory }) => isDirectory);
  return files.length > 0 ? { name: folder?.name ?? nameOf(files), files } : undefined;
}

async function filesOfEntry(entry: FileSystemEntry, depth: number): Promise<File[]> {
  if (entry.isFile) {
    return [
      await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    ];
  }
  if (depth === 2 || (depth === 1 && entry.name !== innerFolder)) return [];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  for (;;) {
    // A hundred at a time in some browsers; none says that it was all.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return files;
    files.push(...(await Promise.all(some.map((inner) => filesOfEntry(inner, depth + 1)))).flat());
  }
}

/** Weights name a model that came without a folder, where they are not just called “model”. */
function nameOf(files: readonly File[]): string {
  const [largest] = [...files].sort((a, b) => b.size - a.size);
  const stem = largest?.name.replace(/\.[^.]*$/, "") ?? "";
  return /^model\b/.test(stem) || !stem ? "model from files" : stem;
}
