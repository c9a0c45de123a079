// Adapter zips: written the same for the same files, read without trusting the sizes they declare.
import { Unzip, UnzipInflate, unzipSync, zipSync } from "fflate";
import { FormatError, shown } from "./formatError";
import type { PeftAdapterFiles } from "./peft";

/** How far a zip may unfold before it is refused. */
export interface UnzipLimits {
  /** Sum over all files of the zip, unpacked. */
  readonly totalBytes: number;
  readonly fileCount: number;
}

/** Room for an adapter of any model that fits a browser tab. */
export const defaultUnzipLimits: UnzipLimits = { totalBytes: 512 * 2 ** 20, fileCount: 1000 };

const configName = "adapter_config.json";
const weightsName = "adapter_model.safetensors";
// DOS time has no zone and begins here; local time, because that is what the format stores.
export const fixedTime = new Date(1980, 0, 1);

/** Packs files in the order of their names; equal files give equal bytes. */
export function packZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const ordered = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  return zipSync(Object.fromEntries(ordered), { mtime: fixedTime, level: 6 });
}

interface ZipEntry {
  readonly name: string;
  readonly originalSize: number;
}

/**
 * Takes the two files of a PEFT adapter out of a zip; they may lie in a folder of it.
 * @throws FormatError for a damaged zip, one over the limits, one without an adapter or with several
 */
export function unpackAdapterZip(
  bytes: Uint8Array,
  zipName: string,
  limits: UnzipLimits = defaultUnzipLimits,
): PeftAdapterFiles {
  const entries = listEntries(bytes, zipName, limits);
  const names = entries.map(({ name }) => name);
  const configs = names.filter((name) => name === configName || name.endsWith(`/${configName}`));
  if (configs.length !== 1) {
    const got = configs.length === 0 ? `only ${shown(names.slice(0, 10))}` : shown(configs);
    throw new FormatError(
      zipName,
      "",
      `expected one ${configName} with ${weightsName} beside it, got ${got}.`,
    );
  }
  const folder = configs[0]!.slice(0, -configName.length);
  const weights = folder + weightsName;
  if (!names.includes(weights)) {
    const pickled = names.includes(`${folder}adapter_model.bin`);
    const got = pickled
      ? "adapter_model.bin, a pickle. Save the adapter with safe_serialization=True"
      : "none";
    throw new FormatError(zipName, weights, `expected this file beside ${configName}, got ${got}.`);
  }
  const wanted = new Map(entries.map(({ name, originalSize }) => [name, originalSize]));
  for (const name of wanted.keys()) if (name !== configs[0] && name !== weights) wanted.delete(name);
  const files = inflate(bytes, zipName, wanted);
  return { [configName]: files.get(configs[0]!)!, [weightsName]: files.get(weights)! };
}

/** The zip's own list, checked against the limits before anything is unpacked. */
function listEntries(bytes: Uint8Array, zipName: string, limits: UnzipLimits): ZipEntry[] {
  const entries = new Map<string, ZipEntry>();
  let count = 0;
  let totalBytes = 0;
  const visit = (entry: ZipEntry): boolean => {
    count++;
    totalBytes += entry.originalSize;
    if (count > limits.fileCount) {
      throw new FormatError(zipName, "", `expected at most ${limits.fileCount} files, got more.`);
    }
    if (totalBytes > limits.totalBytes) {
      const limit = `${limits.totalBytes} bytes unpacked`;
      throw new FormatError(
        zipName,
        entry.name,
        `expected at most ${limit}, got ${totalBytes} up to this file.`,
      );
    }
    if (entries.has(entry.name))
      throw new FormatError(zipName, entry.name, "expected this name once, got it twice.");
    entries.set(entry.name, entry);
    return false; // only list
  };
  try {
    unzipSync(bytes, { filter: visit });
  } catch (error) {
    throw asFormatError(error, zipName);
  }
  return [...entries.values()];
}

/** Unpacks the files of `wanted` (name → declared size), stopping at the first byte more than declared. */
function inflate(
  bytes: Uint8Array,
  zipName: string,
  wanted: ReadonlyMap<string, number>,
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const written = new Map<string, number>();
  const unzip = new Unzip((file) => {
    const size = wanted.get(file.name);
    if (size === undefined || written.has(file.name)) return;
    const contents = new Uint8Array(size);
    written.set(file.name, 0);
    file.ondata = (error, chunk, final) => {
      if (error) throw error;
      const at = written.get(file.name)!;
      if (at + chunk.length > size || (final && at + chunk.length < size)) {
        const got = final ? at + chunk.length : "more";
        throw new FormatError(zipName, file.name, `expected ${size} bytes as the zip declares, got ${got}.`);
      }
      contents.set(chunk, at);
      written.set(file.name, at + chunk.length);
      if (final) files.set(file.name, contents);
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  // Small pieces, so that one push cannot unfold into much: deflate expands at most 1032 times.
  const pieceBytes = 16 * 1024;
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      unzip.push(bytes.subarray(at, at + pieceBytes), at + pieceBytes >= bytes.length);
    }
  } catch (error) {
    throw asFormatError(error, zipName);
  }
  for (const name of wanted.keys()) {
    if (!files.has(name))
      throw new FormatError(zipName, name, "expected this file complete, got a truncated zip.");
  }
  return files;
}

function asFormatError(error: unknown, zipName: string): FormatError {
  if (error instanceof FormatError) return error;
  return new FormatError(zipName, "", `expected a zip file, got damaged data (${(error as Error).message}).`);
}
