import { expect, it } from "vitest";
import { loadGolden } from "../../oracle/goldens";
import { type ByteSource, bytesSource } from "../formats/byteSource";
import { tensorBytes, toFloat32 } from "../formats/tensor";
import { heldTensors } from "../formats/testing/heldTensors";
import { openGpu } from "../gpu/device";
import { readBuffer } from "../gpu/memory";
import { isQuantised, type QuantisedDtype } from "../gpu/quantised";
import { parameterBytes, type Tensor } from "../gpu/tensor";
import { rowBlocks } from "../ops/rowBlocks";
import { paddedShape } from "../ops/testing/arrays";
import { dequantised } from "../ops/twins/quantise.twin";
import { readModelWeights } from "./modelFolder";
import { cropParameter, uploadModel } from "./residentModel";

/** Counts what is read of a file at once, and remembers it. */
class CountingSource implements ByteSource {
  readonly #source: ByteSource;
  outstanding = 0;
  given: Uint8Array[] = [];
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
    this.given.push(bytes);
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
  source.given = [];
  const resident = await uploadModel(gpu, model, (fraction) => fractions.push(fraction));
  expect(source.largest).toBeLessThanOrEqual(largestTensor);
  expect(source.largest).toBeGreaterThan(0);
  expect(fractions.at(-1)).toBe(1);
  // What was read is given back, not left to the collector.
  expect(source.given.length).toBeGreaterThan(model.tensors.size / 2);
  expect(source.given.reduce((sum, { length }) => sum + length, 0)).toBe(0);
  for (const [label, tensor] of await heldTensors(model)) {
    const { storage, shape } = resident.tensors.get(label)!;
    const stored = new Float32Array(await readBuffer(gpu.device, storage));
    expect(cropParameter(stored, shape)).toEqual(toFloat32(tensor));
  }
  resident.release();
});

it.each<[string, QuantisedDtype | undefined]>([
  ["lm_head.weight", undefined], // [131, 42]
  ["model.layers.0.mlp.gate_proj.weight", "int8"], // [101, 42]
  ["model.layers.0.mlp.gate_proj.weight", "nf4"],
])("splits %s in %s by rows, and what it holds stays the same", async (name, quantisation) => {
  const folder = new Map<string, Uint8Array>();
  for (const file of ["config.json", "model.safetensors"])
    folder.set(file, await loadGolden(`odd-untied-f32-r3/${file}`));
  const weights = { ...(await readModelWeights(folder)), quantisation };
  const gpu = await openGpu(navigator.gpu);
  const whole = await uploadModel(gpu, weights);
  const split = await uploadModel(
    { ...gpu, maxBindingBytes: parameterBytes([64, 42], quantisation) },
    weights,
  );

  const valuesOf = async ({ storage, dtype, shape, sizeBytes }: Tensor): Promise<number[]> => {
    const bytes = await readBuffer(gpu.device, storage, 0, sizeBytes);
    const stored = paddedShape(shape, "parameter") as [number, number];
    return isQuantised(dtype)
      ? [...dequantised(new Uint8Array(bytes), stored, dtype)]
      : [...new Float32Array(bytes)];
  };
  const blocks = rowBlocks(split.tensors.get(name)!);
  const values = await Promise.all(blocks.map(({ block }) => valuesOf(block)));
  expect(blocks.length).toBeGreaterThan(1);
  expect(values.flat()).toEqual(await valuesOf(whole.tensors.get(name)!));
  whole.release();
  split.release();
});
