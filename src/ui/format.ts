// Numbers as people read them, the same everywhere on the page.

const grouped = new Intl.NumberFormat("en-US");

/** 15360 → "15,360". */
export function formatCount(value: number): string {
  return grouped.format(Math.round(value));
}

/** 1234567 → "1.2 M"; below ten thousand every digit stays. */
export function formatLargeCount(value: number): string {
  if (value < 10_000) return formatCount(value);
  if (value < 999_500) return `${trimZero((value / 1e3).toFixed(value < 99_950 ? 1 : 0))} K`;
  if (value < 999.5e6) return `${trimZero((value / 1e6).toFixed(value < 99.95e6 ? 1 : 0))} M`;
  return `${trimZero((value / 1e9).toFixed(1))} B`;
}

/** Bytes in powers of 1024, as GPU memory is counted: 1536 → "1.5 KiB". */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : trimZero(value.toFixed(1))} ${units[unit]}`;
}

/** A loss in nats: four decimals, so that small progress shows. */
export function formatLoss(loss: number): string {
  return Number.isFinite(loss) ? loss.toFixed(4) : String(loss);
}

/** A learning rate, norm or other small quantity: at most three significant digits. */
export function formatSmall(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e5) return trimExponent(value.toExponential(2));
  return String(Number(value.toPrecision(3)));
}

/** 1.53 → "1.53 %"; tiny shares keep two significant digits. */
export function formatPercent(percent: number): string {
  if (percent > 0 && percent < 0.01) return `${Number(percent.toPrecision(2))} %`;
  return `${trimZero(percent.toFixed(percent < 10 ? 2 : 1))} %`;
}

/** 75_000 → "1:15"; from an hour on "1:02:05". */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours, minutes, rest] = parts.map((part) => String(part).padStart(2, "0"));
  return seconds >= 3600 ? `${Number(hours)}:${minutes}:${rest}` : `${Number(minutes)}:${rest}`;
}

function trimZero(text: string): string {
  return text.replace(/\.?0+$/, (zeros) => (text.includes(".") ? "" : zeros));
}

function trimExponent(text: string): string {
  return text.replace(/\.?0*e\+?/, "e");
}
