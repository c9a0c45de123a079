// How a run shows on a terminal: one line that is redrawn where there is a person, plain lines now and then in a log.
import type { TrainEvent } from "../train/events";

export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Steps over which speed is averaged. */
const WINDOW = 20;
/** Lines of a whole run in a log. */
const LOG_LINES = 20;
const BAR_WIDTH = 24;

export class Progress {
  readonly #steps: number;
  readonly #output: ProgressOutput;
  readonly #every: number;
  readonly #recent: { tokens: number; stepMs: number }[] = [];
  #isLineOpen = false;

  /** @param steps of the whole run */
  constructor(steps: number, output: ProgressOutput) {
    this.#steps = steps;
    this.#output = output;
    this.#every = Math.max(1, Math.ceil(steps / LOG_LINES));
  }

  onEvent(event: TrainEvent): void {
    if (event.type === "evaluation") {
      this.print(`step ${event.step} of ${this.#steps} · evaluation loss ${event.loss.toFixed(4)}`);
    }
    if (event.type !== "step") return;
    this.#recent.push({ tokens: event.tokens, stepMs: event.stepMs });
    if (this.#recent.length > WINDOW) this.#recent.shift();
    const ms = this.#recent.reduce((sum, { stepMs }) => sum + stepMs, 0);
    const tokens = this.#recent.reduce((sum, each) => sum + each.tokens, 0);
    const left = ((this.#steps - event.step) * ms) / this.#recent.length;
    const facts =
      `loss ${event.loss.toFixed(4)} · ${Math.round((1000 * tokens) / ms)} tokens/s · ` +
      `${durationText(left)} left`;
    if (this.#output.isTTY) this.#redraw(event.step, facts);
    else if (event.step % this.#every === 0 || event.step === this.#steps || event.step === 1) {
      this.#output.write(`step ${event.step} of ${this.#steps} · ${facts}\n`);
    }
  }

  /** A line of its own, above the bar. */
  print(line: string): void {
    this.#output.write(`${this.#isLineOpen ? "\r\x1b[2K" : ""}${line}\n`);
    this.#isLineOpen = false;
  }

  /** Leaves the bar standing. */
  end(): void {
    if (this.#isLineOpen) this.#output.write("\n");
    this.#isLineOpen = false;
  }

  #redraw(step: number, facts: string): void {
    const full = Math.round((BAR_WIDTH * step) / this.#steps);
    const bar = `[${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)}]`;
    const line = `${bar} ${step}/${this.#steps} · ${facts}`;
    // A line that wraps would not be redrawn but repeated. Some terminals say that they have 0 columns.
    this.#output.write(`\r\x1b[2K${line.slice(0, (this.#output.columns || 80) - 1)}`);
    this.#isLineOpen = true;
  }
}

/** 75_000 → "1:15". */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
