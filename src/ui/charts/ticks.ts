// Round numbers along the loss axis: the drawing library divides its range evenly, into 1.65 and 2.75.

/**
 * Round values that cover low to high: multiples of 1, 2 or 5 times a power of ten, in order.
 * @param count about how many intervals
 */
export function linearTicks(low: number, high: number, count: number): number[] {
  // A range of nothing, or of rounding errors, gets some width.
  const span = Math.max(high - low, Math.abs(high) * 0.05) || 1;
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = power * ([1, 2, 5].find((factor) => span / (factor * power) <= count) ?? 10);
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step));
  // Multiplied each time: adding up would pile up rounding errors.
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** 1, 2 and 5 times powers of ten from below low to above high; both greater than 0. */
export function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    for (const factor of [1, 2, 5]) ticks.push(Number((factor * 10 ** power).toPrecision(12)));
  const first = ticks.findLastIndex((tick) => tick <= low);
  const last = ticks.findIndex((tick) => tick >= high);
  return ticks.slice(Math.max(0, first), last + 1);
}

/** Round values along a loss axis that shows low to high. On a log axis low must be above 0. */
export function axisTicks(low: number, high: number, isLog: boolean): number[] {
  // Within a factor of eight, 1, 2 and 5 are too few to read values from.
  if (isLog && high >= 8 * low) return logTicks(low, high);
  return linearTicks(low, high, 5).filter((tick) => !isLog || tick > 0);
}
