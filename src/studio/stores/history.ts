// A run's history as it grows: events in, arrays for the charts out, and the cut that a resume makes.
import type { RunHistory, RunUpdate } from "../messages";

export const emptyHistory: RunHistory = { steps: [], evaluations: [], deltas: [] };

/** The history with the updates' events at its end; a "rewound" takes away what came after its step. */
export function extendHistory(history: RunHistory, updates: readonly RunUpdate[]): RunHistory {
  const at = updates.findLastIndex(({ type }) => type === "rewound");
  const rewound = updates[at];
  if (rewound?.type === "rewound") {
    const kept = truncateHistory(extendHistory(history, updates.slice(0, at)), rewound.step);
    return extendHistory(kept, updates.slice(at + 1));
  }
  const steps = updates.filter((update) => update.type === "step");
  const evaluations = updates.filter((update) => update.type === "evaluation");
  const deltas = updates.filter((update) => update.type === "delta");
  return {
    steps: steps.length > 0 ? [...history.steps, ...steps] : history.steps,
    evaluations: evaluations.reduce(withEvaluation, history.evaluations),
    deltas: deltas.length > 0 ? [...history.deltas, ...deltas] : history.deltas,
  };
}

/** A run that was stopped is evaluated there; resumed, it may be again at the same step. */
function withEvaluation(
  evaluations: RunHistory["evaluations"],
  next: RunHistory["evaluations"][number],
): RunHistory["evaluations"] {
  const before = evaluations.at(-1)?.step === next.step ? evaluations.slice(0, -1) : evaluations;
  return [...before, next];
}

/** What had happened once `step` steps were done. */
export function truncateHistory(history: RunHistory, step: number): RunHistory {
  const upTo = <T extends { readonly step: number }>(events: readonly T[]) =>
    events.filter((event) => event.step <= step);
  return {
    steps: upTo(history.steps),
    evaluations: upTo(history.evaluations),
    deltas: upTo(history.deltas),
  };
}

/** Tokens per second and time left, from the last steps of a run of `totalSteps`. */
export function paceOf(
  history: RunHistory,
  totalSteps: number,
): { tokensPerSecond?: number; etaMs?: number } {
  // The first step also compiles pipelines.
  const recent = history.steps.slice(Math.max(1, history.steps.length - 20));
  const elapsedMs = recent.reduce((sum, { stepMs }) => sum + stepMs, 0);
  if (elapsedMs <= 0) return {};
  const tokens = recent.reduce((sum, step) => sum + step.tokens, 0);
  const left = totalSteps - history.steps.at(-1)!.step;
  return { tokensPerSecond: (tokens / elapsedMs) * 1000, etaMs: (elapsedMs / recent.length) * left };
}
