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
    // Not slice: that of Node's Buffer, a Uint8Array itself, is no copy.
    read: async (begin, end) => new Uint8Array(bytes.subarray(begin, end)),
  };
}

/** A file that is held or lies somewhere. */
export const asSource = (name: string, file: ByteSource | Uint8Array): ByteSource =>
  file instanceof Uint8Array ? bytesSource(name, file) : file;

/** The whole file. */
export const readWhole = (source: ByteSource): Promise<Uint8Array<ArrayBuffer>> =>
  source.read(0, source.sizeBytes);

/** How much of a file is in memory while it is copied. */
const COPY_BYTES = 2 ** 21;

/** A file's bytes in order, a part at a time. */
export async function* partsOf(source: ByteSource): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < source.sizeBytes; at += COPY_BYTES) {
    yield await source.read(at, Math.min(at + COPY_BYTES, source.sizeBytes));
  }
}

/** Files one behind the other as one, e.g. a header and the tensors that it tells of. */
export function joinedSource(name: string, parts: readonly Omit<ByteSource, "name">[]): ByteSource {
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const read = async (begin: number, end: number) => {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, sizeBytes) - begin));
    let at = 0; // where a part begins
    for (const part of parts) {
      const [from, to] = [Math.max(begin - at, 0), Math.min(end - at, part.sizeBytes)];
      if (from < to) bytes.set(await part.read(from, to), at + from - begin);
      at += part.sizeBytes;
    }
    return bytes;
  };
  return { name, sizeBytes, read };
}

/** Files one behind the other as one that knows them; a single one stays what it is. */
export const filesSource = (name: string, files: readonly ByteSource[]): ByteSource =>
  files.length === 1 ? files[0]! : { ...joinedSource(name, files), parts: files };

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
