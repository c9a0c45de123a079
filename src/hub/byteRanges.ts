// Which parts of a file are there already: a download that was cut goes on with what is missing.

/** From `begin` to before `end`. */
export type ByteRange = readonly [begin: number, end: number];

/** Disjoint ranges in order; neighbours are one. */
export class ByteRanges {
  #ranges: ByteRange[] = [];

  constructor(ranges: Iterable<ByteRange> = []) {
    for (const [begin, end] of ranges) this.add(begin, end);
  }

  add(begin: number, end: number): void {
    if (end <= begin) return;
    const touching = this.#ranges.filter(([from, to]) => from <= end && to >= begin);
    const merged: ByteRange = [
      Math.min(begin, ...touching.map(([from]) => from)),
      Math.max(end, ...touching.map(([, to]) => to)),
    ];
    const apart = this.#ranges.filter((range) => !touching.includes(range));
    this.#ranges = [...apart, merged].sort(([a], [b]) => a - b);
  }

  get list(): readonly ByteRange[] {
    return this.#ranges;
  }

  get byteCount(): number {
    return this.#ranges.reduce((sum, [begin, end]) => sum + end - begin, 0);
  }

  /** What is not there of a file of `sizeBytes`, in pieces of at most `pieceBytes`. */
  missing(sizeBytes: number, pieceBytes = Number.POSITIVE_INFINITY): ByteRange[] {
    const missing: ByteRange[] = [];
    let at = 0;
    for (const [begin, end] of [...this.#ranges, [sizeBytes, sizeBytes] as const]) {
      for (; at < begin; at = Math.min(at + pieceBytes, begin)) {
        missing.push([at, Math.min(at + pieceBytes, begin)]);
      }
      at = end;
    }
    return missing;
  }
}
