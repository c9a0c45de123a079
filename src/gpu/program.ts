// The planned step: kernel calls recorded once, given buffers and bind groups once, and replayed every step.
import { type ArenaPlan, planArena } from "./arena";
import {
  type Constants,
  type Kernel,
  type KernelSource,
  kernelCacheOf,
  type Sizes,
  type Workgroups,
} from "./kernel";
import type { KernelTimer } from "./kernelTimer";
import { allocate, bindableBytes, bufferOf, checkBindable, release } from "./memory";
import { SizesUniform } from "./sizesUniform";
import { type Specialised, specialise } from "./specialise";
import type { Storage, Tensor } from "./tensor";

/** One of several ways to launch a kernel that give the same bits. */
export interface Launch {
  readonly constants: Constants;
  readonly workgroups: Workgroups;
}

/** One kernel launch on symbolic tensors. */
export interface KernelCall extends Launch {
  readonly source: KernelSource;
  /** By the names the kernel declares. */
  readonly bindings: Readonly<Record<string, Tensor>>;
  /** Other ways to launch it; see Tuner. */
  readonly alternatives?: readonly Launch[] | undefined;
  /** Where the kernel finds its sizes: pinned, unless given. */
  readonly sizes?: Sizes;
}

/** A named list of calls that is replayed as one, e.g. forward and backward of a micro-batch, or the update. */
export type Phases = Readonly<Record<string, readonly KernelCall[]>>;

interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: Workgroups;
}

/** Storages that a list of calls needs from the arena, with their lifetimes, and the packed result. */
export interface MemoryPlan extends ArenaPlan {
  readonly storages: readonly Storage[];
}

/** Sizes the arena without touching a GPU: what the memory estimate before training shows. */
export function planMemory(phases: Phases): MemoryPlan {
  const lifetimes = new Map<Storage, { sizeBytes: number; first: number; last: number }>();
  let index = 0;
  for (const call of Object.values(phases).flat()) {
    for (const { storage } of Object.values(call.bindings)) {
      if (storage.kind === "resident") continue;
      const known = lifetimes.get(storage);
      if (known) known.last = index;
      else lifetimes.set(storage, { sizeBytes: storage.sizeBytes, first: index, last: index });
    }
    index++;
  }
  return { storages: [...lifetimes.keys()], ...planArena([...lifetimes.values()]) };
}

/** Compiled calls over allocated buffers. Replaying creates nothing on the GPU. */
export class Program<Phase extends string = string> {
  private constructor(
    readonly memory: MemoryPlan,
    private readonly owned: readonly Storage[],
    private readonly dispatches: Readonly<Record<Phase, readonly Dispatch[]>>,
  ) {}

  /**
   * Allocates the arena and compiles all pipelines in parallel.
   * @throws GpuMemoryError when it does not fit; a shader's message when one does not compile.
   */
  static async create<P extends string>(
    device: GPUDevice,
    phases: Readonly<Record<P, readonly KernelCall[]>>,
  ): Promise<Program<P>> {
    const memory = planMemory(phases);
    const mostBytes = bindableBytes(device.limits);
    for (const { label, sizeBytes } of memory.storages) checkBindable(mostBytes, label, sizeBytes);
    const names = Object.keys(phases) as P[];
    const sizes = new SizesUniform(device.limits.minUniformBufferOffsetAlignment);
    const calls = names.map((phase) => phases[phase].map((call) => specialiseCall(device, call, sizes)));
    const owned = await allocate(device, [
      ...memory.slotBytes.map((sizeBytes, i) => ({ label: `arena ${i}`, sizeBytes })),
      { label: "sizes", sizeBytes: sizes.sizeBytes, usage: GPUBufferUsage.UNIFORM },
    ]);
    memory.storages.forEach((storage, i) => {
      storage.buffer = owned[memory.slotOf[i]!]!.buffer;
    });
    const sizesBuffer = bufferOf(owned.at(-1)!);
    device.queue.writeBuffer(sizesBuffer, 0, sizes.bytes());
    try {
      return new Program(memory, owned, await prepare(device, names, calls, sizesBuffer));
    } catch (error) {
      free(memory, owned);
      throw error;
    }
  }

  /** Kernels that a phase launches, in order. */
  callNames(phase: Phase): string[] {
    return this.dispatches[phase].map(({ pipeline }) => pipeline.label);
  }

  /**
   * Appends a phase to a command encoder as one compute pass.
   * @param timer times each dispatch, which then gets a pass of its own
   */
  encode(encoder: GPUCommandEncoder, phase: Phase, timer?: KernelTimer): void {
    if (timer) {
      for (const dispatch of this.dispatches[phase]) {
        const { pipeline, workgroups } = dispatch;
        const timestampWrites = timer.next(pipeline.label, workgroups);
        const pass = encoder.beginComputePass({ label: pipeline.label, timestampWrites });
        record(pass, dispatch);
        pass.end();
      }
      return;
    }
    const pass = encoder.beginComputePass({ label: phase });
    for (const dispatch of this.dispatches[phase]) record(pass, dispatch);
    pass.end();
  }

  /** Frees the arena. The program cannot be replayed afterwards. */
  destroy(): void {
    free(this.memory, this.owned);
  }
}

function record(pass: GPUComputePassEncoder, { pipeline, bindGroup, workgroups }: Dispatch): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(...workgroups);
}

function free(memory: MemoryPlan, owned: readonly Storage[]): void {
  release(owned);
  for (const storage of memory.storages) storage.buffer = undefined;
}

/** A call with its text, and where its sizes lie in the program's buffer of them. */
interface SpecialisedCall {
  readonly call: KernelCall;
  readonly text: Specialised;
  readonly sizesOffset: number;
}

function specialiseCall(device: GPUDevice, call: KernelCall, sizes: SizesUniform): SpecialisedCall {
  const { source, constants, workgroups } = call;
  const most = device.limits.maxComputeWorkgroupsPerDimension;
  if (workgroups.some((count) => count > most)) {
    const got = workgroups.join("×");
    throw new Error(`kernel ${source.name}: expected at most ${most} workgroups a dimension, got ${got}`);
  }
  const text = specialise(source, constants, call.sizes);
  return { call, text, sizesOffset: sizes.place(text.sizes) };
}

/** Compiles all kernels in parallel, then binds buffers to them. */
async function prepare<P extends string>(
  device: GPUDevice,
  names: readonly P[],
  calls: readonly (readonly SpecialisedCall[])[],
  sizes: GPUBuffer,
): Promise<Record<P, readonly Dispatch[]>> {
  const cache = kernelCacheOf(device);
  const kernels = await Promise.all(
    calls.map((phase) => Promise.all(phase.map(({ text }) => cache.get(text)))),
  );
  device.pushErrorScope("validation"); // nothing may be awaited before it is popped
  let dispatches: [P, Dispatch[]][];
  let refused: Promise<GPUError | null>;
  try {
    dispatches = names.map((phase, i) => [
      phase,
      calls[i]!.map((call, j) => bind(device, call, kernels[i]![j]!, sizes)),
    ]);
  } finally {
    refused = device.popErrorScope();
  }
  const error = await refused;
  if (error) throw new Error(`plan: expected valid bindings, the device refused them: ${error.message}`);
  return Object.fromEntries(dispatches) as unknown as Record<P, readonly Dispatch[]>;
}

function bind(
  device: GPUDevice,
  { call: { source, bindings, workgroups }, text, sizesOffset }: SpecialisedCall,
  { pipeline, layout, bindings: declared }: Kernel,
  sizes: GPUBuffer,
): Dispatch {
  const bindGroup = device.createBindGroup({
    label: source.name,
    layout,
    entries: declared.map(({ index, name }) => {
      if (name === "sizes") {
        const resource = { buffer: sizes, offset: sizesOffset, size: 4 * text.sizes.length };
        return { binding: index, resource };
      }
      const tensor = bindings[name];
      if (!tensor) throw new Error(`kernel ${source.name}: expected a tensor bound to ${name}, got none`);
      const resource = {
        buffer: bufferOf(tensor.storage),
        offset: tensor.offsetBytes,
        size: tensor.sizeBytes,
      };
      return { binding: index, resource };
    }),
  });
  return { pipeline, bindGroup, workgroups };
}
