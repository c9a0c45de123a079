import { describe, expect, it } from "vitest";
import { openGpu } from "./device";
import {
  allocate,
  bindableBytes,
  bufferOf,
  checkBindable,
  GpuMemoryError,
  readBuffer,
  release,
} from "./memory";
import { Storage } from "./tensor";

const { device } = await openGpu(navigator.gpu);
const most = bindableBytes(device.limits);

describe("allocate", () => {
  it("makes buffers of whole vec4s that can be written and read back", async () => {
    const [storage, small] = (await allocate(device, [
      { label: "a", sizeBytes: 36 },
      { label: "b", sizeBytes: 1 },
    ])) as [Storage, Storage];
    expect([storage.sizeBytes, small.sizeBytes]).toEqual([48, 16]);
    device.queue.writeBuffer(
      bufferOf(storage),
      0,
      Float32Array.from({ length: 12 }, (_, i) => i),
    );
    expect([...new Float32Array(await readBuffer(device, storage))]).toEqual([...Array(12).keys()]);
    expect([...new Float32Array(await readBuffer(device, storage, 16, 8))]).toEqual([4, 5]);
    release([storage, small]);
  });

  it("refuses what no kernel could bind, with both numbers and before anything is made", async () => {
    const requests = [
      { label: "small", sizeBytes: 16 },
      { label: "embedding", sizeBytes: most + 2 ** 20 },
    ];
    const inMegabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
    const message =
      `GPU memory: embedding needs ${inMegabytes(most + 2 ** 20)}, ` +
      `this adapter binds at most ${inMegabytes(most)} at once`;
    const attempt = allocate(device, requests);
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toBeInstanceOf(GpuMemoryError);
  });

  it("accepts exactly what the device binds", () => {
    expect(() => checkBindable(most, "x", most)).not.toThrow();
    expect(() => checkBindable(most, "x", most + 1)).toThrow(GpuMemoryError);
  });
});

describe("bufferOf", () => {
  it("names a storage that has no buffer, or has none any more", async () => {
    expect(() => bufferOf(new Storage("hidden", 64, "planned"))).toThrow(/buffer hidden: expected a planned/);
    const storages = await allocate(device, [{ label: "gone", sizeBytes: 16 }]);
    release(storages);
    expect(() => bufferOf(storages[0]!)).toThrow(/buffer gone/);
  });
});
