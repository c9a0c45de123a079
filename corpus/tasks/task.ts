// What a fine-tuning task is made of, and how its splits are drawn without overlap.
import { Draw } from "../draw";

export interface Example {
  prompt: string;
  completion: string;
}

export interface Task {
  name: string;
  title: string;
  description: string;
  goal: string;
  success: string;
  metric: { kind: "slots"; valuePattern: string } | { kind: "format"; pattern: string };
  draw(draw: Draw): Example;
}

/** Examples with prompts that differ from each other and from `taken`, which grows. */
export function drawExamples(
  task: Task,
  seed: number,
  split: string,
  count: number,
  taken: Set<string>,
): Example[] {
  const examples: Example[] = [];
  for (let index = 0; examples.length < count; index++) {
    const example = task.draw(new Draw(seed, `${task.name}:${split}:${index}`));
    if (taken.has(example.prompt)) continue;
    taken.add(example.prompt);
    examples.push(example);
  }
  return examples;
}
