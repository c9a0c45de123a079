// Follows one race: its events as the experiment's, the figures that become each cell's result, and the progress from
// which it can go on.

import type { CellCheckpoint } from "../train/raceCells";
import type { RaceEvent } from "../train/raceOptions";
import type { ExperimentEvent } from "./events";
import type { ExperimentCell } from "./experiment";
import type { CellResult, TaskResult } from "./results";

/** Steps whose mean is a cell's training loss: a single batch's says little. */
const TRAIN_LOSS_STEPS = 10;

/** What is known of a cell while it trains. */
export interface CellFigures {
  readonly recent: readonly { readonly step: number; readonly loss: number }[];
  readonly validationLoss: number | null;
  readonly lowestValidationLoss: number | null;
  /** When it ended; null while it trains. */
  readonly endMs: number | null;
}

/** A race under way, as it is kept; `timeMs` and `tokens` as of the checkpoint. */
export interface RaceProgress {
  readonly ids: readonly string[];
  readonly checkpoint: readonly CellCheckpoint[];
  readonly timeMs: number;
  readonly tokens: number;
  readonly figures: readonly CellFigures[];
}

/** What the plan knows of a cell beside its figures. */
export interface CellFacts {
  readonly trainableParameters: number;
  readonly memoryBytes: number;
  readonly racedWith: number;
}

const noFigures: CellFigures = {
  recent: [],
  validationLoss: null,
  lowestValidationLoss: null,
  endMs: null,
};

export class RaceFollower {
  readonly #figures: CellFigures[];
  readonly #live: Set<number>;
  /** Time and tokens after each of the last steps; a checkpoint comes some steps late. */
  readonly #marks = new Map<number, { readonly timeMs: number; readonly tokens: number }>();
  #tokens: number;
  #activeMs: number;
  #resumedAtMs: number | undefined = performance.now();
  #gathered: { type: "step" | "evaluation"; step: number; ids: string[]; losses: number[] } | undefined;

  constructor(
    private readonly cells: readonly ExperimentCell[],
    private readonly onEvent: (event: ExperimentEvent) => void,
    private readonly onCheckpoint: (progress: RaceProgress) => void,
    saved?: RaceProgress,
  ) {
    this.#figures = saved ? [...saved.figures] : cells.map(() => noFigures);
    this.#live = new Set(cells.keys());
    saved?.checkpoint.forEach(({ end }, cell) => {
      if (end) this.#live.delete(cell);
    });
    this.#tokens = saved?.tokens ?? 0;
    this.#activeMs = saved?.timeMs ?? 0;
  }

  /** Training time so far, pauses left out. */
  get timeMs(): number {
    return this.#activeMs + (this.#resumedAtMs === undefined ? 0 : performance.now() - this.#resumedAtMs);
  }

  pause(): void {
    this.#activeMs = this.timeMs;
    this.#resumedAtMs = undefined;
  }

  resume(): void {
    this.#resumedAtMs ??= performance.now();
  }

  take(event: RaceEvent): void {
    if (event.type === "delta" || event.type === "profile") return;
    if (event.type === "checkpoint") {
      this.onCheckpoint(this.#progress(event.step, event.cells));
      return;
    }
    if (event.type === "end") {
      this.#live.delete(event.cell);
      this.#change(event.cell, { endMs: this.timeMs });
      this.#flush();
      return;
    }
    if (this.#gathered?.type !== event.type || this.#gathered.step !== event.step) this.#flush();
    const { cell, type, step, loss } = event;
    if (type === "step") {
      if (!this.#marks.has(step)) this.#mark(step, event.tokens);
      const recent = this.#figures[cell]!.recent.filter((point) => point.step < step);
      this.#change(cell, { recent: [...recent, { step, loss }].slice(-TRAIN_LOSS_STEPS) });
    } else {
      const { lowestValidationLoss: lowest } = this.#figures[cell]!;
      const lowestValidationLoss = lowest === null ? loss : Math.min(lowest, loss);
      this.#change(cell, { validationLoss: loss, lowestValidationLoss });
    }
    this.#gathered ??= { type, step, ids: [], losses: [] };
    this.#gathered.ids.push(this.cells[cell]!.id);
    this.#gathered.losses.push(loss);
    if (cell === Math.max(...this.#live)) this.#flush();
  }

  /** A cell's result once the race is over. @param checkpoint its last, with how it ended */
  resultOf(cell: number, checkpoint: CellCheckpoint, facts: CellFacts, task: TaskResult | null): CellResult {
    const { recent, validationLoss, lowestValidationLoss, endMs } = this.#figures[cell]!;
    const { end } = checkpoint;
    const losses = recent.map(({ loss }) => loss).filter(Number.isFinite);
    const finite = (value: number | null) => (value !== null && Number.isFinite(value) ? value : null);
    return {
      id: this.cells[cell]!.id,
      outcome: end?.outcome ?? "stopped",
      reason: end?.reason ?? null,
      step: end?.step ?? 0,
      keptStep: end?.keptStep ?? null,
      trainLoss: losses.length === 0 ? null : losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
      validationLoss: finite(end?.keptStep === undefined ? validationLoss : lowestValidationLoss),
      lowestValidationLoss: finite(lowestValidationLoss),
      task,
      ...facts,
      timeMs: endMs ?? this.timeMs,
    };
  }

  #change(cell: number, change: Partial<CellFigures>): void {
    this.#figures[cell] = { ...this.#figures[cell]!, ...change };
  }

  #mark(step: number, tokens: number): void {
    this.#tokens += tokens;
    this.#marks.set(step, { timeMs: this.timeMs, tokens: this.#tokens });
    if (this.#marks.size > 64) this.#marks.delete(this.#marks.keys().next().value!);
  }

  #flush(): void {
    if (!this.#gathered) return;
    const { type, ...points } = this.#gathered;
    this.#gathered = undefined;
    const time = { timeMs: this.timeMs, tokens: this.#tokens };
    this.onEvent({ type: type === "step" ? "steps" : "validation", ...points, ...time });
  }

  #progress(step: number, checkpoint: readonly CellCheckpoint[]): RaceProgress {
    const { timeMs, tokens } = this.#marks.get(step) ?? { timeMs: this.timeMs, tokens: this.#tokens };
    const figures = this.#figures.map((each) => ({
      ...each,
      recent: each.recent.filter((point) => point.step <= step),
    }));
    return { ids: this.cells.map(({ id }) => id), checkpoint, timeMs, tokens, figures };
  }
}
