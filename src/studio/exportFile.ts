// Where an export goes: into the file that a person has chosen, or into one that the page hands to its downloads. A large
// one is no block of memory at any time: it lies on the disk, as a file of the browser's own.

/** Up to this size a file may be held. */
const HELD_BYTES = 2 ** 26;
const folderName = "exports";

/**
 * Writes a file as it is made.
 * @param sizeBytes how large it will be, about
 * @param target a file that may be written; where it is left out the file is returned
 */
export async function exportFile(
  fileName: string,
  parts: AsyncIterable<Uint8Array<ArrayBuffer>>,
  sizeBytes: number,
  target?: FileSystemFileHandle,
): Promise<Blob | null> {
  if (target) {
    await writeParts(target, parts);
    return null;
  }
  const kept = sizeBytes > HELD_BYTES ? await keptFile(fileName) : undefined;
  if (kept) {
    await writeParts(kept, parts);
    return kept.getFile();
  }
  const held: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of parts) held.push(part);
  return new Blob(held);
}

/** Removes what earlier exports left: the browser has copied it to where the person wanted it. */
export async function clearExports(): Promise<void> {
  const root = await navigator.storage.getDirectory().catch(() => undefined);
  await root?.removeEntry(folderName, { recursive: true }).catch(() => {}); // there was none
}

/** A new file in the browser's own file system; undefined where it has none. */
async function keptFile(fileName: string): Promise<FileSystemFileHandle | undefined> {
  await clearExports();
  const root = await navigator.storage.getDirectory().catch(() => undefined);
  const folder = await root?.getDirectoryHandle(folderName, { create: true });
  return folder?.getFileHandle(fileName, { create: true });
}

/** Replaces the file when all of it has been made, and leaves it as it was otherwise. */
async function writeParts(
  handle: FileSystemFileHandle,
  parts: AsyncIterable<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  const writable = await handle.createWritable();
  try {
    for await (const part of parts) await writable.write(part);
    await writable.close();
  } catch (error) {
    await writable.abort().catch(() => {}); // closed already
    throw error;
  }
}
