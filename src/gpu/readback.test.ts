import { describe, expect, it } from "vitest";
import { openGpu } from "./device";
import { allocate, bufferOf, release } from "./memory";
import { ReadbackRing } from "./readback";
import type { Storage } from "./tensor";

const { device } = await openGpu(navigator.gpu);

describe("ReadbackRing", () => {
  it("gives each step its own numbers, in order, with more steps than slots", async () => {
    const [source] = (await allocate(device, [{ label: "stats", sizeBytes: 32 }])) as [Storage];
    const ring = new ReadbackRing(device, 8, 3);
    const order: number[] = [];
    const readings: Promise<number[]>[] = [];
    for (let step = 0; step < 10; step++) {
      await ring.ready();
      device.queue.writeBuffer(bufferOf(source), 16, Float32Array.of(step, step * step));
      const encoder = device.createCommandEncoder();
      const read = ring.encodeCopy(encoder, bufferOf(source), 16);
      device.queue.submit([encoder.finish()]);
      readings.push(
        read().then((bytes) => {
          order.push(step);
          return [...new Float32Array(bytes)];
        }),
      );
    }
    expect(await Promise.all(readings)).toEqual(Array.from({ length: 10 }, (_, step) => [step, step * step]));
    expect(order).toEqual([...Array(10).keys()]);
    ring.destroy();
    release([source]);
  });

  it("is ready at once while slots are free, and waits for the oldest when none is", async () => {
    const [source] = (await allocate(device, [{ label: "stats", sizeBytes: 16 }])) as [Storage];
    const ring = new ReadbackRing(device, 16, 2);
    let arrived = 0;
    const start = () => {
      const encoder = device.createCommandEncoder();
      const read = ring.encodeCopy(encoder, bufferOf(source));
      device.queue.submit([encoder.finish()]);
      return read().then(() => {
        arrived++;
      });
    };
    const readings = [start()];
    await ring.ready();
    readings.push(start());
    expect(arrived).toBe(0); // two in flight, and nobody has waited
    await ring.ready();
    expect(arrived).toBeGreaterThanOrEqual(1);
    await Promise.all(readings);
    ring.destroy();
    release([source]);
  });

  it("fails a reading in flight when it is destroyed, and ready() does not hang", async () => {
    const [source] = (await allocate(device, [{ label: "stats", sizeBytes: 16 }])) as [Storage];
    const ring = new ReadbackRing(device, 16, 1);
    const encoder = device.createCommandEncoder();
    const read = ring.encodeCopy(encoder, bufferOf(source));
    device.queue.submit([encoder.finish()]);
    const reading = read();
    ring.destroy();
    await expect(reading).rejects.toThrow();
    await ring.ready();
    release([source]);
  });
});
