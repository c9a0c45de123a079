// A zip that is made as it is read: weights pass through it in parts, stored as they are, since they do not shrink.
import { Zip, ZipDeflate, ZipPassThrough } from "fflate";
import { type ByteSource, partsOf } from "./byteSource";
import { FormatError } from "./formatError";
import { fixedTime, packZip } from "./zip";

/** Files as they are packed. */
export type ZippedFiles = ReadonlyMap<string, Uint8Array | ByteSource>;

/** What the format counts in 32 bits, less room for its own lists. */
const MOST_BYTES = 2 ** 32 - 2 ** 20;

/** Bytes of all files before they are packed. */
export const unpackedBytes = (files: ZippedFiles): number =>
  [...files.values()].reduce((sum, file) => sum + ("sizeBytes" in file ? file.sizeBytes : file.length), 0);

/**
 * The zip's bytes in order, files in the order of their names; equal files give equal bytes. Where all files are held
 * it is packZip's.
 * @throws FormatError when the files are more than a zip can hold
 */
export async function* zipParts(name: string, files: ZippedFiles): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const held = [...files].flatMap(([path, file]) =>
    file instanceof Uint8Array ? [[path, file] as const] : [],
  );
  if (held.length === files.size) {
    yield new Uint8Array(packZip(new Map(held)));
    return;
  }
  const totalBytes = unpackedBytes(files);
  if (totalBytes > MOST_BYTES) {
    const remedy = "Train with npm run finetune, which writes a folder.";
    throw new FormatError(
      name,
      "",
      `expected at most ${MOST_BYTES} bytes in a zip, got ${totalBytes}. ${remedy}`,
    );
  }
  let made: Uint8Array<ArrayBuffer>[] = [];
  const zip = new Zip((error, part) => {
    if (error) throw error;
    made.push(part as Uint8Array<ArrayBuffer>);
  });
  const take = () => {
    const parts = made;
    made = [];
    return parts;
  };
  for (const [path, file] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const entry = file instanceof Uint8Array ? new ZipDeflate(path, { level: 6 }) : new ZipPassThrough(path);
    entry.mtime = fixedTime;
    zip.add(entry);
    if (file instanceof Uint8Array) entry.push(file, true);
    else {
      for await (const part of partsOf(file)) {
        entry.push(part);
        yield* take();
      }
      entry.push(new Uint8Array(), true);
    }
    yield* take();
  }
  zip.end();
  yield* take();
}
