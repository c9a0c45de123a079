// A file that is read piece by piece, wherever it lies: a large one is never held whole.

export interface ByteSource {
  /** The file's name, for messages and for the format its ending tells. */
  readonly name: string;
  readonly sizeBytes: number;
  /** How much is read at once; a megabyte where it is left out. */
  readonly chunkBytes?: number;
  /** Bytes from `begin` to before `end`; fewer at the end of the file. */
  read(begin: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

export const chunkBytes = 1 << 20;

/** A File of the page, a Blob from storage, or bytes wrapped in one. */
export function blobSource(name: string, blob: Blob): ByteSource {
  return {
    name,
    sizeBytes: blob.size,
    read: async (begin, end) => new Uint8Array(await blob.slice(begin, end).arrayBuffer()),
  };
}

/** The bytes in order, a chunk at a time. */
export async function* readChunks(source: ByteSource): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const size = source.chunkBytes ?? chunkBytes;
  for (let at = 0; at < source.sizeBytes; at += size) {
    yield await source.read(at, Math.min(at + size, source.sizeBytes));
  }
}
