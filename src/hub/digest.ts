// Whether the bytes that lie on the disk are those that the Hub has.
import { sha1 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type ByteSource, discard } from "../formats/byteSource";
import { cancelledError, HubError } from "./hubError";
import type { HubFile } from "./modelFiles";

const PIECE_BYTES = 4 * 2 ** 20;

/** SHA-256 of a file in hexadecimal, read piece by piece. @param onPiece told the bytes read since the last call */
export function sha256Of(
  source: ByteSource,
  onPiece: (bytes: number) => void = () => {},
  signal?: AbortSignal,
): Promise<string> {
  return digestOf(source, sha256.create(), onPiece, signal);
}

/**
 * Reads a file and holds it against its size and digest.
 * @throws HubError "damaged" naming both digests
 */
export async function checkDigest(
  file: HubFile,
  source: ByteSource,
  onPiece: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const remedy = "It was damaged on its way and is thrown away: download it again.";
  if (source.sizeBytes !== file.sizeBytes) {
    const got = `got ${source.sizeBytes}`;
    throw new HubError("damaged", `${file.path}: expected ${file.sizeBytes} bytes, ${got}. ${remedy}`);
  }
  const expected = file.sha256 ?? file.gitSha1;
  if (!expected) return; // not every server tells
  const hash = file.sha256 ? sha256.create() : sha1.create();
  if (!file.sha256) hash.update(new TextEncoder().encode(`blob ${file.sizeBytes}\0`));
  const got = await digestOf(source, hash, onPiece, signal);
  if (got !== expected) {
    const kind = file.sha256 ? "sha256" : "git sha1";
    throw new HubError("damaged", `${file.path}: expected ${kind} ${expected}, got ${got}. ${remedy}`);
  }
}

async function digestOf(
  source: ByteSource,
  hash: ReturnType<typeof sha256.create> | ReturnType<typeof sha1.create>,
  onPiece: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<string> {
  for (let at = 0; at < source.sizeBytes; at += PIECE_BYTES) {
    if (signal?.aborted) throw cancelledError();
    const piece = await source.read(at, Math.min(at + PIECE_BYTES, source.sizeBytes));
    hash.update(piece);
    onPiece(piece.length);
    discard(piece);
  }
  return bytesToHex(hash.digest());
}
