// The sizes that kernels read from a uniform: those of all calls of a program in one buffer, equal ones once.

export class SizesUniform {
  readonly #places = new Map<string, { readonly words: readonly number[]; readonly offsetBytes: number }>();
  #sizeBytes = 0;

  /** @param alignment of a uniform's offset on this device, in bytes */
  constructor(private readonly alignment: number) {}

  /** @returns where one call's sizes lie, in bytes */
  place(words: readonly number[]): number {
    const key = words.join();
    let place = this.#places.get(key);
    if (!place) {
      place = { words, offsetBytes: this.#sizeBytes };
      this.#places.set(key, place);
      this.#sizeBytes += Math.ceil((4 * words.length) / this.alignment) * this.alignment;
    }
    return place.offsetBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  bytes(): Uint32Array<ArrayBuffer> {
    const all = new Uint32Array(this.sizeBytes / 4);
    for (const { words, offsetBytes } of this.#places.values()) all.set(words, offsetBytes / 4);
    return all;
  }
}
