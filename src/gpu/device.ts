// Opens a WebGPU device with everything its adapter allows, and says in words what is missing when it cannot.
import { bindableBytes } from "./memory";
import { hasQuads } from "./quads";
import { type Tiling, tilingFor } from "./tiling";
import { Tuner } from "./tuner";

/** An opened device with the facts that planning needs. */
export interface Gpu {
  readonly device: GPUDevice;
  /** What to show a person, e.g. "Apple M3 (metal-3)". */
  readonly name: string;
  /** True for SwiftShader, lavapipe and the like: correct, but slow. */
  readonly isSoftware: boolean;
  /** The matrix kernels that suit it. */
  readonly tiling: Tiling;
  /** Knows, or measures, the fastest of several ways to launch a kernel on it. */
  readonly tuner: Tuner;
  /** The most that a kernel binds of one buffer: larger weights are split by rows. */
  readonly maxBindingBytes: number;
}

/** What a plan follows from: of the GPU where there is one, otherwise a software adapter's that binds anything. */
export interface PlanTarget {
  readonly tiling?: Tiling | undefined;
  readonly maxBindingBytes?: number | undefined;
}

/** No usable adapter: the message says what to do about it. */
export class NoGpuError extends Error {
  override name = "NoGpuError";
}

const maximumLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
] as const;

/**
 * Requests the fastest adapter and a device with that adapter's own limits.
 * @throws NoGpuError when there is no WebGPU or no adapter.
 */
export async function openGpu(gpu: GPU | undefined): Promise<Gpu> {
  if (!gpu)
    throw new NoGpuError("WebGPU: expected navigator.gpu, got nothing; this browser does not offer WebGPU");
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter)
    throw new NoGpuError(
      "WebGPU: expected a graphics adapter, got none; the browser found no GPU it can use",
    );
  const requiredLimits = Object.fromEntries(maximumLimits.map((name) => [name, adapter.limits[name]]));
  const requiredFeatures = (["timestamp-query", "subgroups"] as const).filter((feature) =>
    adapter.features.has(feature),
  );
  const device = await adapter.requestDevice({ requiredLimits, requiredFeatures });
  const { vendor, architecture, description } = adapter.info;
  const name = description || [vendor, architecture].filter(Boolean).join(" ") || "unnamed GPU";
  const isSoftware =
    adapter.info.isFallbackAdapter ||
    /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${name} ${architecture}`);
  const tiling = tilingFor(isSoftware, isSoftware && (await hasQuads(device)));
  const maxBindingBytes = bindableBytes(device.limits);
  return { device, name, isSoftware, tiling, tuner: new Tuner(device), maxBindingBytes };
}
