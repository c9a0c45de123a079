// Files of examples are read as all files are, and here also from beginning to end.
import type { ByteSource } from "../formats/byteSource";

export { type ByteSource, blobSource, filesSource } from "../formats/byteSource";

export const chunkBytes = 1 << 20;

/** The bytes in order, a chunk at a time. */
export async function* readChunks(source: ByteSource): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const size = source.chunkBytes ?? chunkBytes;
  for (let at = 0; at < source.sizeBytes; at += size) {
    yield await source.read(at, Math.min(at + size, source.sizeBytes));
  }
}
