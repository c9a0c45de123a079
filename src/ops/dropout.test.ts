// The counter-based generator and the mask made from it, on the GPU, word for word as on the CPU.
import { describe, expect, it } from "vitest";
import dropoutLib from "../../shaders/lib/dropout.wgsl?raw";
import philoxLib from "../../shaders/lib/philox.wgsl?raw";
import stepLib from "../../shaders/lib/step.wgsl?raw";
import { type Block, philox4x32, RandomStream } from "../random/philox";
import { defineKernel } from "./op";
import { array } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { Harness } from "./testing/harness";
import { dropoutMask } from "./twins/linear.twin";

const device = await defaultDevice(navigator.gpu);

const philoxKernel = defineKernel(
  "philox test",
  philoxLib,
  `override COUNT: u32;
@group(0) @binding(0) var<storage, read> counters: array<vec4u>;
@group(0) @binding(1) var<storage, read> keys: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> words: array<vec4u>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < COUNT) {
    words[id.x] = philox(counters[id.x], keys[id.x].xy);
  }
}`,
);

const maskKernel = defineKernel(
  "dropout test",
  stepLib,
  philoxLib,
  dropoutLib,
  `override COUNT: u32;
@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read_write> mask: array<vec4f>;
@group(0) @binding(2) var<storage, read> key: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < COUNT) {
    mask[id.x] = dropout4(id.x, key[0], key[1]);
  }
}`,
);

describe("philox.wgsl", () => {
  it("gives the words of src/random/philox.ts", async () => {
    const random = new RandomStream(1, "counters");
    const counters: number[] = [0, 0, 0, 0, ...Array<number>(4).fill(0xffffffff)];
    const keys: number[] = [0, 0, 0, 0, 0xffffffff, 0xffffffff, 0, 0];
    for (let i = 0; i < 4 * 254; i++) {
      counters.push(random.word(i));
      keys.push(random.word(5000 + i));
    }
    const COUNT = counters.length / 4;
    const harness = await Harness.open(device);
    const { trace } = harness;
    const bindings = {
      counters: await harness.upload("counters", array([counters.length], counters, "u32")),
      keys: await harness.upload("keys", array([keys.length], keys, "u32")),
      words: trace.activation("words", [counters.length], "u32"),
    };
    trace.call(philoxKernel, { COUNT }, bindings, [Math.ceil(COUNT / 64), 1, 1]);
    await harness.keep("words", bindings.words);
    const words = new Uint32Array((await harness.run()).get("words")!.bytes.buffer);
    const wanted = Array.from({ length: COUNT }, (_, i) =>
      philox4x32(counters.slice(4 * i, 4 * i + 4) as unknown as Block, [keys[4 * i]!, keys[4 * i + 1]!]),
    );
    expect([...words]).toEqual(wanted.flat());
  });
});

describe("dropout4", () => {
  async function maskOf(p: number, seed: number, microStep: number, stream: number) {
    const COUNT = 5000;
    const harness = await Harness.open(device, { step: { microStep } });
    const { trace } = harness;
    const mask = trace.activation("mask", [4 * COUNT]);
    const key = await harness.upload("key", array([2], [seed, stream], "u32"));
    const bindings = { step: trace.inputs.step, mask, key };
    trace.call(maskKernel, { COUNT, DROPOUT: p }, bindings, [Math.ceil(COUNT / 64), 1, 1]);
    await harness.keep("mask", mask);
    return (await harness.run()).get("mask")!.values;
  }

  it.each([0, 0.05, 0.3, 0.9])("keeps 1 − %d of its inputs, scaled so that the mean stays", async (p) => {
    const mask = await maskOf(p, 11, 3, 0xfedcba98);
    const kept = mask.filter((factor) => factor !== 0);
    const factor = 1 / (1 - p);
    expect(Math.max(...kept.map((value) => Math.abs(value / factor - 1)))).toBeLessThan(1e-6);
    // Four standard deviations of a binomial over 20,000 draws.
    const allowed = 4 * Math.sqrt((p * (1 - p)) / mask.length);
    expect(Math.abs(kept.length / mask.length - (1 - p))).toBeLessThanOrEqual(allowed);
    const twin = dropoutMask(1, mask.length, { p, seed: 11, microStep: 3, dropoutStream: 0xfedcba98 });
    expect([...mask].map((value) => value !== 0)).toEqual([...twin.values].map((value) => value !== 0));
  });

  it("differs by seed, micro-step and stream", async () => {
    const masks = [
      await maskOf(0.5, 1, 1, 1),
      await maskOf(0.5, 2, 1, 1),
      await maskOf(0.5, 1, 2, 1),
      await maskOf(0.5, 1, 1, 2),
    ];
    for (let i = 0; i < masks.length; i++) {
      for (let j = 0; j < i; j++) {
        const same = masks[i]!.filter((value, k) => value === masks[j]![k]).length / masks[i]!.length;
        expect(Math.abs(same - 0.5)).toBeLessThan(0.02);
      }
    }
  });
});
