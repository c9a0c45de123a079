// Which example each row of a batch belongs to: what keeps attention inside examples, restarts their positions, and
// marks padding.

/** Tokens of the examples in one sequence, one behind the other; what is left of the sequence is padding. */
export type SequenceLengths = readonly number[];

/**
 * For every row of B sequences the place in its sequence where its example begins and where it ends (exclusive):
 * [B·T, 2]. Padding has (0, 0), an example without rows.
 * @throws RangeError when a sequence's examples need more than T rows
 */
export function segmentsOf(lengths: readonly SequenceLengths[], T: number): Uint32Array<ArrayBuffer> {
  const segments = new Uint32Array(2 * lengths.length * T);
  lengths.forEach((examples, b) => {
    let first = 0;
    for (const length of examples) {
      const end = first + length;
      if (end > T) throw new RangeError(`sequence ${b}: expected at most ${T} tokens, got ${end}`);
      for (let t = first; t < end; t++) segments.set([first, end], 2 * (b * T + t));
      first = end;
    }
  });
  return segments;
}
