// Weights of a model folder one at a time, for any model whose folder holds safetensors: the analysis needs no
// configuration and no GPU, and a model larger than the memory has no weight that is.
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { shown } from "../formats/formatError";
import { readSafetensorsHeader } from "../formats/safetensors";
import { type Tensor, toFloat32, transposed } from "../formats/tensor";
import type { LowRankChange } from "../lab/analysis/lowRankAdapter";
import type { Weight } from "../lab/analysis/weight";
import { FlagError } from "./flags";

interface TensorPlace extends Omit<Tensor, "bytes"> {
  readonly file: string;
  readonly start: number;
  readonly sizeBytes: number;
}

/** The tensors of a folder, by name, read when asked for. */
export class WeightFiles {
  private constructor(
    private readonly folder: string,
    private readonly places: ReadonlyMap<string, TensorPlace>,
  ) {}

  /** @throws FlagError when the folder has no weights; FormatError naming a damaged file */
  static async open(folder: string, flag: string): Promise<WeightFiles> {
    const names = await readdir(folder).catch((error: Error) => {
      throw new FlagError(flag, `expected a model folder, got ${error.message}`);
    });
    const files = names.filter((name) => name.endsWith(".safetensors"));
    if (files.length === 0) {
      throw new FlagError(
        flag,
        `expected *.safetensors in ${folder}, got ${shown(names.slice(0, 5))}; save the model as safetensors`,
      );
    }
    const places = new Map<string, TensorPlace>();
    for (const file of files) {
      for (const [name, place] of await placesOf(join(folder, file), file)) places.set(name, place);
    }
    return new WeightFiles(folder, places);
  }

  /**
   * The weight that an adapter's module changes, [out, in].
   * @param isTransposed whether the folder keeps it as [in, out]
   * @throws FlagError when the folder has none of that name and shape
   */
  async weightOf({ path, outFeatures, inFeatures }: LowRankChange, isTransposed: boolean): Promise<Weight> {
    const name = nameOf(path, this.places);
    const place = name === undefined ? undefined : this.places.get(name);
    const expected = isTransposed ? [inFeatures, outFeatures] : [outFeatures, inFeatures];
    if (!place || String(place.shape) !== String(expected)) {
      const got = place ? `[${place.shape}]` : "none";
      throw new FlagError(
        "model",
        `expected ${path}.weight [${expected}] as the adapter has it, got ${got}. The adapter was made for another model`,
      );
    }
    const bytes = await readRange(join(this.folder, place.file), place.start, place.sizeBytes);
    const tensor = { dtype: place.dtype, shape: place.shape, bytes };
    return { values: toFloat32(isTransposed ? transposed(tensor) : tensor), outFeatures, inFeatures };
  }
}

/** A checkpoint may leave out the head's part of a path ("transformer." of GPT-2), or have one more. */
function nameOf(path: string, places: ReadonlyMap<string, unknown>): string | undefined {
  const parts = path.split(".");
  for (let from = 0; from < parts.length; from++) {
    const name = `${parts.slice(from).join(".")}.weight`;
    // What is left must still say which layer: "q_proj.weight" alone would be any.
    if (!/(^|\.)\d+\./.test(name)) break;
    if (places.has(name)) return name;
  }
  const longer = [...places.keys()].filter((name) => name.endsWith(`.${path}.weight`));
  return longer.length === 1 ? longer[0] : undefined;
}

async function placesOf(path: string, file: string): Promise<[string, TensorPlace][]> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const read = async (bytes: number) => {
      const buffer = new Uint8Array(Math.min(bytes, size));
      await handle.read(buffer, 0, buffer.length, 0);
      return buffer;
    };
    const start = await read(8);
    const headerBytes = start.length < 8 ? 0 : Number(new DataView(start.buffer).getBigUint64(0, true));
    // A length that lies is reported by the reader, which needs no more than the file for it.
    const header = await read(8 + Math.min(headerBytes, size));
    const { places, dataStart } = readSafetensorsHeader(header, size, file);
    return [...places].map(([name, { dtype, shape, begin, end }]) => [
      name,
      { dtype, shape, file, start: dataStart + begin, sizeBytes: end - begin },
    ]);
  } finally {
    await handle.close();
  }
}

/** In pieces, because Node reads at most 2 GiB at once. */
async function readRange(path: string, start: number, sizeBytes: number): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const bytes = new Uint8Array(sizeBytes);
    for (let at = 0; at < sizeBytes; ) {
      const { bytesRead } = await handle.read(bytes, at, Math.min(2 ** 30, sizeBytes - at), start + at);
      if (bytesRead === 0) throw new Error(`${path}: expected ${sizeBytes} bytes at ${start}, got ${at}`);
      at += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}
