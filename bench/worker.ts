// The benchmark's worker: a device of its own, so that nothing on the page is in its way.
import { expose } from "comlink";
import { openGpu } from "../src/gpu/device";
import type { BenchEvent, Machine } from "./report";
import { type BenchOptions, runBench } from "./run";

declare const __PEER_VERSIONS__: Readonly<Record<string, string>>;

const api = {
  /** @throws NoGpuError when there is no adapter */
  async run(options: BenchOptions, onEvent: (event: BenchEvent) => void): Promise<void> {
    const gpu = await openGpu(navigator.gpu);
    try {
      const packages = options.peers === false ? {} : __PEER_VERSIONS__;
      await runBench(gpu, await machineOf(gpu.device, gpu.isSoftware), packages, options, onEvent);
    } finally {
      gpu.device.destroy();
    }
  },
};
export type BenchApi = typeof api;

async function machineOf({ adapterInfo }: GPUDevice, isSoftware: boolean): Promise<Machine> {
  const { vendor, architecture, device, description } = adapterInfo;
  return {
    adapter: [vendor, architecture].filter(Boolean).join(" ") || "unnamed GPU",
    driver: [device, description].filter(Boolean).join(" ") || "driver not told",
    isSoftware,
    runtime: browserName(navigator.userAgent),
    cores: navigator.hardwareConcurrency,
  };
}

/** "Chrome 141.0", as the user agent tells it. */
function browserName(userAgent: string): string {
  const found = /(Edg|OPR|Firefox|HeadlessChrome|Chrome|Version)\/([\d.]+)/.exec(userAgent);
  return found ? `${found[1] === "Version" ? "Safari" : found[1]} ${found[2]}` : userAgent;
}

expose(api);
