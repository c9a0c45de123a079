// What a model passes through on its way from a checkpoint to a folder: never more than a tensor of it and some.
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Gpu } from "../gpu/device";
import { changedModelFiles } from "../models/changedModel";
import { readModel, writeContents } from "./files";
import { temporaryFolder } from "./testing/tinyModel";

const work = temporaryFolder();
const gpu = { maxBindingBytes: 2 ** 30 } as Gpu; // none is used

/** A llama2.c checkpoint of 203 MB, its largest tensor 16.8 MB, whose numbers are zeros that take no room on the disk. */
async function writeCheckpoint(path: string): Promise<{ sizeBytes: number; largestBytes: number }> {
  const [dim, hiddenDim, layers, heads, vocabSize, length] = [1024, 4096, 3, 16, 300, 64];
  const header = new Int32Array([dim, hiddenDim, layers, heads, heads, vocabSize, length]);
  const perLayer = 4 * dim ** 2 + 3 * dim * hiddenDim + 2 * dim;
  const parameters = layers * perLayer + dim + vocabSize * dim + length * (dim / heads);
  const sizeBytes = 28 + 4 * parameters;
  const file = await open(join(path, "model.bin"), "w");
  await file.write(new Uint8Array(header.buffer));
  await file.truncate(sizeBytes);
  await file.close();
  const vocabulary = Buffer.alloc(4 + vocabSize * 9);
  for (let id = 0; id < vocabSize; id++) {
    vocabulary.writeInt32LE(1, 4 + id * 9 + 4);
    vocabulary[4 + id * 9 + 8] = 65 + (id % 26);
  }
  const tokenizer = await open(join(path, "tok300.bin"), "w");
  await tokenizer.write(vocabulary);
  await tokenizer.close();
  return { sizeBytes, largestBytes: 4 * dim * hiddenDim };
}

it("holds no more than the largest tensor and 64 MB while it writes a folder", async () => {
  const { sizeBytes, largestBytes } = await writeCheckpoint(work);
  const heldBytes = () => process.memoryUsage().arrayBuffers;
  const before = heldBytes();
  let most = 0;
  const model = await readModel(join(work, "model.bin"), "model", gpu);
  const files = [...changedModelFiles(model, new Map(), "BF16")].map(([name, content]) => {
    if (content instanceof Uint8Array) return [name, content] as const;
    const read = async (begin: number, end: number) => {
      const bytes = await content.read(begin, end);
      most = Math.max(most, heldBytes());
      return bytes;
    };
    return [name, { ...content, read }] as const;
  });
  await writeContents(join(work, "out"), files);
  const { size } = await stat(join(work, "out", "model.safetensors"));
  expect(size).toBeGreaterThan(sizeBytes / 2 - 10_000);
  console.log(
    `${(sizeBytes / 1e6).toFixed(0)} MB read and written, ${((most - before) / 1e6).toFixed(1)} MB held`,
  );
  expect(most - before).toBeLessThan(largestBytes + 64 * 2 ** 20);
});
