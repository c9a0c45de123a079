// From quantities to pixels and back, along one axis.

export interface Scale {
  readonly low: number;
  readonly high: number;
  /** Pixel of a value; values outside low…high lie outside the axis. */
  pixel(value: number): number;
  /** Value at a pixel, the inverse of `pixel`. */
  value(pixel: number): number;
}

/**
 * @param domain lowest and highest value, different from each other; both above 0 for a log scale
 * @param range pixels of the two
 */
export function scaleOf(
  domain: readonly [low: number, high: number],
  range: readonly [from: number, to: number],
  isLog: boolean,
): Scale {
  const [low, high] = domain;
  const [from, to] = range;
  const bend = isLog ? Math.log : (value: number) => value;
  const unbend = isLog ? Math.exp : (value: number) => value;
  const start = bend(low);
  const slope = (to - from) / (bend(high) - start);
  return {
    low,
    high,
    pixel: (value) => from + (bend(value) - start) * slope,
    value: (pixel) => unbend(start + (pixel - from) / slope),
  };
}
