import { expect, it } from "vitest";
import { loadGolden } from "../../oracle/goldens";
import { type ByteSource, bytesSource } from "../formats/byteSource";
import { tensorBytes, toFloat32 } from "../formats/tensor";
import { heldTensors } from "../formats/testing/heldTensors";
import { openGpu } from "../gpu/device";
import { readBuffer } from "../gpu/memory";
import { readModelWeights } from "./modelFolder";
import { cropParameter, uploadModel } from "./residentModel";

/** Counts what is read of a file at once. */
class CountingSource implements ByteSource {
  readonly #source: ByteSource;
  outstanding = 0;
  largest = 0;

  constructor(
    readonly name: string,
    bytes: Uint8Array,
  ) {
    this.#source = bytesSource(name, bytes);
  }

  get sizeBytes(): number {
    return this.#source.sizeBytes;
  }

  async read(begin: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    this.outstanding += end - begin;
    this.largest = Math.max(this.largest, this.outstanding);
    const bytes = await this.#source.read(begin, end);
    await new Promise((resolve) => setTimeout(resolve));
    this.outstanding -= end - begin;
    return bytes;
  }
}

it.each(["odd-untied-f32-r3", "gpt2-tied-f32"])("streams %s to the GPU a tensor at a time", async (name) => {
  const weights = "model.safetensors";
  const source = new CountingSource(weights, await loadGolden(`${name}/${weights}`));
  const config = await loadGolden(`${name}/config.json`);
  const model = await readModelWeights(
    new Map<string, ByteSource | Uint8Array>([["config.json", config]]).set(weights, source),
  );
  const largestTensor = Math.max(...[...model.tensors.values()].map(tensorBytes));
  const gpu = await openGpu(navigator.gpu);
  const fractions: number[] = [];
  source.largest = 0; // of the header
  const resident = await uploadModel(gpu, model, (fraction) => fractions.push(fraction));
  expect(source.largest).toBeLessThanOrEqual(largestTensor);
  expect(source.largest).toBeGreaterThan(0);
  expect(fractions.at(-1)).toBe(1);
  for (const [label, tensor] of await heldTensors(model)) {
    const { storage, shape } = resident.tensors.get(label)!;
    const stored = new Float32Array(await readBuffer(gpu.device, storage));
    expect(cropParameter(stored, shape)).toEqual(toFloat32(tensor));
  }
  resident.release();
});
