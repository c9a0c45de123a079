// Devices that a test can take away in the middle of things, as a driver reset does.

/** The browser's GPU, with its devices at hand; at most `most` of them. Everything else is the real thing. */
export function recordingGpu({ most = Number.POSITIVE_INFINITY } = {}) {
  const devices: GPUDevice[] = [];
  const bound = (target: object, name: PropertyKey) => {
    const value = Reflect.get(target, name);
    return typeof value === "function" ? value.bind(target) : value;
  };
  const recording = (adapter: GPUAdapter) =>
    new Proxy(adapter, {
      get: (target, name) =>
        name !== "requestDevice"
          ? bound(target, name)
          : async (descriptor: GPUDeviceDescriptor) => {
              const device = await target.requestDevice(descriptor);
              devices.push(device);
              return device;
            },
    });
  const gpu = new Proxy(navigator.gpu, {
    get: (target, name) =>
      name !== "requestAdapter"
        ? bound(target, name)
        : async (request: GPURequestAdapterOptions) => {
            const adapter = devices.length < most ? await target.requestAdapter(request) : null;
            return adapter && recording(adapter);
          },
  });
  return { gpu, devices };
}
