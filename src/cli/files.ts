// Folders on disk as the formats take them: file names → bytes, and back without ever leaving half a file.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { open, readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type ByteSource, partsOf, readWhole } from "../formats/byteSource";
import { llama2cFolder } from "../formats/llama2c";
import { bestExport, isOnnxFile } from "../formats/onnxFiles";
import { type PeftAdapter, readPeftAdapter } from "../formats/peft";
import type { Gpu } from "../gpu/device";
import { codeBitsOf, type FolderSources, type ModelFolder, readModelFolder } from "../models/modelFolder";
import { checkModelFits } from "../models/residentModel";
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
  return { name: basename(path), sizeBytes: info.size, read: (begin, end) => readRange(path, begin, end) };
}

/** A model folder, and the files of it that go into a folder made from it. */
export interface GivenModel {
  readonly folder: ModelFolder;
  readonly companions: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads a Hugging Face model folder, with an ONNX export in place of safetensors too, or a llama2.c checkpoint (.bin) beside its tokenizer (tok….bin).
 * @param flag named in complaints about the folder
 * @throws GpuMemoryError with both numbers when even a few rows of a tensor are over what the GPU binds, before weights
 *   are read; FormatError naming the file and what is wrong in it
 */
export async function readModel(path: string, flag: string, gpu: Gpu): Promise<GivenModel> {
  if (path.endsWith(".bin")) return givenModel(await llama2cFolder(await openCheckpoint(path, flag)), gpu);
  await checkFolder(path, flag);
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const isWanted = (name: string) =>
    name === "config.json" || weightsNames.test(name) || companionNames.test(name);
  const sources = new Map<string, ByteSource>();
  for (const name of names.filter(isWanted)) sources.set(name, await fileSource(join(path, name), flag));
  if (!names.some((name) => weightsNames.test(name))) {
    // An ONNX export lies in the folder itself or, as Optimum writes it, one below.
    for (const folder of [path, join(path, "onnx")]) {
      const inner = (await readdir(folder).catch(() => [])).filter(isOnnxFile);
      for (const name of bestExport(inner)?.files ?? inner) {
        sources.set(name, await fileSource(join(folder, name), flag));
      }
    }
  }
  return givenModel(sources, gpu);
}

async function givenModel(sources: FolderSources, gpu: Gpu): Promise<GivenModel> {
  const folder = await readModelFolder(sources);
  checkModelFits(folder, gpu);
  const codeBits = codeBitsOf(folder);
  if (codeBits) {
    const text = `the base is dequantised: its weights are computed from codes of ${codeBits} bits`;
    process.stderr.write(`${text}, not the values that the model was made with\n`);
  }
  const companions = new Map<string, Uint8Array>();
  for (const [name, source] of sources) {
    if (!companionNames.test(name)) continue;
    companions.set(name, source instanceof Uint8Array ? source : await readWhole(source));
  }
  return { folder, companions };
}

/** A llama2.c checkpoint and the tokenizer in its folder. */
async function openCheckpoint(path: string, flag: string): Promise<Map<string, ByteSource>> {
  const checkpoint = await fileSource(path, flag);
  const names = await readdir(dirname(path));
  const tokenizers = names.filter((name) => /^tok.*[.]bin$/.test(name) && name !== basename(path));
  if (tokenizers.length !== 1) {
    const got = tokenizers.join(", ") || "none";
    throw new FlagError(flag, `expected one tokenizer (tok….bin) beside ${basename(path)}, got ${got}`);
  }
  const tokenizer = tokenizers[0]!;
  return new Map([
    [basename(path), checkpoint],
    [tokenizer, await fileSource(join(dirname(path), tokenizer), flag)],
  ]);
}

/** Bytes of a file; fewer where it ends. One read of Node ends at 2 GiB, which a file of weights may pass. */
async function readRange(path: string, begin: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(end - begin);
    let done = 0;
    while (done < bytes.length) {
      const wanted = Math.min(READ_BYTES, bytes.length - done);
      const { bytesRead } = await file.read(bytes, done, wanted, begin + done);
      if (bytesRead === 0) return bytes.subarray(0, done);
      done += bytesRead;
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

/** A file that is held, or one that is made as it is read. */
export type FileContent = Uint8Array | string | ByteSource;

/**
 * Writes a folder's files, those that are made as they are read first and a part at a time: when one cannot be made,
 * nothing stands in its place.
 */
export async function writeContents(
  path: string,
  files: Iterable<readonly [string, FileContent]>,
): Promise<void> {
  mkdirSync(path, { recursive: true });
  const held: [string, Uint8Array | string][] = [];
  for (const [name, content] of files) {
    if (typeof content === "string" || content instanceof Uint8Array) held.push([name, content]);
    else await writeSource(join(path, name), content);
  }
  writeFolder(path, held);
}

async function writeSource(path: string, source: ByteSource): Promise<void> {
  const temporary = `${path}.partial`;
  const file = await open(temporary, "w");
  try {
    for await (const part of partsOf(source)) {
      for (let at = 0; at < part.length; ) at += (await file.write(part, at)).bytesWritten;
    }
    await file.sync();
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    await file.close();
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
