// Learning-rate schedules, as transformers' get_scheduler computes them: step counts updates from 0, so with
// warm-up the first update has rate 0. Source: transformers, optimization.py.
import type { TrainConfig } from "./config";

/** Rate of update `step` (from 0). */
export function learningRateAt(
  {
    learningRate,
    schedule,
    steps,
    warmupSteps,
  }: Pick<TrainConfig, "learningRate" | "schedule" | "steps" | "warmupSteps">,
  step: number,
): number {
  if (step < warmupSteps) return learningRate * (step / Math.max(1, warmupSteps));
  if (schedule === "constant") return learningRate;
  const length = Math.max(1, steps - warmupSteps);
  if (schedule === "linear") return learningRate * Math.max(0, (steps - step) / length);
  const progress = (step - warmupSteps) / length;
  return learningRate * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
}
