import { describe, expect, it } from "vitest";
import { openGpu } from "./device";
import { allocate, bufferOf, readBuffer, release } from "./memory";
import { type KernelCall, Program, planMemory } from "./program";
import { submit } from "./submit";
import { activationBytes, Storage, type Tensor } from "./tensor";

const { device } = await openGpu(navigator.gpu);

const SIZE = 64;
const increment = {
  name: "increment",
  code: `override SIZE: u32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < SIZE) {
    y[id.x] = x[id.x] + 1.0;
  }
}`,
};

const tensorIn = (storage: Storage): Tensor => ({
  label: storage.label,
  shape: [SIZE],
  dtype: "f32",
  storage,
  offsetBytes: 0,
  sizeBytes: 4 * SIZE,
});
const planned = (label: string): Tensor => tensorIn(new Storage(label, activationBytes([SIZE]), "planned"));
const call = (x: Tensor, y: Tensor): KernelCall => ({
  source: increment,
  constants: { SIZE },
  bindings: { x, y },
  workgroups: [1, 1, 1],
});

/** first → a → b → … → last, each the one before plus one. */
function chain(first: Tensor, last: Tensor, between: number): KernelCall[] {
  const tensors = [first, ...Array.from({ length: between }, (_, i) => planned(`between ${i}`)), last];
  return tensors.slice(1).map((tensor, i) => call(tensors[i]!, tensor));
}

async function resident(...labels: string[]): Promise<Tensor[]> {
  const requests = labels.map((label) => ({ label, sizeBytes: 4 * SIZE }));
  return (await allocate(device, requests)).map(tensorIn);
}

describe("planMemory", () => {
  it("shares slots along a chain, leaves resident tensors out, and keeps what a later phase reads", () => {
    const first = tensorIn(new Storage("first", 4 * SIZE, "resident"));
    const last = tensorIn(new Storage("last", 4 * SIZE, "resident"));
    const plan = planMemory({ forward: chain(first, last, 7) });
    expect(plan.storages).toHaveLength(7);
    expect(plan.slotBytes).toEqual([4 * SIZE, 4 * SIZE]);
    const kept = planned("kept");
    const two = planMemory({
      forward: [call(first, kept), ...chain(first, last, 3)],
      later: [call(kept, last)],
    });
    expect(two.slotBytes).toHaveLength(3);
  });
});

describe("Program", () => {
  it("replays phases, any number of times, in place", async () => {
    const [first, last, other] = (await resident("first", "last", "other")) as [Tensor, Tensor, Tensor];
    const program = await Program.create(device, {
      forward: chain(first, last, 7),
      back: [call(last, other)],
    });
    expect([program.callNames("forward").length, program.callNames("back").length]).toEqual([8, 1]);
    for (const start of [1, 5]) {
      device.queue.writeBuffer(bufferOf(first.storage), 0, new Float32Array(SIZE).fill(start));
      submit(device, (encoder) => {
        program.encode(encoder, "forward");
        program.encode(encoder, "back");
      });
      expect(new Float32Array(await readBuffer(device, last.storage))[SIZE - 1]).toBe(start + 8);
      expect(new Float32Array(await readBuffer(device, other.storage))[0]).toBe(start + 9);
    }
    program.destroy();
    release([first, last, other].map(({ storage }) => storage));
  });

  it("gives calls of one pipeline their own sizes", async () => {
    const [first, last, other] = (await resident("first", "last", "other")) as [Tensor, Tensor, Tensor];
    const sized = (y: Tensor, count: number): KernelCall => {
      return { ...call(first, y), constants: { SIZE: count }, sizes: "uniform" };
    };
    const program = await Program.create(device, { phase: [sized(last, 3), sized(other, 5)] });
    submit(device, (encoder) => program.encode(encoder, "phase"));
    const written = async ({ storage }: Tensor) => {
      return new Float32Array(await readBuffer(device, storage)).filter((value) => value === 1).length;
    };
    expect([await written(last), await written(other)]).toEqual([3, 5]);
    program.destroy();
    release([first, last, other].map(({ storage }) => storage));
  });

  it("frees its arena when destroyed", async () => {
    const [first, last] = (await resident("first", "last")) as [Tensor, Tensor];
    const program = await Program.create(device, { phase: chain(first, last, 2) });
    const [storage] = program.memory.storages as [Storage];
    expect(storage.buffer).toBeDefined();
    program.destroy();
    expect(storage.buffer).toBeUndefined();
    release([first.storage, last.storage]);
  });

  describe("says what is wrong and keeps nothing", () => {
    const failing: [string, (x: Tensor, y: Tensor) => KernelCall, RegExp][] = [
      [
        "a shader that does not compile",
        (x, y) => ({
          ...call(x, y),
          source: { name: "broken", code: increment.code.replace("id.x]", "idx]") },
        }),
        /idx/,
      ],
      [
        "a missing tensor",
        (x, y) => ({ ...call(x, y), bindings: { x } }),
        /kernel increment: expected a tensor bound to y, got none/,
      ],
      [
        "too many workgroups",
        (x, y) => ({ ...call(x, y), workgroups: [1, 70_000, 1] }),
        /kernel increment: expected at most 65535 workgroups a dimension, got 1×70000×1/,
      ],
      [
        "a binding past the end of its buffer",
        (x, y) => ({ ...call(x, y), bindings: { x: { ...x, sizeBytes: 1 << 20 }, y } }),
        /plan: expected valid bindings/,
      ],
    ];
    it.each(failing)("%s", async (_, broken, message) => {
      const [x] = (await resident("x")) as [Tensor];
      const y = planned("y");
      await expect(Program.create(device, { phase: [broken(x, y)] })).rejects.toThrow(message);
      expect(y.storage.buffer).toBeUndefined();
      release([x.storage]);
    });
  });
});
