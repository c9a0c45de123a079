// Packs activations whose lifetimes do not meet into shared buffers. WebGPU tracks usage per buffer, so two
// tensors that one kernel reads and writes must not share one: slots, not offsets in a single arena, give that
// for free, since tensors of one kernel call are alive together.

/** First and last call (inclusive) in which a tensor is touched. */
export interface Lifetime {
  readonly sizeBytes: number;
  readonly first: number;
  readonly last: number;
}

export interface ArenaPlan {
  /** Size of each shared buffer. */
  readonly slotBytes: readonly number[];
  /** Slot of each lifetime, in the order given. */
  readonly slotOf: readonly number[];
  /** Sum of all slots. */
  readonly totalBytes: number;
  /** What must live at the worst moment: no plan can need less. */
  readonly peakLiveBytes: number;
}

/** Greedy by size (Pisarchyk & Lee 2020, "shared objects"): large tensors choose first, smallest fitting slot. */
export function planArena(lifetimes: readonly Lifetime[]): ArenaPlan {
  const order = lifetimes
    .map((_, i) => i)
    .sort((a, b) => lifetimes[b]!.sizeBytes - lifetimes[a]!.sizeBytes || a - b);
  const slots: { sizeBytes: number; taken: Lifetime[] }[] = [];
  const slotOf = new Array<number>(lifetimes.length);
  for (const i of order) {
    const wanted = lifetimes[i]!;
    let best = -1;
    slots.forEach((slot, s) => {
      const free = slot.taken.every((other) => other.last < wanted.first || other.first > wanted.last);
      if (free && (best < 0 || slot.sizeBytes < slots[best]!.sizeBytes)) best = s;
    });
    if (best < 0) best = slots.push({ sizeBytes: wanted.sizeBytes, taken: [] }) - 1;
    slots[best]!.taken.push(wanted);
    slotOf[i] = best;
  }
  const slotBytes = slots.map((slot) => slot.sizeBytes);
  return {
    slotBytes,
    slotOf,
    totalBytes: slotBytes.reduce((sum, bytes) => sum + bytes, 0),
    peakLiveBytes: peakLive(lifetimes),
  };
}

function peakLive(lifetimes: readonly Lifetime[]): number {
  const change = new Map<number, number>();
  for (const { first, last, sizeBytes } of lifetimes) {
    change.set(first, (change.get(first) ?? 0) + sizeBytes);
    change.set(last + 1, (change.get(last + 1) ?? 0) - sizeBytes);
  }
  let live = 0;
  let peak = 0;
  for (const [, delta] of [...change].sort(([a], [b]) => a - b)) {
    live += delta;
    peak = Math.max(peak, live);
  }
  return peak;
}
