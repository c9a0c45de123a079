import { describe, expect, it } from "vitest";
import { openGpu } from "./device";
import { KernelTimer, timesByKernel } from "./kernelTimer";
import { allocate, release } from "./memory";
import { type KernelCall, Program } from "./program";
import { submit } from "./submit";

const { device } = await openGpu(navigator.gpu);

const kernelOf = (name: string) => ({
  name,
  code: `override ROUNDS: u32;
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var sum = y[id.x];
  for (var i = 0u; i < ROUNDS; i++) {
    sum = sin(sum);
  }
  y[id.x] = sum;
}`,
});

describe("KernelTimer", () => {
  it("times every dispatch of more than one query set, and starts anew after each reading", async () => {
    const [storage] = await allocate(device, [{ label: "y", sizeBytes: 256 }]);
    const y = { ...{ label: "y", shape: [64], dtype: "f32" as const, storage: storage!, offsetBytes: 0 } };
    const call = (name: string, ROUNDS: number): KernelCall => ({
      source: kernelOf(name),
      constants: { ROUNDS },
      bindings: { y: { ...y, sizeBytes: 256 } },
      workgroups: [1, 1, 1],
    });
    const short = Array.from({ length: 2100 }, () => call("short", 1));
    const program = await Program.create(device, {
      many: short,
      few: [call("long", 200_000), call("short", 1)],
    });
    const timer = new KernelTimer(device);
    const time = (phase: "many" | "few") => {
      submit(device, (encoder) => {
        program.encode(encoder, phase, timer);
        timer.resolve(encoder);
      });
      return timer.read();
    };
    const many = await time("many");
    expect(many).toHaveLength(2100);
    const few = await time("few");
    expect(few.map(({ kernel, workgroups }) => [kernel, ...workgroups])).toEqual([
      ["long", 1, 1, 1],
      ["short", 1, 1, 1],
    ]);
    expect(few[0]!.gpuNs).toBeGreaterThan(few[1]!.gpuNs);
    expect(timesByKernel([...few, ...few]).map(({ kernel, dispatches }) => [kernel, dispatches])).toEqual([
      ["long", 2],
      ["short", 2],
    ]);
    timer.destroy();
    program.destroy();
    release([storage!]);
  });
});
