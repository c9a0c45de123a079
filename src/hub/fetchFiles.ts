// Downloads files in parallel ranges into a folder. A range that is cut goes on at its last byte; what has arrived
// is recorded every second, so that a closed page loses a second at most.

import type { ByteRange } from "./byteRanges";
import { fetchRange } from "./fetchRange";
import type { FileWriter } from "./fileStore";
import { fileAddress, type HubAccess } from "./hubClient";
import { cancelledError, HubError } from "./hubError";
import { type DownloadFolder, type FileProgress, keptName } from "./keptModel";

/** Connections at a time: browsers allow six to a host over HTTP/1.1. */
const PARALLEL = 4;
const PIECE_BYTES = 8 * 2 ** 20;
const SAVE_MS = 1000;

interface Piece {
  readonly progress: FileProgress;
  readonly writer: FileWriter;
  readonly range: ByteRange;
}

/**
 * Fetches what is missing of `files`.
 * @param onBytes told the bytes that arrived since the last call
 * @throws HubError; what has arrived by then is kept
 */
export async function fetchMissing(
  access: HubAccess,
  folder: DownloadFolder,
  files: readonly FileProgress[],
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const unfinished = files.filter(
    ({ file, done }) => done.byteCount < file.sizeBytes || file.sizeBytes === 0,
  );
  const writers: FileWriter[] = [];
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const saver = new Saver(folder, writers);
  try {
    const pieces: Piece[] = [];
    for (const progress of unfinished) {
      const writer = await folder.folder.writer(keptName(progress.file.path));
      writers.push(writer);
      const ranges = progress.done.missing(progress.file.sizeBytes, PIECE_BYTES);
      pieces.push(...ranges.map((range) => ({ progress, writer, range })));
    }
    const fetchNext = async () => {
      for (let piece = pieces.shift(); piece; piece = pieces.shift()) {
        const onArrived = (bytes: number) => {
          onBytes(bytes);
          saver.saveSoon();
        };
        await fetchPiece(access, folder, piece, onArrived, either).catch((error) => {
          failed.abort();
          throw error;
        });
      }
    };
    const ends = await Promise.allSettled(Array.from({ length: PARALLEL }, fetchNext));
    if (signal.aborted) throw cancelledError();
    // The other connections end as cancelled: the one that failed has the reason.
    const failures = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as Error] : []));
    const cause = failures.find((error) => !(error instanceof HubError && error.kind === "cancelled"));
    if (cause) throw cause;
  } finally {
    await saver.saveNow();
    for (const writer of writers) await writer.close();
  }
}

async function fetchPiece(
  access: HubAccess,
  { repository: { id, commit } }: DownloadFolder,
  { progress: { file, done }, writer, range }: Piece,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const place = { address: fileAddress(access, id, commit, file.path), what: `${id}/${file.path}` };
  const onPart = async (bytes: Uint8Array, at: number) => {
    await writer.write(bytes, at);
    done.add(at, at + bytes.length);
    onBytes(bytes.length);
  };
  await fetchRange(access, place, range, onPart, signal);
}

/** Writes the record now and then: first the bytes, then the word that they are there. */
class Saver {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly folder: DownloadFolder,
    readonly writers: readonly FileWriter[],
  ) {}

  saveSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#save().catch(() => {}); // the last save, at the end, tells
    }, SAVE_MS);
  }

  async saveNow(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#save();
  }

  async #save(): Promise<void> {
    for (const writer of this.writers) await writer.flush();
    await this.folder.save();
  }
}
