// Records what is asked of a device, for tests that promise that steps create nothing and submit once.

const creating = [
  "createBuffer",
  "createBindGroup",
  "createBindGroupLayout",
  "createPipelineLayout",
  "createShaderModule",
  "createComputePipeline",
  "createComputePipelineAsync",
] as const;

/** @returns a log of the calls, in order, which may be added to; and how to leave the device as it was */
export function recordGpuWork(device: GPUDevice): { readonly log: string[]; readonly stop: () => void } {
  const log: string[] = [];
  const submit = device.queue.submit;
  for (const method of creating) {
    const original = device[method] as (...parts: unknown[]) => unknown;
    Object.assign(device, {
      [method]: (...parts: unknown[]) => {
        log.push(method);
        return original.apply(device, parts);
      },
    });
  }
  device.queue.submit = (commands) => {
    log.push("submit");
    return submit.call(device.queue, commands);
  };
  const stop = () => {
    for (const method of creating) delete (device as Partial<GPUDevice>)[method];
    delete (device.queue as Partial<GPUQueue>).submit;
  };
  return { log, stop };
}
