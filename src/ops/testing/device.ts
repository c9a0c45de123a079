// A device with WebGPU's default limits, not the adapter's own: kernels must run within what every browser gives.

let opened: Promise<GPUDevice> | undefined;

/**
 * The device all op tests share.
 * @throws when there is no adapter: such a test fails, it is never skipped.
 */
export function defaultDevice(gpu: GPU | undefined): Promise<GPUDevice> {
  opened ??= open(gpu);
  return opened;
}

async function open(gpu: GPU | undefined): Promise<GPUDevice> {
  const adapter = await gpu?.requestAdapter();
  if (!adapter) throw new Error("WebGPU: expected an adapter to test on, got none");
  return adapter.requestDevice({ requiredFeatures: ["subgroups"] });
}

/** Runs `work` and fails with the first validation error it causes, which WebGPU would only log. */
export async function withoutGpuErrors<T>(device: GPUDevice, work: () => T | Promise<T>): Promise<T> {
  device.pushErrorScope("validation");
  let result: T;
  try {
    result = await work();
  } finally {
    const error = await device.popErrorScope();
    // biome-ignore lint/correctness/noUnsafeFinally: the validation error is the cause of whatever failed after it
    if (error) throw new Error(`WebGPU validation: ${error.message}`);
  }
  return result;
}
