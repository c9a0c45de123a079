import { describe, expect, it } from "vitest";
import { openGpu } from "./device";
import { bindingsOf, KernelCache, specialise } from "./kernel";

const { device } = await openGpu(navigator.gpu);

const source = {
  name: "example",
  code: `override COUNT: u32;
override OFFSET: i32; // comments stay
override FACTOR: f32;
override FLAG: bool;
@group(0) @binding(0) var<uniform> step: vec4u;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
var<workgroup> scratch: array<f32, COUNT>;
var<private> sized: array<f32, COUNT>;
@compute @workgroup_size(COUNT)
fn main(@builtin(local_invocation_index) i: u32) {
  scratch[i] = x[i];
  sized[i] = select(0.0, FACTOR + f32(OFFSET), FLAG) + f32(step.x);
  y[i] = scratch[i] * sized[i];
}`,
};
const constants = { COUNT: 4, OFFSET: -3, FACTOR: 1e-8, FLAG: true };

describe("specialise", () => {
  it("pins every override as a const of its type", () => {
    const lines = specialise(source, constants).split("\n");
    expect(lines.slice(0, 4)).toEqual([
      "const COUNT: u32 = 4u;",
      "const OFFSET: i32 = -3i; // comments stay",
      "const FACTOR: f32 = f32(1e-8);",
      "const FLAG: bool = true;",
    ]);
    expect(lines.slice(4)).toEqual(source.code.split("\n").slice(4));
  });

  it("names the kernel and the constant that is missing or unknown", () => {
    const { FACTOR: _, ...without } = constants;
    expect(() => specialise(source, without)).toThrow(
      "kernel example: expected a value for FACTOR, got none",
    );
    expect(() => specialise(source, { ...constants, FACTR: 1 })).toThrow(
      "kernel example: has no constant named FACTR",
    );
  });
});

describe("bindingsOf", () => {
  it("reads index, name and access from the declarations", () => {
    expect(bindingsOf(source)).toEqual([
      { index: 0, name: "step", access: "uniform" },
      { index: 1, name: "x", access: "read-only-storage" },
      { index: 3, name: "y", access: "storage" },
    ]);
  });
});

describe("KernelCache", () => {
  it("compiles the same text once and another specialisation anew", async () => {
    const cache = new KernelCache(device);
    const first = await cache.get(source, constants);
    expect(await cache.get(source, { ...constants })).toBe(first);
    expect(await cache.get(source, { ...constants, COUNT: 8 })).not.toBe(first);
  });

  it("fails with the shader's own message", async () => {
    const broken = { name: "broken", code: source.code.replace("scratch[i] = x[i]", "scratch[i] = z[i]") };
    await expect(new KernelCache(device).get(broken, constants)).rejects.toThrow(/unresolved value 'z'/);
  });
});
