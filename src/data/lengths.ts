// How long a file's examples are, for the picture beside the sequence length.

export interface LengthHistogram {
  /** Tokens that one bar covers: bar i holds lengths from i·width + 1 to (i + 1)·width. */
  readonly width: number;
  readonly counts: readonly number[];
  /** Examples longer than the last bar. */
  readonly beyond: number;
}

const bars = 32;

/** Bars over nearly all lengths: a few very long examples do not squeeze the rest into one bar. */
export function lengthHistogram(lengths: Uint32Array): LengthHistogram {
  const sorted = lengths.toSorted();
  const longest = sorted.at(-1) ?? 1;
  const usual = sorted[Math.floor(0.99 * (sorted.length - 1))] ?? 1;
  const width = Math.max(1, Math.ceil(Math.min(longest, 1.25 * usual) / bars));
  const counts = new Array<number>(Math.ceil(Math.min(longest, bars * width) / width)).fill(0);
  let beyond = 0;
  for (const length of sorted) {
    const bar = Math.max(0, Math.ceil(length / width) - 1);
    if (bar < counts.length) counts[bar]!++;
    else beyond++;
  }
  return { width, counts, beyond };
}
