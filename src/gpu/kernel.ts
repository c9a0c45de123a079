// A kernel is one WGSL file plus the constants it is specialised with. Pipelines are compiled once, in
// parallel, and shared by every program of a device.

export interface KernelSource {
  /** The file's name without its ending; used as label. */
  readonly name: string;
  readonly code: string;
}

export type Constants = Readonly<Record<string, number | boolean>>;
export type Workgroups = readonly [x: number, y: number, z: number];
export type Access = "uniform" | "read-only-storage" | "storage";

export interface Binding {
  readonly index: number;
  readonly name: string;
  readonly access: Access;
}

export interface Kernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

const overridePattern = /^override\s+(\w+)\s*:\s*(u32|i32|f32|bool)\s*;/gm;
const bindingPattern =
  /@group\(0\)\s*@binding\((\d+)\)\s*var<(uniform|storage(?:,\s*(read|read_write))?)>\s*(\w+)/g;

function literal(type: string, value: number | boolean): string {
  if (type === "bool") return value ? "true" : "false";
  if (type === "f32") return `f32(${value})`;
  return type === "u32" ? `${value}u` : `${value}i`;
}

/**
 * Pins every `override` of a kernel as a `const`, so that constants can also size private arrays, which WGSL
 * does not allow for overrides.
 * @throws when a constant is missing or unknown.
 */
export function specialise(source: KernelSource, constants: Constants): string {
  const unused = new Set(Object.keys(constants));
  const code = source.code.replace(overridePattern, (_, name: string, type: string) => {
    const value = constants[name];
    if (value === undefined) throw new Error(`kernel ${source.name}: expected a value for ${name}, got none`);
    unused.delete(name);
    return `const ${name}: ${type} = ${literal(type, value)};`;
  });
  if (unused.size > 0)
    throw new Error(`kernel ${source.name}: has no constant named ${[...unused].join(", ")}`);
  return code;
}

/** The buffers a kernel binds, read from its own declarations so that layout and text cannot disagree. */
export function bindingsOf(source: KernelSource): Binding[] {
  return [...source.code.matchAll(bindingPattern)].map(([, index, space, mode, name]) => ({
    index: Number(index),
    name: name!,
    access: space === "uniform" ? "uniform" : mode === "read_write" ? "storage" : "read-only-storage",
  }));
}

/** Compiles each specialised kernel once per device. */
export class KernelCache {
  readonly #device: GPUDevice;
  readonly #kernels = new Map<string, Promise<Kernel>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** @throws with the shader's own message when it does not compile. */
  get(source: KernelSource, constants: Constants): Promise<Kernel> {
    const code = specialise(source, constants);
    let kernel = this.#kernels.get(code);
    if (!kernel) {
      kernel = this.#compile(source, code);
      this.#kernels.set(code, kernel);
    }
    return kernel;
  }

  async #compile(source: KernelSource, code: string): Promise<Kernel> {
    const layout = this.#device.createBindGroupLayout({
      label: source.name,
      entries: bindingsOf(source).map(({ index, access }) => ({
        binding: index,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: access },
      })),
    });
    const module = this.#device.createShaderModule({ label: source.name, code });
    try {
      const pipeline = await this.#device.createComputePipelineAsync({
        label: source.name,
        layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: "main" },
      });
      return { pipeline, layout };
    } catch (error) {
      // The pipeline's error only says that the module is invalid; the reason is with the module.
      const { messages } = await module.getCompilationInfo();
      const reasons = messages.filter(({ type }) => type === "error");
      const lines = reasons.map(({ lineNum, message }) => `line ${lineNum}: ${message}`);
      throw new Error(`kernel ${source.name}: ${lines.join("; ") || error}`, { cause: error });
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
