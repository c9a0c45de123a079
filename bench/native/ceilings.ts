// What the device can do at most through WebGPU, measured: this engine's own matrix product, and a copy.
import type { Gpu } from "../../src/gpu/device";
import { type KernelCall, Program } from "../../src/gpu/program";
import { submit } from "../../src/gpu/submit";
import { Storage } from "../../src/gpu/tensor";
import { defineKernel, grid } from "../../src/ops/op";
import { forwardProduct } from "../../src/ops/product";
import { residentTensor, Trace } from "../../src/ops/trace";

export interface Ceilings {
  readonly matmulTflops: number;
  readonly copyGbps: number;
}

const copyKernel = defineKernel(
  "copy",
  `override SIZE4: u32;
@group(0) @binding(0) var<storage, read> original: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> copied: array<vec4f>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i < SIZE4) {
    copied[i] = original[i];
  }
}`,
);

/** @param size rows and columns of the product's matrices; @param copyBytes bytes that are copied */
export async function measureCeilings(gpu: Gpu, size: number, copyBytes: number): Promise<Ceilings> {
  const place = (label: string, shape: readonly number[]) => {
    const bytes = 4 * shape.reduce((product, count) => product * count, 1);
    return residentTensor(label, shape, "f32", new Storage(label, bytes, "planned"));
  };
  const nothing = place("nothing", [8]);
  const trace = new Trace({ step: nothing, cells: nothing, nothing }, false, gpu.tiling);
  const square = [size, size];
  forwardProduct(trace, { x: place("x", square), weight: place("W", square), y: place("y", square) });
  const SIZE4 = copyBytes / 16;
  const copy: KernelCall = {
    source: copyKernel,
    constants: { SIZE4 },
    bindings: { original: place("original", [copyBytes / 4]), copied: place("copied", [copyBytes / 4]) },
    workgroups: grid(SIZE4),
  };
  return {
    matmulTflops: (2 * size ** 3) / (await nanoseconds(gpu, trace.calls[0]!)) / 1e3,
    copyGbps: (2 * copyBytes) / (await nanoseconds(gpu, copy)),
  };
}

/** Time of one call among many: the best of a few rounds, since other work can only add to it. */
async function nanoseconds({ device }: Gpu, call: KernelCall): Promise<number> {
  const program = await Program.create(device, { call: [call] });
  const round = async (times: number) => {
    const start = performance.now();
    submit(device, (encoder) => {
      for (let i = 0; i < times; i++) program.encode(encoder, "call");
    });
    await device.queue.onSubmittedWorkDone();
    return ((performance.now() - start) * 1e6) / times;
  };
  await round(1);
  const times = Math.max(1, Math.min(100, Math.ceil(2e8 / (await round(1)))));
  const rounds = [await round(times), await round(times), await round(times)];
  program.destroy();
  return Math.min(...rounds);
}
