// The task's own metric for trained weights: greedy completions of validation prompts, scored against the reference.
import type { Examples } from "../data/examples";
import { scoreCompletion, type TaskMetric } from "../data/taskMetric";
import type { Tokenizer } from "../formats/tokenizer";
import { Generator } from "../generate/generator";
import type { Gpu } from "../gpu/device";
import type { Injection } from "../lora/inject";
import type { ResidentModel } from "../models/residentModel";
import type { TaskResult } from "./results";

export interface ScoringOptions {
  readonly gpu: Gpu;
  readonly model: ResidentModel;
  /** Greedy completions come from the base with this put in. */
  readonly injection: Injection;
  readonly tokenizer: Tokenizer;
  readonly stopTokenIds: readonly number[];
  readonly metric: TaskMetric;
  readonly prompts: readonly ScoredPrompt[];
  readonly signal: AbortSignal;
}

/** A prompt with the completion that it should get. */
export interface ScoredPrompt {
  readonly promptIds: readonly number[];
  readonly prompt: string;
  readonly completion: string;
}

/** Tokens that an answer may have beyond the longest reference completion. */
const SPARE_TOKENS = 16;

/**
 * The first `count` examples that have a prompt and were not cut: what comes before the first counted token is the
 * prompt, what comes after it and before the end of the text is the reference.
 */
export function scoredPrompts(examples: Examples, tokenizer: Tokenizer, count: number): ScoredPrompt[] {
  const ends = new Set(tokenizer.eosTokenIds);
  const prompts: ScoredPrompt[] = [];
  for (const { ids, lossMask } of examples) {
    if (prompts.length >= count) break;
    const first = lossMask.indexOf(1);
    // Data without prompts counts from its second token on.
    if (first <= 1 || !ends.has(ids.at(-1)!)) continue;
    const promptIds = [...ids.subarray(0, first)];
    const completionIds = [...ids.subarray(first, -1)];
    const prompt = tokenizer.decode(promptIds);
    prompts.push({ promptIds, prompt, completion: decodeAfter(promptIds, completionIds, tokenizer) });
  }
  return prompts;
}

function decodeAfter(promptIds: readonly number[], ids: readonly number[], tokenizer: Tokenizer): string {
  const decoder = tokenizer.decodeStream(promptIds);
  return ids.map((id) => decoder.push(id)).join("") + decoder.end();
}

/**
 * Completes every prompt and scores the answers.
 * @returns null when the signal ended it
 * @throws when the metric's pattern does not fit an example's own completion; GpuMemoryError when there is no room
 */
export async function scoreTask(options: ScoringOptions): Promise<TaskResult | null> {
  const { gpu, model, injection, tokenizer, stopTokenIds, signal } = options;
  const { metric, prompts } = options;
  const longest = (texts: readonly (readonly number[])[]) =>
    texts.reduce((most, { length }) => Math.max(most, length), 0);
  const references = prompts.map(({ completion }) =>
    tokenizer.encode(completion, { addSpecialTokens: false }),
  );
  const maxNewTokens = longest(references) + SPARE_TOKENS;
  const contextLength = longest(prompts.map(({ promptIds }) => promptIds)) + maxNewTokens;
  const generator = await Generator.create({ gpu, model, injection, contextLength });
  let exact = 0;
  let fraction = 0;
  try {
    for (const expected of prompts) {
      const { promptIds } = expected;
      const sampling = { temperature: 0, topK: 0, topP: 1 };
      const request = { promptIds, maxNewTokens, sampling, seed: 0, stopTokenIds, signal };
      const { ids } = await generator.generate(request);
      if (signal.aborted) return null;
      const score = scoreCompletion(metric, expected, decodeAfter(promptIds, ids, tokenizer));
      exact += score.exact ? 1 : 0;
      fraction += score.fraction;
    }
  } finally {
    generator.destroy();
  }
  const count = prompts.length;
  return { exact: exact / count, fraction: fraction / count, count };
}
