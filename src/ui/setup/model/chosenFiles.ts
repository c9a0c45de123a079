// The files of a model, however they were given: picked, as a folder, or dropped. Handles only; nothing is read here.

/** What a person chose. */
export interface ChosenFiles {
  /** Of the folder, or of the only file. */
  readonly name: string;
  readonly files: readonly File[];
}

/** A model's files lie in its folder itself, ONNX exports in this one below it. */
const innerFolder = "onnx";
/** Not in TypeScript's types of the DOM: not every browser has it. */
type ShowDirectoryPicker = () => Promise<FileSystemDirectoryHandle>;

/** Opens the browser's folder picker. @returns undefined when the person closed it; null where there is none */
export async function pickFolder(): Promise<ChosenFiles | undefined | null> {
  const { showDirectoryPicker } = window as { showDirectoryPicker?: ShowDirectoryPicker };
  if (!showDirectoryPicker) return null;
  const folder = await showDirectoryPicker.call(window).catch((error: DOMException) => {
    if (error.name === "AbortError") return undefined;
    throw error;
  });
  return folder && { name: folder.name, files: await filesOfHandle(folder) };
}

async function filesOfHandle(folder: FileSystemDirectoryHandle, isInner = false): Promise<File[]> {
  const files: File[] = [];
  for await (const handle of folder.values()) {
    if (handle.kind === "file") files.push(await (handle as FileSystemFileHandle).getFile());
    else if (!isInner && handle.name === innerFolder) {
      files.push(...(await filesOfHandle(handle as FileSystemDirectoryHandle, true)));
    }
  }
  return files;
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

/** Files of a drop; a dropped folder stands for what is in it. Called while the event is being handled. */
export async function filesOfDrop(items: DataTransferItemList): Promise<ChosenFiles | undefined> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
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
