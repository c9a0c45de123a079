// WebGPU without a page: Dawn as a Node module, so that the command line runs the same engine as the studio.
import { create, globals } from "webgpu";
import { type Gpu, openGpu } from "../gpu/device";
import { keepChoices } from "./keptChoices";

const remedy = `Dawn (the npm package "webgpu") reaches the GPU through its driver:
  - Linux needs Vulkan: apt-get install libvulkan1 and the GPU's own driver (mesa-vulkan-drivers for Intel and AMD,
    the NVIDIA driver for NVIDIA);
  - without a GPU, apt-get install chromium brings SwiftShader, which this command finds by itself, and
    mesa-vulkan-drivers brings llvmpipe: both are correct, and slow;
  - a driver in another place: VK_ICD_FILENAMES=/path/to/its_icd.json.`;

// Dawn frees its instance with this object, even under a working device: it must live as long as the process.
let dawn: GPU | undefined;

/**
 * Opens Dawn and puts the WebGPU globals (GPUBufferUsage, …) in place.
 * Dawn's threads keep Node alive: a command ends with process.exit, which scripts/cli.mjs calls.
 * @throws when no adapter is found; the message names the packages to install.
 */
export async function openNodeGpu(): Promise<GPU> {
  Object.assign(globalThis, globals);
  dawn ??= create([]);
  if (!(await dawn.requestAdapter())) {
    throw new Error(`WebGPU adapter: expected a GPU or a software Vulkan driver, got none.\n${remedy}`);
  }
  return dawn;
}

let opened: Promise<Gpu> | undefined;

/** The process's one device, so that whatever a command runs first has compiled its kernels for the rest. */
export function openNodeDevice(): Promise<Gpu> {
  opened ??= openNodeGpu()
    .then(openGpu)
    .then((gpu) => {
      keepChoices(gpu);
      return gpu;
    });
  return opened;
}
