// A kernel is one WGSL file plus the constants it is specialised with. Pipelines are compiled once, in
// parallel, and shared by every program of a device.
import { type Binding, bindingsOf, type Specialised } from "./specialise";

export type { Constants, KernelSource, Sizes } from "./specialise";
export type Workgroups = readonly [x: number, y: number, z: number];

export interface Kernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly bindings: readonly Binding[];
}

/** Compiles each specialised kernel once per device. */
export class KernelCache {
  readonly #device: GPUDevice;
  readonly #kernels = new Map<string, Promise<Kernel>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** @throws with the shader's own message when it does not compile. */
  get(text: Specialised): Promise<Kernel> {
    let kernel = this.#kernels.get(text.code);
    if (!kernel) {
      kernel = this.#compile(text);
      this.#kernels.set(text.code, kernel);
    }
    return kernel;
  }

  async #compile({ name, code }: Specialised): Promise<Kernel> {
    const bindings = bindingsOf(code);
    const layout = this.#device.createBindGroupLayout({
      label: name,
      entries: bindings.map(({ index, access }) => ({
        binding: index,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: access },
      })),
    });
    const module = this.#device.createShaderModule({ label: name, code });
    try {
      const pipeline = await this.#device.createComputePipelineAsync({
        label: name,
        layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: "main" },
      });
      return { pipeline, layout, bindings };
    } catch (error) {
      // The pipeline's error only says that the module is invalid; the reason is with the module.
      const { messages } = await module.getCompilationInfo();
      const reasons = messages.filter(({ type }) => type === "error");
      const lines = reasons.map(({ lineNum, message }) => `line ${lineNum}: ${message}`);
      throw new Error(`kernel ${name}: ${lines.join("; ") || error}`, { cause: error });
    }
  }
}

const caches = new WeakMap<GPUDevice, KernelCache>();

/** The kernel cache of a device. */
export function kernelCacheOf(device: GPUDevice): KernelCache {
  let cache = caches.get(device);
  if (!cache) {
    cache = new KernelCache(device);
    caches.set(device, cache);
  }
  return cache;
}
