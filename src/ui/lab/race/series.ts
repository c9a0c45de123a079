// Data shaping of the rank race: mean and deviation over seeds, the cut to the zoom, thinning.

/** One curve: y over x, x ascending. Both arrays grow while training goes on. */
export interface Series {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** Mean over seeds and its standard deviation. */
export interface Band {
  readonly x: Float64Array;
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/**
 * Mean and sample standard deviation (n − 1) of curves that were measured at the same steps, place by place, as far as
 * all curves that have begun reach: a mean over fewer would jump where one ends. One curve alone deviates by 0.
 */
export function bandOf(series: readonly Series[]): Band {
  const begun = series.filter(({ y }) => y.length > 0);
  const length = begun.length === 0 ? 0 : Math.min(...begun.map(({ y }) => y.length));
  const x = new Float64Array(length);
  const mean = new Float64Array(length);
  const deviation = new Float64Array(length);
  for (let place = 0; place < length; place++) {
    for (const one of begun) {
      x[place]! += one.x[place]! / begun.length;
      mean[place]! += one.y[place]! / begun.length;
    }
    let squares = 0;
    for (const { y } of begun) squares += (y[place]! - mean[place]!) ** 2;
    deviation[place] = begun.length > 1 ? Math.sqrt(squares / (begun.length - 1)) : 0;
  }
  return { x, mean, deviation };
}

/**
 * Places to draw of a curve between two x: the first and the last, and the smallest and largest value of every bucket
 * of the axis, so that peaks are kept. Values that are not finite are left out. Buckets stay where they are while the
 * curve grows: only places in its last one can change.
 * @param buckets equal parts of first…last; at most 2·buckets + 2 places come back
 */
export function placesToDraw({ x, y }: Series, first: number, last: number, buckets: number): number[] {
  const places: number[] = [];
  const add = (place: number) => {
    if (places.length === 0 || place > places[places.length - 1]!) places.push(place);
  };
  const width = Math.max(last - first, Number.MIN_VALUE) / buckets;
  const to = firstPlaceAfter(x, last);
  let bucket = -1;
  let low = -1;
  let high = -1;
  let newest = -1;
  for (let place = firstPlaceFrom(x, first); place < to; place++) {
    const value = y[place]!;
    if (!Number.isFinite(value)) continue;
    const own = Math.min(buckets - 1, Math.floor((x[place]! - first) / width));
    if (own !== bucket) {
      if (newest < 0) add(place);
      else {
        add(Math.min(low, high));
        add(Math.max(low, high));
      }
      bucket = own;
      low = place;
      high = place;
    } else if (value < y[low]!) low = place;
    else if (value > y[high]!) high = place;
    newest = place;
  }
  if (newest < 0) return places;
  add(Math.min(low, high));
  add(Math.max(low, high));
  add(newest);
  return places;
}

/** First place whose x is at least `value`, or the length. */
export function firstPlaceFrom(x: ArrayLike<number>, value: number): number {
  return search(x, (other) => other < value);
}

function firstPlaceAfter(x: ArrayLike<number>, value: number): number {
  return search(x, (other) => other <= value);
}

function search(x: ArrayLike<number>, isBefore: (value: number) => boolean): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(x[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Place whose x is nearest to `value`; undefined for an empty curve. */
export function nearestPlace(x: ArrayLike<number>, value: number): number | undefined {
  if (x.length === 0) return undefined;
  const after = Math.min(x.length - 1, firstPlaceFrom(x, value));
  const before = Math.max(0, after - 1);
  return value - x[before]! < x[after]! - value ? before : after;
}
