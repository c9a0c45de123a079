// What tests of the lab do over and over: a small experiment, its updates, its numbers.
import type { ExperimentInput, LabUpdate } from "../labMessages";
import { tinyConfig } from "./tinyModel";

/** Four cells of six steps. */
export const labInput: ExperimentInput = {
  name: "Small ranks",
  grid: { ranks: [1, 4], targetSets: [{ modules: ["q_proj"] }], seeds: [0, 1] },
  run: { ...tinyConfig, steps: 6, evaluateEvery: 3, checkpointEvery: 2 },
  metricExamples: 1,
};
export const labIds = ["r1_q_s0", "r1_q_s1", "r4_q_s0", "r4_q_s1"];

/** Collects an experiment's updates. */
export function collectLab() {
  const updates: LabUpdate[] = [];
  let resolve: (update: LabUpdate) => void = () => {};
  const ended = new Promise<LabUpdate>((done) => {
    resolve = done;
  });
  const onUpdates = (batch: readonly LabUpdate[]) => {
    updates.push(...batch);
    const end = batch.find(({ type }) => type === "end");
    if (end) resolve(end);
  };
  return { updates, onUpdates, ended };
}

/** A result without what a clock decides. */
export const numbers = (results: readonly { readonly timeMs: number }[]) =>
  results.map(({ timeMs: _, ...rest }) => rest);
