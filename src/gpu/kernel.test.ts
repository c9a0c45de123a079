import { describe, expect, it } from "vitest";
import { openGpu } from "./device";
import { KernelCache } from "./kernel";
import { specialise } from "./specialise";

const { device } = await openGpu(navigator.gpu);

const source = {
  name: "double",
  code: `override COUNT: u32;
override FACTOR: f32;
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < COUNT) {
    y[id.x] *= FACTOR;
  }
}`,
};
const textFor = (COUNT: number, FACTOR = 2) => specialise(source, { COUNT, FACTOR }, "uniform");

describe("KernelCache", () => {
  it("compiles a text once, whatever sizes it will read, and another text anew", async () => {
    const cache = new KernelCache(device);
    const first = await cache.get(textFor(4));
    expect(await cache.get(textFor(8))).toBe(first);
    expect(await cache.get(textFor(4, 3))).not.toBe(first);
    expect(await cache.get(specialise(source, { COUNT: 4, FACTOR: 2 }))).not.toBe(first);
  });

  it("fails with the shader's own message and its line in the file", async () => {
    const broken = { name: "broken", code: source.code.replace("*= FACTOR", "*= z") };
    for (const sizes of ["pinned", "uniform"] as const) {
      const text = specialise(broken, { COUNT: 4, FACTOR: 2 }, sizes);
      await expect(new KernelCache(device).get(text)).rejects.toThrow(
        /^kernel broken: line 7: unresolved value 'z'/,
      );
    }
  });
});
