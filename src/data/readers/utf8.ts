// Strict UTF-8, chunk by chunk: a file in another encoding is refused with the line where it shows.
import { FormatError } from "../../formats/formatError";
import { type ByteSource, readChunks } from "../byteSource";

/** The file's text in pieces, without a byte-order mark. @throws FormatError naming the line and byte */
export async function* readText(source: ByteSource): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let offset = 0;
  let line = 1;
  for await (const bytes of readChunks(source)) {
    const isLast = offset + bytes.length >= source.sizeBytes;
    let text: string;
    try {
      text = decoder.decode(bytes, { stream: !isLast });
    } catch {
      throw await notUtf8(source, line, offset, bytes);
    }
    yield text;
    line += countLineEnds(bytes, bytes.length);
    offset += bytes.length;
  }
}

/** Says in which line and at which byte a chunk stops being UTF-8. */
async function notUtf8(
  source: ByteSource,
  firstLine: number,
  offset: number,
  bytes: Uint8Array,
): Promise<FormatError> {
  // Up to three bytes of a character may stand in the chunk before.
  const before = await source.read(Math.max(0, offset - 3), offset);
  const start = before.findIndex((byte) => (byte & 0xc0) !== 0x80);
  const pending = start < 0 ? before : before.subarray(start);
  const joined = new Uint8Array(pending.length + bytes.length);
  joined.set(pending);
  joined.set(bytes, pending.length);
  const at = firstInvalidByte(joined);
  const line = firstLine + countLineEnds(joined.subarray(pending.length), at - pending.length);
  const got =
    at < joined.length ? `byte 0x${joined[at]!.toString(16).padStart(2, "0")}` : "its end within a character";
  const place = offset - pending.length + at;
  const problem = `expected UTF-8 text, got ${got} at offset ${place}. Save the file as UTF-8.`;
  return new FormatError(source.name, `line ${line}`, problem);
}

/** Offset of the byte at which strict decoding stops; the length when a character is cut off at the end. */
function firstInvalidByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let at = 0; at < bytes.length; at++) {
    try {
      decoder.decode(bytes.subarray(at, at + 1), { stream: true });
    } catch {
      return at;
    }
  }
  return bytes.length;
}

function countLineEnds(bytes: Uint8Array, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0 && at < end; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}
