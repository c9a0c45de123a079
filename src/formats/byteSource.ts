// A file that is read piece by piece, wherever it lies: a large one is never held whole.

export interface ByteSource {
  /** The file's name, for messages. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Bytes from `begin` to before `end`; fewer at the end of the file. */
  read(begin: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A file that a person chose, or one of the browser's own storage. */
export function blobSource(name: string, blob: Blob): ByteSource {
  return {
    name,
    sizeBytes: blob.size,
    read: async (begin, end) => new Uint8Array(await blob.slice(begin, end).arrayBuffer()),
  };
}
