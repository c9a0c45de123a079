// The files of public/datasets, as text: a pure function, so that a test can compare the committed bytes.
import { calendar } from "./calendar";
import { restaurants } from "./restaurants";
import { drawExamples, type Example } from "./task";

const seed = 7;
const trainCount = 1600;
const validationCount = 160;

const lines = (examples: readonly Example[]) =>
  examples.map((example) => `${JSON.stringify(example)}\n`).join("");

/** Path below public/datasets → content, for all tasks. */
export function datasetFiles(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const task of [calendar, restaurants]) {
    const { draw: _, ...description } = task;
    const taken = new Set<string>();
    files[`${task.name}/validation.jsonl`] = lines(
      drawExamples(task, seed, "validation", validationCount, taken),
    );
    files[`${task.name}/train.jsonl`] = lines(drawExamples(task, seed, "train", trainCount, taken));
    files[`${task.name}/dataset.json`] = `${JSON.stringify(description, null, 2)}\n`;
  }
  return files;
}
