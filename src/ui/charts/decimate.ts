// Thins a long series so that a chart of it looks the same: what is drawn never depends on how long a run is.

/**
 * Places of the points to draw: first and last in range, and the smallest and largest of every bucket, in order.
 * Peaks survive, which averaging or skipping would lose.
 * @param values one per point; NaN and infinities are passed over unless a bucket has nothing else
 * @param from first place in range
 * @param to place after the last in range
 * @param buckets at most 2·buckets + 2 places come back; ranges no longer than that come back whole
 */
export function decimate(values: ArrayLike<number>, from: number, to: number, buckets: number): number[] {
  const length = to - from;
  if (length <= 0) return [];
  if (length <= 2 * buckets + 2) return Array.from({ length }, (_, offset) => from + offset);
  const places = [from];
  const add = (place: number) => {
    if (place > places.at(-1)!) places.push(place);
  };
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = from + Math.floor((bucket * length) / buckets);
    const end = from + Math.floor(((bucket + 1) * length) / buckets);
    let low = start;
    let high = start;
    for (let place = start + 1; place < end; place++) {
      const value = values[place]!;
      if (value < values[low]! || !Number.isFinite(values[low]!)) low = place;
      if (value > values[high]! || !Number.isFinite(values[high]!)) high = place;
    }
    add(Math.min(low, high));
    add(Math.max(low, high));
  }
  add(to - 1);
  return places;
}
