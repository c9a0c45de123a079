// Runs a trace on the GPU with given operands and reads back what it kept. Everything runs twice, with outputs and
// the whole arena poisoned by another pattern each time: a value nobody wrote cannot pass, and results must repeat
// to the bit.
import { allocate, bufferOf, readBuffer, release } from "../../gpu/memory";
import { Program } from "../../gpu/program";
import { activationBytes, type PlainDtype, Storage, type Tensor } from "../../gpu/tensor";
import type { Tiling } from "../../gpu/tiling";
import { defineKernel, grid } from "../op";
import { residentWeight, rowBlocks } from "../rowBlocks";
import { residentTensor, Trace } from "../trace";
import { encode, paddedShape, padTo, type TestArray, type Values } from "./arrays";
import { withoutGpuErrors } from "./device";
import { cellBytes, defaultStep, type StepValues, stepBytes } from "./step";

/** As a parameter every dimension is padded to four, as an activation the last one. */
export type Layout = "parameter" | "activation";

/** Bytes of a NaN, and of 1e30: a sum that starts from either shows. */
const poisons = [0x7fc00000, 0x7149f2ca];

const copyKernel = defineKernel(
  "copy",
  `override SIZE: u32;
@group(0) @binding(0) var<storage, read> original: array<u32>;
@group(0) @binding(1) var<storage, read_write> copied: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i < SIZE) {
    copied[i] = original[i];
  }
}`,
);

interface Kept {
  readonly shape: readonly number[];
  readonly stored: readonly number[];
  readonly storage: Storage;
}

/** What a run kept of one tensor. */
export interface Result {
  /** Without padding. */
  readonly values: Values;
  /** All bytes, padding included. */
  readonly bytes: Uint8Array;
}

export class Harness {
  readonly trace: Trace;
  readonly #contents: { readonly storage: Storage; readonly bytes: Uint8Array<ArrayBuffer> }[] = [];
  readonly #kept = new Map<string, Kept>();

  private constructor(
    readonly device: GPUDevice,
    inputs: { step: Tensor; cells: Tensor; nothing: Tensor },
    training: boolean,
    tiling: Tiling | undefined,
  ) {
    this.trace = new Trace(inputs, training, tiling);
  }

  static async open(
    device: GPUDevice,
    {
      step = {},
      training = true,
      tiling,
    }: { step?: Partial<StepValues>; training?: boolean; tiling?: Tiling } = {},
  ): Promise<Harness> {
    const values = { ...defaultStep, ...step };
    const contents = [stepBytes(values), cellBytes(values)];
    const storages = (await allocate(device, [
      { label: "step", sizeBytes: 32, usage: GPUBufferUsage.UNIFORM },
      { label: "cells", sizeBytes: contents[1]!.length },
      { label: "nothing", sizeBytes: 32 },
    ])) as [Storage, Storage, Storage];
    const inputs = {
      step: residentTensor("step", [8], "u32", storages[0]),
      cells: residentTensor("cells", [contents[1]!.length / 4], "u32", storages[1]),
      nothing: residentTensor("nothing", [8], "f32", storages[2]),
    };
    const harness = new Harness(device, inputs, training, tiling);
    contents.push(new Uint8Array(new Float32Array(8).fill(Number.NaN).buffer)); // absent operands must not count
    contents.forEach((bytes, i) => {
      harness.#contents.push({ storage: storages[i]!, bytes });
    });
    return harness;
  }

  /**
   * A resident tensor that holds `array` at the start of each run.
   * @param mostBytes a matrix over it lies in blocks of rows; for types whose elements lie side by side
   */
  async upload(
    label: string,
    array: TestArray,
    layout: Layout = "parameter",
    mostBytes = Number.POSITIVE_INFINITY,
  ): Promise<Tensor> {
    const { shape, dtype, values, encoded } = array;
    const plain = dtype as PlainDtype;
    const place = (name: string, sizeBytes: number) => new Storage(name, sizeBytes, "resident");
    const tensor = residentWeight(label, shape, dtype, mostBytes, place);
    const width = values.length / shape[0]!;
    for (const { block, firstRow } of rowBlocks(tensor)) {
      const rows = values.slice(firstRow * width, (firstRow + block.shape[0]!) * width);
      const bytes = encoded ?? encode(padTo(rows, block.shape, paddedShape(block.shape, layout)), plain);
      const [storage] = (await allocate(this.device, [{ label, sizeBytes: bytes.length }])) as [Storage];
      const whole = new Uint8Array(storage.sizeBytes);
      whole.set(bytes);
      this.#contents.push({ storage, bytes: whole });
      block.storage.buffer = storage.buffer;
    }
    return layout === "parameter"
      ? tensor
      : { ...tensor, sizeBytes: Math.max(16, activationBytes(shape, plain)) };
  }

  /** Copies a tensor out of the arena at this point of the trace. */
  async keep(name: string, tensor: Tensor, layout: Layout = "activation"): Promise<void> {
    const sizeBytes = tensor.sizeBytes;
    const [storage] = (await allocate(this.device, [{ label: name, sizeBytes }])) as [Storage];
    // Only rows of matrices are read as whole vec4s: a vector of one value per row may end in anything.
    const isVector = layout === "activation" && tensor.shape.length === 1;
    const stored = isVector ? tensor.shape : paddedShape(tensor.shape, layout);
    this.#kept.set(name, { shape: tensor.shape, stored, storage });
    const copied: Tensor = { ...tensor, label: name, storage, offsetBytes: 0 };
    const SIZE = sizeBytes / 4;
    this.trace.call(copyKernel, { SIZE }, { original: tensor, copied }, grid(SIZE));
  }

  /** @throws when two runs differ, when padding is not zero, or on any validation error. */
  async run(): Promise<Map<string, Result>> {
    const runs: Map<string, Uint8Array>[] = [];
    const program = await withoutGpuErrors(this.device, () =>
      Program.create(this.device, { phase: this.trace.calls }),
    );
    try {
      for (const poison of poisons) {
        runs.push(await withoutGpuErrors(this.device, () => this.#replay(program, poison)));
      }
    } finally {
      program.destroy();
      release(this.#contents.map(({ storage }) => storage));
      release([...this.#kept.values()].map(({ storage }) => storage));
    }
    const [first, second] = runs as [Map<string, Uint8Array>, Map<string, Uint8Array>];
    return new Map(
      [...this.#kept].map(([name, kept]) => {
        const bytes = first.get(name)!;
        expectSameBytes(name, bytes, second.get(name)!);
        return [name, { bytes, values: withoutPadding(name, bytes, kept) }];
      }),
    );
  }

  async #replay(program: Program, poison: number): Promise<Map<string, Uint8Array>> {
    const { queue } = this.device;
    const fill = (buffer: GPUBuffer) =>
      queue.writeBuffer(buffer, 0, new Uint32Array(buffer.size / 4).fill(poison));
    for (const buffer of new Set(program.memory.storages.map(bufferOf))) fill(buffer);
    for (const { storage } of this.#kept.values()) fill(bufferOf(storage));
    for (const { storage, bytes } of this.#contents) queue.writeBuffer(bufferOf(storage), 0, bytes);
    const encoder = this.device.createCommandEncoder();
    program.encode(encoder, "phase");
    queue.submit([encoder.finish()]);
    const read = new Map<string, Uint8Array>();
    for (const [name, { stored, storage }] of this.#kept) {
      const count = stored.reduce((product, size) => product * size, 1);
      read.set(name, new Uint8Array(await readBuffer(this.device, storage, 0, count * 4)));
    }
    return read;
  }
}

function expectSameBytes(name: string, first: Uint8Array, second: Uint8Array): void {
  const at = first.findIndex((byte, i) => byte !== second[i]);
  if (at >= 0) {
    const [a, b] = [first, second].map((bytes) => new Float32Array(bytes.buffer)[at >> 2]);
    throw new Error(`${name}: expected the same bytes twice, got ${a} and ${b} at element ${at >> 2}`);
  }
}

function withoutPadding(name: string, bytes: Uint8Array, { shape, stored }: Kept): Values {
  const all = new Float32Array(bytes.buffer);
  const width = shape.at(-1) ?? 1;
  const storedWidth = stored.at(-1) ?? 1;
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const values = new Float64Array(rows * width);
  for (let i = 0; i < all.length; i++) {
    const row = Math.floor(i / storedWidth);
    const column = i % storedWidth;
    if (row < rows && column < width) values[row * width + column] = all[i]!;
    else if (all[i] !== 0)
      throw new Error(`${name}: expected zero padding, got ${all[i]} at row ${row}, column ${column}`);
  }
  return values;
}
