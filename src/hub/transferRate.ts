// How fast a download is and how long it will take, over its last seconds: what came before a pause says little.

export interface Progress {
  readonly phase: "downloading" | "checking";
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Over the last seconds; 0 before the first bytes. */
  readonly bytesPerSecond: number;
  /** Unknown before the first bytes. */
  readonly secondsLeft?: number | undefined;
}

const WINDOW_MS = 5000;
const REPORT_MS = 100;

export class TransferRate {
  #doneBytes = 0;
  #samples: { readonly timeMs: number; readonly doneBytes: number }[] = [];
  #reportedMs = Number.NEGATIVE_INFINITY;

  /** @param startBytes there before the transfer began: they count as done, not as speed */
  constructor(
    readonly phase: Progress["phase"],
    readonly totalBytes: number,
    startBytes: number,
    readonly onProgress: (progress: Progress) => void,
    readonly now: () => number = () => performance.now(),
  ) {
    this.#doneBytes = startBytes;
    this.#samples.push({ timeMs: this.now(), doneBytes: startBytes });
    this.report();
  }

  /** Counts bytes; reports at most ten times a second. */
  add(bytes: number): void {
    this.#doneBytes += bytes;
    if (this.now() - this.#reportedMs >= REPORT_MS) this.report();
  }

  report(): void {
    const timeMs = this.now();
    this.#reportedMs = timeMs;
    this.#samples.push({ timeMs, doneBytes: this.#doneBytes });
    while (this.#samples.length > 2 && timeMs - this.#samples[1]!.timeMs > WINDOW_MS) this.#samples.shift();
    const oldest = this.#samples[0]!;
    const seconds = (timeMs - oldest.timeMs) / 1000;
    const bytesPerSecond = seconds > 0 ? (this.#doneBytes - oldest.doneBytes) / seconds : 0;
    this.onProgress({
      phase: this.phase,
      doneBytes: this.#doneBytes,
      totalBytes: this.totalBytes,
      bytesPerSecond,
      secondsLeft: bytesPerSecond > 0 ? (this.totalBytes - this.#doneBytes) / bytesPerSecond : undefined,
    });
  }
}
