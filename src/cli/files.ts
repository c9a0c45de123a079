// Folders on disk as the formats take them: file names → bytes, and back without ever leaving half a file.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  writeSync,
} from "node:fs";
import { open, readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { ByteSource } from "../data/byteSource";
import { llama2cFolder } from "../formats/llama2c";
import { type PeftAdapter, readPeftAdapter } from "../formats/peft";
import { readSafetensorsHeader } from "../formats/safetensors";
import { checkBindable } from "../gpu/memory";
import { type ModelFolder, readModelFolder } from "../models/modelFolder";
import { FlagError } from "./flags";

/** What goes with the weights into a folder that is made from them; cards and a run's own files do not. */
const companionNames =
  /^(tokenizer.*[.](json|model)|generation_config[.]json|special_tokens_map[.]json|added_tokens[.]json|vocab[.]json|merges[.]txt|chat_template[.](jinja|json)|LICENSE.*)$/;
const weightsNames = /[.]safetensors([.]index[.]json)?$/;
/** Most bytes that one read of Node may ask for. */
const READ_BYTES = 2 ** 30;

/** @throws FlagError naming the flag when there is no such folder */
async function checkFolder(path: string, flag: string): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isDirectory()) {
    throw new FlagError(flag, `expected a folder, got ${info ? "a file" : "nothing"} at ${path}`);
  }
}

/** @throws FlagError naming the flag when the file cannot be read */
export async function readGivenFile(path: string, flag: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new FlagError(flag, `expected a file that can be read, got ${(error as Error).message}`);
  }
}

/** A file that is read piece by piece. @throws FlagError naming the flag when there is none */
export async function fileSource(path: string, flag: string): Promise<ByteSource> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile()) {
    throw new FlagError(
      flag,
      `expected a file that can be read, got ${info ? "a folder" : "nothing"} at ${path}`,
    );
  }
  const read = async (begin: number, end: number) => {
    const file = await open(path);
    try {
      const bytes = new Uint8Array(end - begin);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, begin);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  };
  return { name: basename(path), sizeBytes: info.size, read };
}

/** A model folder, and the files of it that go into a folder made from it. */
export interface GivenModel {
  readonly folder: ModelFolder;
  readonly companions: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads a Hugging Face model folder, or a llama2.c checkpoint (.bin) beside its tokenizer (tok….bin).
 * @param flag named in complaints about the folder
 * @throws GpuMemoryError with both numbers when a tensor is over what the GPU binds, before weights are read;
 *   FormatError naming the file and what is wrong in it
 */
export async function readModel(path: string, flag: string, limits: GPUSupportedLimits): Promise<GivenModel> {
  if (path.endsWith(".bin")) return givenModel(llama2cFolder(await readCheckpoint(path, flag)));
  await checkFolder(path, flag);
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  for (const name of names.filter((each) => each.endsWith(".safetensors"))) {
    await checkTensorSizes(join(path, name), limits);
  }
  const isWanted = (name: string) =>
    name === "config.json" || weightsNames.test(name) || companionNames.test(name);
  const files = new Map<string, Uint8Array>();
  for (const name of names.filter(isWanted)) files.set(name, await readWhole(join(path, name)));
  return givenModel(files);
}

function givenModel(files: ReadonlyMap<string, Uint8Array>): GivenModel {
  const folder = readModelFolder(files);
  const companions = new Map([...files].filter(([name]) => companionNames.test(name)));
  return { folder, companions };
}

/** A llama2.c checkpoint and the tokenizer in its folder. */
async function readCheckpoint(path: string, flag: string): Promise<Map<string, Uint8Array>> {
  const checkpoint = await readGivenFile(path, flag);
  const names = await readdir(dirname(path));
  const tokenizers = names.filter((name) => /^tok.*[.]bin$/.test(name) && name !== basename(path));
  if (tokenizers.length !== 1) {
    const got = tokenizers.join(", ") || "none";
    throw new FlagError(flag, `expected one tokenizer (tok….bin) beside ${basename(path)}, got ${got}`);
  }
  const tokenizer = tokenizers[0]!;
  return new Map([
    [basename(path), checkpoint],
    [tokenizer, await readGivenFile(join(dirname(path), tokenizer), flag)],
  ]);
}

async function checkTensorSizes(path: string, limits: GPUSupportedLimits): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const start = new Uint8Array(8);
    const { bytesRead } = await file.read(start, 0, 8, 0);
    const headerBytes = bytesRead < 8 ? 0n : new DataView(start.buffer).getBigUint64(0, true);
    if (headerBytes === 0n || headerBytes > BigInt(size)) return; // damaged: reported where the file is read
    const header = new Uint8Array(8 + Number(headerBytes));
    await file.read(header, 0, header.length, 0);
    const { places } = readSafetensorsHeader(header, size, basename(path));
    for (const [name, { begin, end }] of places) checkBindable(limits, name, end - begin);
  } finally {
    await file.close();
  }
}

/** Node's readFile ends at 2 GiB, which one file of weights may pass. */
async function readWhole(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array((await file.stat()).size);
    let at = 0;
    while (at < bytes.length) {
      const { bytesRead } = await file.read(bytes, at, Math.min(READ_BYTES, bytes.length - at), at);
      if (bytesRead === 0) break; // the file became shorter: its format says what is missing
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** Reads a PEFT adapter folder. @throws FlagError or FormatError */
export async function readAdapter(path: string, flag: string): Promise<PeftAdapter> {
  await checkFolder(path, flag);
  return readPeftAdapter({
    "adapter_config.json": await readGivenFile(join(path, "adapter_config.json"), flag),
    "adapter_model.safetensors": await readGivenFile(join(path, "adapter_model.safetensors"), flag),
  });
}

/** Replaces a file as a whole: whoever reads it, even after a power cut, finds the old bytes or the new ones. */
export function writeWhole(path: string, bytes: Uint8Array | string): void {
  const temporary = `${path}.partial`;
  const file = openSync(temporary, "w");
  try {
    const data = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    for (let at = 0; at < data.length; ) {
      at += writeSync(file, data, at, Math.min(READ_BYTES, data.length - at));
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

export function writeFolder(path: string, files: Iterable<readonly [string, Uint8Array | string]>): void {
  mkdirSync(path, { recursive: true });
  for (const [name, bytes] of files) writeWhole(join(path, name), bytes);
}

/** @throws FlagError when the folder to write is one that is read; `inputs` by flag */
export function checkApart(out: string, inputs: Readonly<Record<string, string | null>>): void {
  for (const [flag, input] of Object.entries(inputs)) {
    if (input !== null && isSamePath(input, out)) {
      throw new FlagError(
        "out",
        `expected another folder than --${flag}, got ${out}: it would be overwritten`,
      );
    }
  }
}

export function isSamePath(a: string, b: string): boolean {
  const real = (path: string) => (existsSync(path) ? realpathSync(path) : resolve(path));
  return real(a) === real(b);
}

/** @throws FlagError when the folder holds files already, unless `overwrite` */
export async function checkOutput(path: string, overwrite: boolean): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (info && !info.isDirectory()) throw new FlagError("out", `expected a folder, got a file at ${path}`);
  const names = info ? await readdir(path) : [];
  if (names.length > 0 && !overwrite) {
    throw new FlagError(
      "out",
      `expected a new or empty folder, got ${path} with ${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""}; ` +
        "choose another one, or add --overwrite",
    );
  }
}
