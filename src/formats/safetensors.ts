// The safetensors container, read as strictly as the reference implementation does and written byte for byte
// like it (huggingface/safetensors, safetensors/src/tensor.rs).
import { z } from "zod";
import { type ByteSource, bytesSource, joinedSource } from "./byteSource";
import { FormatError, shown } from "./formatError";
import { checkSchema, decodeUtf8, parseJson } from "./jsonFile";
import { type StoredTensor, type StoredTensors, storedIn, tensorSource } from "./storedTensor";
import { type Dtype, dtypeBytes, type Tensor, tensorBytes } from "./tensor";

export interface SafetensorsFile {
  readonly metadata: Record<string, string>;
  /** By name, in the order of their bytes; each `bytes` is a view into the file. */
  readonly tensors: Map<string, Tensor>;
}

/** Where a tensor lies; offsets in bytes from `dataStart`. */
interface TensorPlace {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly metadata: Record<string, string>;
  readonly places: Map<string, TensorPlace>;
  /** Byte of the file at which tensor data begins. */
  readonly dataStart: number;
}

const maxHeaderBytes = 100_000_000;
const size = z.int().nonnegative();
const dtypes = Object.keys(dtypeBytes) as [Dtype, ...Dtype[]];
const entrySchema = z.object({
  dtype: z.enum(dtypes),
  shape: z.array(size),
  data_offsets: z.tuple([size, size]),
});
const metadataSchema = z.record(z.string(), z.string());

/**
 * Reads and checks the header alone, for files that are streamed.
 * @param start first bytes of the file; must reach to the end of the header
 * @param fileBytes length of the whole file
 * @throws FormatError naming the tensor that lies about its type, shape or place
 */
export function readSafetensorsHeader(
  start: Uint8Array,
  fileBytes: number,
  fileName: string,
): SafetensorsHeader {
  if (start.length < 8) {
    throw new FormatError(
      fileName,
      "header length",
      `expected 8 bytes, got a file of ${fileBytes}. The file is truncated: fetch it again.`,
    );
  }
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (length > maxHeaderBytes) {
    throw new FormatError(
      fileName,
      "header length",
      `expected at most ${maxHeaderBytes} bytes, got ${length}. This is no safetensors file, or it is damaged.`,
    );
  }
  const dataStart = 8 + length;
  if (dataStart > start.length || dataStart > fileBytes) {
    throw new FormatError(
      fileName,
      "header",
      `expected ${length} bytes, got ${Math.min(start.length, fileBytes) - 8}. The file is truncated: fetch it again.`,
    );
  }
  const headerBytes = start.subarray(8, dataStart);
  // Also keeps a byte-order mark out, which TextDecoder would drop.
  if (headerBytes[0] !== 0x7b) {
    throw new FormatError(
      fileName,
      "header",
      "expected a JSON object that starts with '{', got something else.",
    );
  }
  const json = parseJson(decodeUtf8(headerBytes, fileName, "header"), fileName, "header") as object;

  let metadata: Record<string, string> = {};
  const places = new Map<string, TensorPlace>();
  for (const [name, value] of Object.entries(json)) {
    if (name === "__metadata__") metadata = checkSchema(metadataSchema, value, fileName, "__metadata__");
    else places.set(name, checkPlace(value, fileName, name));
  }
  return { metadata, places: checkTiling(places, fileBytes - dataStart, fileName), dataStart };
}

function checkPlace(value: unknown, fileName: string, name: string): TensorPlace {
  const { dtype, shape, data_offsets } = checkSchema(entrySchema, value, fileName, name);
  const [begin, end] = data_offsets;
  let bytes: number = dtypeBytes[dtype];
  for (const extent of shape) {
    bytes *= extent;
    if (!Number.isSafeInteger(bytes)) {
      throw new FormatError(
        fileName,
        name,
        `expected a shape whose size can be counted, got ${shown(shape)}.`,
      );
    }
  }
  if (end - begin !== bytes) {
    throw new FormatError(
      fileName,
      name,
      `expected ${bytes} bytes for ${dtype} ${shown(shape)}, got data_offsets ${shown(data_offsets)}.`,
    );
  }
  return { dtype, shape, begin, end };
}

/** Tensors in the order of their bytes, which must cover `dataBytes` without holes, overlaps or a rest. */
function checkTiling(
  places: Map<string, TensorPlace>,
  dataBytes: number,
  fileName: string,
): Map<string, TensorPlace> {
  const ordered = [...places].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const [name, { begin, end }] of ordered) {
    if (begin !== covered) {
      const fault = begin < covered ? "overlap" : "a hole";
      throw new FormatError(fileName, name, `expected data at offset ${covered}, got ${begin} (${fault}).`);
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    const fault =
      covered > dataBytes ? "The file is truncated: fetch it again." : "The file has trailing bytes.";
    throw new FormatError(fileName, "data", `expected ${covered} bytes, got ${dataBytes}. ${fault}`);
  }
  return new Map(ordered);
}

/**
 * Reads and checks the header of a file that stays where it is; each tensor is read when it is asked for.
 * @throws FormatError as readSafetensorsHeader; reading a tensor also when the file has become shorter
 */
export async function openSafetensors(source: ByteSource): Promise<Map<string, StoredTensor>> {
  const { name: file, sizeBytes } = source;
  const length = await source.read(0, Math.min(8, sizeBytes));
  const headerBytes = length.length < 8 ? 0 : Number(new DataView(length.buffer).getBigUint64(0, true));
  const isSound = headerBytes <= maxHeaderBytes; // otherwise the eight bytes are enough to complain
  const start = isSound ? await source.read(0, Math.min(8 + headerBytes, sizeBytes)) : length;
  const { places, dataStart } = readSafetensorsHeader(start, sizeBytes, file);
  return new Map(
    [...places].map(([name, place]) => [name, storedIn(source, dataStart + place.begin, name, place)]),
  );
}

/** Reads a whole file; tensors are views into `bytes`, nothing is copied. @throws FormatError */
export function readSafetensors(bytes: Uint8Array, fileName: string): SafetensorsFile {
  const { metadata, places, dataStart } = readSafetensorsHeader(bytes, bytes.length, fileName);
  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape, begin, end }] of places) {
    tensors.set(name, { dtype, shape, bytes: bytes.subarray(dataStart + begin, dataStart + end) });
  }
  return { metadata, tensors };
}

/**
 * A file that is made as it is read: wide types first so that data stays aligned, then by name, header padded with
 * spaces to 8 bytes, metadata sorted; equal input gives equal bytes.
 * @throws RangeError when a tensor is called `__metadata__`
 */
export function safetensorsSource(
  name: string,
  tensors: StoredTensors,
  metadata: Readonly<Record<string, string>> = {},
): ByteSource {
  const { header, ordered } = layOut(tensors, metadata);
  return joinedSource(name, [
    bytesSource(name, header),
    ...ordered.map(([, stored]) => tensorSource(stored)),
  ]);
}

/**
 * The same file of tensors that are held.
 * @throws RangeError when a tensor's bytes do not fit its shape, or one is called `__metadata__`
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const { header, ordered, dataBytes } = layOut(tensors, metadata);
  const file = new Uint8Array(header.length + dataBytes);
  file.set(header);
  let at = header.length;
  for (const [name, { dtype, shape, bytes }] of ordered) {
    const expected = tensorBytes({ dtype, shape });
    if (bytes.length !== expected) {
      throw new RangeError(
        `tensor ${name}: expected ${expected} bytes for ${dtype} [${shape}], got ${bytes.length}`,
      );
    }
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

/** Tensors in the order of their bytes, and the header that says so. */
function layOut<T extends Pick<Tensor, "dtype" | "shape">>(
  tensors: ReadonlyMap<string, T>,
  metadata: Readonly<Record<string, string>>,
) {
  const ordered = [...tensors].sort(
    ([nameA, a], [nameB, b]) =>
      dtypes.indexOf(b.dtype) - dtypes.indexOf(a.dtype) || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0),
  );
  const entries: [string, unknown][] = [];
  const metadataEntries = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  if (metadataEntries.length > 0) entries.push(["__metadata__", Object.fromEntries(metadataEntries)]);
  let dataBytes = 0;
  for (const [name, { dtype, shape }] of ordered) {
    if (name === "__metadata__") throw new RangeError(`tensor ${name}: expected another name`);
    const end = dataBytes + tensorBytes({ dtype, shape });
    entries.push([name, { dtype, shape, data_offsets: [dataBytes, end] }]);
    dataBytes = end;
  }
  // Joined by hand: an object would move names that look like numbers to the front.
  const json = `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
  const text = new TextEncoder().encode(json);
  const header = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(text, 8);
  return { header, ordered, dataBytes };
}
