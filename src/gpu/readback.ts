// Reads a few numbers back every step without waiting for them: a ring of staging buffers, mapped when the GPU
// gets there. Waiting happens only when every slot is still in flight, which bounds how far steps run ahead.

interface Slot {
  readonly buffer: GPUBuffer;
  busy: Promise<unknown> | undefined;
}

export class ReadbackRing {
  readonly #slots: Slot[];
  #next = 0;

  /** @param sizeBytes bytes of one reading (multiple of 4); @param depth readings in flight, at least 3 to overlap. */
  constructor(
    device: GPUDevice,
    readonly sizeBytes: number,
    depth = 3,
  ) {
    this.#slots = Array.from({ length: depth }, (_, i) => ({
      buffer: device.createBuffer({
        label: `readback ${i}`,
        size: sizeBytes,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      }),
      busy: undefined,
    }));
  }

  /** Resolves once a slot is free: at once, unless the GPU is `depth` steps behind. */
  async ready(): Promise<void> {
    await this.#slots[this.#next]!.busy;
  }

  /** Encodes the copy into the next slot; call the returned function after the submission to get the bytes. */
  encodeCopy(encoder: GPUCommandEncoder, source: GPUBuffer, offsetBytes = 0): () => Promise<ArrayBuffer> {
    const slot = this.#slots[this.#next]!;
    this.#next = (this.#next + 1) % this.#slots.length;
    encoder.copyBufferToBuffer(source, offsetBytes, slot.buffer, 0, this.sizeBytes);
    return () => {
      const reading = slot.buffer.mapAsync(GPUMapMode.READ).then(() => {
        const bytes = slot.buffer.getMappedRange().slice(0);
        slot.buffer.unmap();
        return bytes;
      });
      slot.busy = reading.catch(() => undefined);
      return reading;
    };
  }

  destroy(): void {
    for (const { buffer } of this.#slots) buffer.destroy();
  }
}
