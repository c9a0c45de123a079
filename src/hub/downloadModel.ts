// A model from the Hub into the store: its small files first, so that a model that cannot be used is refused before
// its weights are fetched, then the weights, then every byte held against the Hub's digests.
import { ByteRanges } from "./byteRanges";
import { checkDigest } from "./digest";
import { fetchMissing } from "./fetchFiles";
import type { FileStore } from "./fileStore";
import { describeRepository, type HubAccess } from "./hubClient";
import { HubError } from "./hubError";
import { DownloadFolder, type FileProgress, keptName } from "./keptModel";
import { describingFiles, weightFiles } from "./modelFiles";
import { type Progress, TransferRate } from "./transferRate";

export interface DownloadOptions {
  readonly store: FileStore;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Looks at config.json before the weights are fetched. @throws when this model cannot be used */
  readonly checkConfig: (config: Uint8Array) => void;
}

/**
 * Downloads a model, or what is missing of it.
 * @param revision branch, tag or commit
 * @returns the name of its folder in the store
 * @throws HubError saying what to do; whatever checkConfig throws
 */
export async function downloadModel(
  access: HubAccess,
  id: string,
  revision: string,
  { store, signal, onProgress, checkConfig }: DownloadOptions,
): Promise<string> {
  const repository = await describeRepository(access, id, revision, signal);
  const describing = describingFiles(repository);
  const folder = await DownloadFolder.open(store, access.endpoint, repository);
  const small = describing.map((file) => folder.progressOf(file));
  const fetchAndCheck = async (files: readonly FileProgress[]) => {
    const total = sizeOf(files);
    const rate = new TransferRate("downloading", total, doneOf(files), onProgress);
    await fetchMissing(access, folder, files, (bytes) => rate.add(bytes), signal);
    rate.report();
    await checkFiles(folder, files, onProgress, signal);
  };
  await fetchAndCheck(small);

  const read = async (path: string) => {
    if (!small.some(({ file }) => file.path === path)) return undefined;
    const source = await folder.folder.source(path);
    return source.read(0, source.sizeBytes);
  };
  try {
    checkConfig((await read("config.json"))!);
  } catch (error) {
    await store.remove(folder.name);
    throw error;
  }
  const weights = weightFiles(repository, await read("model.safetensors.index.json"));
  const all = [...describing, ...weights].map((file) => folder.progressOf(file));
  folder.isPlanned = true;
  await checkRoom(store, id, sizeOf(all) - doneOf(all));
  await fetchAndCheck(all);
  return folder.name;
}

async function checkRoom(store: FileStore, id: string, neededBytes: number): Promise<void> {
  const freeBytes = await store.freeBytes();
  if (freeBytes === undefined || freeBytes >= neededBytes) return;
  const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MB`;
  throw new HubError(
    "noSpace",
    `${id}: expected ${megabytes(neededBytes)} of free storage, got ${megabytes(freeBytes)}. ` +
      "Remove a model that is kept, or free disk space.",
  );
}

/** @throws HubError "damaged"; such a file is forgotten, so that it is fetched anew */
async function checkFiles(
  folder: DownloadFolder,
  files: readonly FileProgress[],
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  const unchecked = files.filter(({ isChecked }) => !isChecked);
  if (unchecked.length === 0) return;
  const rate = new TransferRate("checking", sizeOf(unchecked), 0, onProgress);
  for (const progress of unchecked) {
    const source = await folder.folder.source(keptName(progress.file.path));
    try {
      await checkDigest(progress.file, source, (bytes) => rate.add(bytes), signal);
      progress.isChecked = true;
    } catch (error) {
      if (error instanceof HubError && error.kind === "damaged") progress.done = new ByteRanges();
      throw error;
    } finally {
      await folder.save();
    }
  }
  rate.report();
}

const sizeOf = (files: readonly FileProgress[]): number =>
  files.reduce((sum, { file }) => sum + file.sizeBytes, 0);
const doneOf = (files: readonly FileProgress[]): number =>
  files.reduce((sum, { done }) => sum + done.byteCount, 0);
