// Times several implementations of the same work side by side: results compared first, then samples taken in turns,
// so that whatever else the machine does meets all of them alike.
import type { CaseResult, ContestantResult, Timing } from "./report";

/** One implementation of a case's work, ready to run. */
export interface Contestant {
  /** What it computed, to be compared before anything is timed. */
  results(): Promise<ReadonlyMap<string, Float32Array>>;
  /** Hands one run to the GPU. */
  run(): void | Promise<void>;
  /** Resolves when the GPU has done everything handed to it. */
  finish(): Promise<void>;
  close(): void | Promise<void>;
}

/** A contestant's name and how to set it up; `open` throws with the reason where it cannot take part. */
export interface Entry {
  readonly name: string;
  readonly open: () => Promise<Contestant>;
}

export interface Case {
  readonly id: string;
  readonly title: string;
  readonly flops?: number;
  readonly tokens?: number;
  readonly tolerance: number;
  /** The first is held against all others, and its results are the reference. */
  readonly entries: readonly Entry[];
}

export interface Effort {
  /** Samples to take of each contestant. */
  readonly samples: number;
  /** No further samples of a contestant after this long, as long as it has three, or two that take this long each. */
  readonly msPerContestant: number;
  /** Runs are repeated within a sample until it takes about this long. */
  readonly msPerSample: number;
}

/** Samples of a contestant at least; of one that is very slow the second says what a third would. */
const fewestSamples = (runMs: number, { msPerContestant }: Effort) => (runMs > msPerContestant ? 2 : 3);

interface Player {
  readonly name: string;
  readonly contestant: Contestant;
  readonly difference: number;
  readonly runsPerSample: number;
  readonly samplesMs: number[];
}

/** Sets up, compares and times. Never rejects because of one contestant: its result says why it was left out. */
export async function holdContest(
  { entries, tolerance, ...about }: Case,
  effort: Effort,
  now: () => number = () => performance.now(),
): Promise<CaseResult> {
  const players: Player[] = [];
  const skipped = new Map<string, ContestantResult>();
  let reference: ReadonlyMap<string, Float32Array> | undefined;
  for (const { name, open } of entries) {
    let contestant: Contestant | undefined;
    try {
      contestant = await open();
      const results = await contestant.results();
      reference ??= results;
      const difference = largestDifference(results, reference);
      if (!(difference <= tolerance)) {
        throw new Error(
          `results: expected within ${tolerance} of ${entries[0]!.name}'s, got ${difference.toExponential(1)}`,
        );
      }
      const onceMs = await sample(contestant, 1, now);
      const runsPerSample = repeatsFor(onceMs, effort);
      // Where runs are long, the one that found it out is the first sample.
      const samplesMs = onceMs * fewestSamples(onceMs, effort) > effort.msPerContestant ? [onceMs] : [];
      players.push({ name, contestant, difference, runsPerSample, samplesMs });
    } catch (error) {
      await contestant?.close();
      skipped.set(name, {
        contestant: name,
        skipped: error instanceof Error ? error.message : String(error),
      });
    }
  }
  try {
    await takeTurns(players, effort, now);
  } finally {
    for (const { contestant } of players) await contestant.close();
  }
  const timings = new Map(players.map((player) => [player.name, timingOf(player)]));
  const first = timings.get(entries[0]!.name);
  const contestants = entries.map(({ name }): ContestantResult => {
    const timing = timings.get(name);
    if (!timing) return skipped.get(name)!;
    const { difference } = players.find((player) => player.name === name)!;
    return {
      contestant: name,
      timing,
      difference,
      ...(first && { ratio: timing.medianMs / first.medianMs }),
    };
  });
  return { ...about, tolerance, contestants };
}

/** Rounds in which everyone has one turn; who begins changes from round to round. */
async function takeTurns(players: readonly Player[], effort: Effort, now: () => number): Promise<void> {
  for (let round = 0; round < effort.samples; round++) {
    for (let turn = 0; turn < players.length; turn++) {
      const { contestant, samplesMs, runsPerSample } = players[(turn + round) % players.length]!;
      const spentMs = samplesMs.reduce((sum, ms) => sum + ms * runsPerSample, 0);
      const fewest = fewestSamples(spentMs / samplesMs.length, effort);
      if (samplesMs.length >= fewest && spentMs > effort.msPerContestant) continue;
      samplesMs.push(await sample(contestant, runsPerSample, now));
    }
  }
}

async function sample(contestant: Contestant, runs: number, now: () => number): Promise<number> {
  const start = now();
  for (let i = 0; i < runs; i++) await contestant.run();
  await contestant.finish();
  return (now() - start) / runs;
}

/** Runs in a row that make a sample. */
function repeatsFor(onceMs: number, { msPerSample }: Effort): number {
  return Math.max(1, Math.min(64, Math.round(msPerSample / onceMs)));
}

function timingOf({ samplesMs, runsPerSample }: Player): Timing {
  return {
    medianMs: quantile(samplesMs, 0.5),
    lowMs: quantile(samplesMs, 0.25),
    highMs: quantile(samplesMs, 0.75),
    samples: samplesMs.length,
    runsPerSample,
  };
}

/** Quantile by linear interpolation, as numpy.quantile. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * fraction;
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}

/**
 * max|a − b| / max|b| over the results that both have; infinity when anything is not finite or sizes differ.
 * @throws when `actual` holds something that the reference does not
 */
export function largestDifference(
  actual: ReadonlyMap<string, Float32Array>,
  expected: ReadonlyMap<string, Float32Array>,
): number {
  let worst = 0;
  for (const [name, values] of actual) {
    const wanted = expected.get(name);
    if (!wanted)
      throw new Error(`results: expected names of ${[...expected.keys()].join(", ")}, got ${name}`);
    if (wanted.length !== values.length) return Number.POSITIVE_INFINITY;
    let difference = 0;
    let size = 0;
    for (let i = 0; i < wanted.length; i++) {
      const distance = Math.abs(values[i]! - wanted[i]!);
      if (!Number.isFinite(distance)) return Number.POSITIVE_INFINITY;
      difference = Math.max(difference, distance);
      size = Math.max(size, Math.abs(wanted[i]!));
    }
    worst = Math.max(worst, size > 0 ? difference / size : difference);
  }
  return worst;
}
