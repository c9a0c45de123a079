// A file that is read piece by piece, wherever it lies: a large one is never held whole.

export interface ByteSource {
  /** The file's name, for messages and for the format its ending tells. */
  readonly name: string;
  readonly sizeBytes: number;
  /** How much is read at once where a reader wants everything in order; a megabyte where it is left out. */
  readonly chunkBytes?: number;
  /** Bytes from `begin` to before `end`; fewer at the end of the file. */
  read(begin: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A File of the page, a Blob from storage, or bytes wrapped in one. */
export function blobSource(name: string, blob: Blob): ByteSource {
  return {
    name,
    sizeBytes: blob.size,
    read: async (begin, end) => new Uint8Array(await blob.slice(begin, end).arrayBuffer()),
  };
}

/** Bytes that are held already; what is read of them is a copy. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    sizeBytes: bytes.length,
    read: async (begin, end) => bytes.slice(begin, end) as Uint8Array<ArrayBuffer>,
  };
}

/** The whole file. */
export const readWhole = (source: ByteSource): Promise<Uint8Array<ArrayBuffer>> =>
  source.read(0, source.sizeBytes);
