// Gathers a run's updates so that the page gets one message per frame, however fast the steps are.

/** Two frames of a 60 Hz screen: charts cannot show more. */
const intervalMs = 33;

export class UpdateBatcher<T> {
  #waiting: T[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #deliver: (updates: readonly T[]) => void;

  constructor(deliver: (updates: readonly T[]) => void) {
    this.#deliver = deliver;
  }

  push(update: T): void {
    this.#waiting.push(update);
    this.#timer ??= setTimeout(() => this.flush(), intervalMs);
  }

  /** Delivers what waits now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const updates = this.#waiting;
    this.#waiting = [];
    if (updates.length > 0) this.#deliver(updates);
  }
}
