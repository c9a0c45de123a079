import { describe, expect, it } from "vitest";
import { openGpu } from "./device";
import { bindingsOf, specialise } from "./specialise";

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
    const lines = specialise(source, constants).code.split("\n");
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

describe("specialise with sizes in a uniform", () => {
  const sized = {
    name: "sized",
    code: `override COUNT: u32;
override WIDTH: u32; // in a const
override DEPTH: u32; // of an array
override LANES: u32;
override FLAG: bool;
const AREA = WIDTH * 2u;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
fn place(i: u32) -> u32 {
  return min(i, COUNT); // COUNT of them
}
@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var parts: array<u32, DEPTH>;
  y[place(id.x)] = AREA + parts[0];
}`,
  };
  const values = { COUNT: 7, WIDTH: 3, DEPTH: 2, LANES: 4, FLAG: false };

  it("moves what the text does not need as a constant, and keeps every line where it was", () => {
    const { code, sizes } = specialise(sized, values, "uniform");
    expect(sizes).toEqual([7]);
    expect(code).toBe(
      sized.code
        .replace(
          "override COUNT: u32;",
          "struct Sizes { COUNT: u32 } @group(0) @binding(3) var<uniform> sizes: Sizes;",
        )
        .replace("override WIDTH: u32;", "const WIDTH: u32 = 3u;")
        .replace("override DEPTH: u32;", "const DEPTH: u32 = 2u;")
        .replace("override LANES: u32;", "const LANES: u32 = 4u;")
        .replace("override FLAG: bool;", "const FLAG: bool = false;")
        .replace("-> u32 {", "-> u32 { let COUNT = sizes.COUNT;"),
    );
    expect(bindingsOf(code).map(({ name }) => name)).toEqual(["sizes", "y"]);
  });

  it("leaves the text as it is when there is nothing to move", () => {
    const { COUNT, ...others } = values;
    const fixed = {
      name: "fixed",
      code: sized.code.replace("override COUNT: u32;", `const COUNT = ${COUNT}u;`),
    };
    expect(specialise(fixed, others, "uniform")).toEqual(specialise(fixed, others));
  });

  it("names the kernel and a size that is missing or no u32", () => {
    const { COUNT: _, ...without } = values;
    expect(() => specialise(sized, without, "uniform")).toThrow(
      "kernel sized: expected a value for COUNT, got none",
    );
    expect(() => specialise(sized, { ...values, COUNT: 1.5 }, "uniform")).toThrow(
      "kernel sized: expected COUNT to be a u32, got 1.5",
    );
  });

  it("does not compile where a text hides that it needs a constant", async () => {
    const hidden = {
      name: "hidden",
      code: sized.code.replace("array<u32, DEPTH>", "array<u32, (DEPTH + 1u)>"),
    };
    const { code } = specialise(hidden, values, "uniform");
    device.pushErrorScope("validation");
    const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
    expect((await device.popErrorScope())?.message).toMatch(/DEPTH/);
    expect(messages.map(({ lineNum, type }) => [lineNum, type])).toContainEqual([13, "error"]);
  });
});

describe("bindingsOf", () => {
  it("reads index, name and access from the declarations", () => {
    expect(bindingsOf(source.code)).toEqual([
      { index: 0, name: "step", access: "uniform" },
      { index: 1, name: "x", access: "read-only-storage" },
      { index: 3, name: "y", access: "storage" },
    ]);
  });
});
