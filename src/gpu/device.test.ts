import { describe, expect, it } from "vitest";
import { NoGpuError, openGpu } from "./device";

describe("openGpu", () => {
  it("says that the browser has no WebGPU", async () => {
    await expect(openGpu(undefined)).rejects.toThrow(
      "WebGPU: expected navigator.gpu, got nothing; this browser does not offer WebGPU",
    );
    await expect(openGpu(undefined)).rejects.toBeInstanceOf(NoGpuError);
  });

  it("opens a device with the adapter's own limits and names it", async () => {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
    const { device, name, isSoftware } = await openGpu(navigator.gpu);
    expect(device.limits.maxStorageBufferBindingSize).toBe(adapter!.limits.maxStorageBufferBindingSize);
    expect(device.limits.maxBufferSize).toBe(adapter!.limits.maxBufferSize);
    expect(name).not.toBe("");
    if (/swiftshader/i.test(name)) expect(isSoftware).toBe(true);
  });
});
