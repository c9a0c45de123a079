// A file that is read piece by piece, wherever it lies: a large one is never held whole.

export interface ByteSource {
  /** The file's name, for messages and for the format its ending tells. */
  readonly name: string;
  readonly sizeBytes: number;
  /** How much is read at once where a reader wants everything in order; a megabyte where it is left out. */
  readonly chunkBytes?: number;
  /** Files that it consists of, one behind the other, each with a form of its own; absent where it is one file. */
  readonly parts?: readonly ByteSource[];
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

/** Files one behind the other; a single one stays what it is. */
export function joinedSource(name: string, parts: readonly ByteSource[]): ByteSource {
  if (parts.length === 1) return parts[0]!;
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const read = async (begin: number, end: number) => {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, sizeBytes) - begin));
    let start = 0;
    for (const part of parts) {
      const from = Math.max(begin, start);
      const to = Math.min(begin + bytes.length, start + part.sizeBytes);
      if (from < to) bytes.set(await part.read(from - start, to - start), from - begin);
      start += part.sizeBytes;
    }
    return bytes;
  };
  return { name, sizeBytes, parts, read };
}

/** The whole file. */
export const readWhole = (source: ByteSource): Promise<Uint8Array<ArrayBuffer>> =>
  source.read(0, source.sizeBytes);

// What is transferred into a closed port reaches nobody, and its memory is free. ArrayBuffer.transfer would only hide
// it: Chromium's own reference to the bytes stays until the collector comes.
const nowhere = new MessageChannel();
nowhere.port2.close();

/**
 * Gives the memory of bytes that nobody uses any more back at once: read pieces would pile up to 64 MB and more before
 * the collector takes notice of what lies outside its heap.
 */
export function discard({ buffer }: { readonly buffer: ArrayBuffer }): void {
  if (buffer.byteLength > 0) nowhere.port1.postMessage(null, [buffer]);
}
