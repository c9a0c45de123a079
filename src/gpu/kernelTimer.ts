// GPU time of every dispatch by timestamp queries. WebGPU writes them only where a pass begins and ends, so a timed
// phase gives each dispatch a pass of its own: sums of these times say where a step goes, not how long it takes.
import type { Workgroups } from "./kernel";

/** One dispatch and the time the GPU spent in it. */
export interface DispatchTime {
  readonly kernel: string;
  readonly workgroups: Workgroups;
  /** Nanoseconds; browsers round to 100 µs. */
  readonly gpuNs: number;
}

/** All dispatches of one kernel. */
export interface KernelTime {
  readonly kernel: string;
  readonly dispatches: number;
  readonly gpuNs: number;
}

/** A timed dispatch in a query set; WebGPU allows 4,096 queries in one, two a dispatch. */
const DISPATCHES_PER_SET = 2048;
const QUERY_BYTES = 8;

/** Collects times between two readings. Encode with it, then `resolve`, submit, and `read`. */
export class KernelTimer {
  readonly #sets: {
    readonly querySet: GPUQuerySet;
    readonly resolved: GPUBuffer;
    readonly staging: GPUBuffer;
  }[] = [];
  #timed: Omit<DispatchTime, "gpuNs">[] = [];

  /** @throws when the device was opened without timestamp queries. */
  constructor(private readonly device: GPUDevice) {
    if (!KernelTimer.isSupported(device)) {
      throw new Error("kernel times: expected a device with timestamp-query, this adapter does not offer it");
    }
  }

  static isSupported({ features }: GPUDevice): boolean {
    return features.has("timestamp-query");
  }

  /** Where the pass of the next dispatch writes its times. */
  next(kernel: string, workgroups: Workgroups): GPUComputePassTimestampWrites {
    const index = this.#timed.length;
    this.#timed.push({ kernel, workgroups });
    const set = Math.floor(index / DISPATCHES_PER_SET);
    this.#sets[set] ??= this.#createSet();
    const first = 2 * (index % DISPATCHES_PER_SET);
    return {
      querySet: this.#sets[set]!.querySet,
      beginningOfPassWriteIndex: first,
      endOfPassWriteIndex: first + 1,
    };
  }

  /** Appends the copy of all times to the commands that were timed. */
  resolve(encoder: GPUCommandEncoder): void {
    this.#sets.forEach(({ querySet, resolved, staging }, set) => {
      const count = this.#dispatchesIn(set);
      if (count <= 0) return;
      encoder.resolveQuerySet(querySet, 0, 2 * count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 2 * count * QUERY_BYTES);
    });
  }

  /** Times of the dispatches since the last reading, in order; call after the submission. */
  async read(): Promise<DispatchTime[]> {
    const timed = this.#timed;
    const times: DispatchTime[] = [];
    for (const [set, { staging }] of this.#sets.entries()) {
      const count = this.#dispatchesIn(set);
      if (count <= 0) continue;
      await staging.mapAsync(GPUMapMode.READ, 0, 2 * count * QUERY_BYTES);
      const stamps = new BigInt64Array(staging.getMappedRange(0, 2 * count * QUERY_BYTES));
      for (let i = 0; i < count; i++) {
        const gpuNs = Math.max(0, Number(stamps[2 * i + 1]! - stamps[2 * i]!)); // clocks may step back
        times.push({ ...timed[set * DISPATCHES_PER_SET + i]!, gpuNs });
      }
      staging.unmap();
    }
    this.#timed = [];
    return times;
  }

  destroy(): void {
    for (const { querySet, resolved, staging } of this.#sets) {
      querySet.destroy();
      resolved.destroy();
      staging.destroy();
    }
  }

  #dispatchesIn(set: number): number {
    return Math.min(DISPATCHES_PER_SET, this.#timed.length - set * DISPATCHES_PER_SET);
  }

  #createSet() {
    const size = 2 * DISPATCHES_PER_SET * QUERY_BYTES;
    const { device } = this;
    return {
      querySet: device.createQuerySet({ type: "timestamp", count: 2 * DISPATCHES_PER_SET }),
      resolved: device.createBuffer({
        label: "kernel times",
        size,
        usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
      }),
      staging: device.createBuffer({
        label: "kernel times read back",
        size,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      }),
    };
  }
}

/** Times added up by kernel, the longest first. */
export function timesByKernel(times: readonly DispatchTime[]): KernelTime[] {
  const sums = new Map<string, { kernel: string; dispatches: number; gpuNs: number }>();
  for (const { kernel, gpuNs } of times) {
    const sum = sums.get(kernel) ?? { kernel, dispatches: 0, gpuNs: 0 };
    sum.dispatches++;
    sum.gpuNs += gpuNs;
    sums.set(kernel, sum);
  }
  return [...sums.values()].sort((a, b) => b.gpuNs - a.gpuNs);
}
