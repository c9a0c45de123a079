// The planned step: kernel calls recorded once, given buffers and bind groups once, and replayed every step.
import { type ArenaPlan, planArena } from "./arena";
import {
  bindingsOf,
  type Constants,
  type Kernel,
  type KernelSource,
  kernelCacheOf,
  type Workgroups,
} from "./kernel";
import type { KernelTimer } from "./kernelTimer";
import { allocate, bindableBytes, bufferOf, checkBindable, release } from "./memory";
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
    private readonly slots: readonly Storage[],
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
    const slots = await allocate(
      device,
      memory.slotBytes.map((sizeBytes, i) => ({ label: `arena ${i}`, sizeBytes })),
    );
    memory.storages.forEach((storage, i) => {
      storage.buffer = slots[memory.slotOf[i]!]!.buffer;
    });
    try {
      return new Program(memory, slots, await prepare(device, phases));
    } catch (error) {
      freeArena(memory, slots);
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
    freeArena(this.memory, this.slots);
  }
}

function record(pass: GPUComputePassEncoder, { pipeline, bindGroup, workgroups }: Dispatch): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(...workgroups);
}

function freeArena(memory: MemoryPlan, slots: readonly Storage[]): void {
  release(slots);
  for (const storage of memory.storages) storage.buffer = undefined;
}

/** Compiles all kernels in parallel, then binds buffers to them. */
async function prepare<P extends string>(
  device: GPUDevice,
  phases: Readonly<Record<P, readonly KernelCall[]>>,
): Promise<Record<P, readonly Dispatch[]>> {
  const names = Object.keys(phases) as P[];
  const kernels = await Promise.all(
    names.map((phase) => Promise.all(phases[phase].map((call) => compileCall(device, call)))),
  );
  device.pushErrorScope("validation"); // nothing may be awaited before it is popped
  let dispatches: [P, Dispatch[]][];
  let refused: Promise<GPUError | null>;
  try {
    dispatches = names.map((phase, i) => [
      phase,
      phases[phase].map((call, j) => bind(device, call, kernels[i]![j]!)),
    ]);
  } finally {
    refused = device.popErrorScope();
  }
  const error = await refused;
  if (error) throw new Error(`plan: expected valid bindings, the device refused them: ${error.message}`);
  return Object.fromEntries(dispatches) as unknown as Record<P, readonly Dispatch[]>;
}

function compileCall(device: GPUDevice, { source, constants, workgroups }: KernelCall): Promise<Kernel> {
  const most = device.limits.maxComputeWorkgroupsPerDimension;
  if (workgroups.some((count) => count > most)) {
    const got = workgroups.join("×");
    throw new Error(`kernel ${source.name}: expected at most ${most} workgroups a dimension, got ${got}`);
  }
  return kernelCacheOf(device).get(source, constants);
}

function bind(device: GPUDevice, { source, bindings, workgroups }: KernelCall, kernel: Kernel): Dispatch {
  const { pipeline, layout } = kernel;
  const bindGroup = device.createBindGroup({
    label: source.name,
    layout,
    entries: bindingsOf(source).map(({ index, name }) => {
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
