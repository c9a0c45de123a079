// One prompt, answered by the base and by every kept cell of an experiment, as it is being written.
import type { Answers } from "./answers";
import type { ReadyEngine } from "./engine";
import type { LabAnswer } from "./labMessages";
import type { TunedWeights } from "./tunedWeights";

export interface LabQuestion {
  readonly prompt: string;
  readonly maxNewTokens: number;
  /** Asked after the base, in this order. */
  readonly cellIds: readonly string[];
  readonly weightsOf: (cellId: string) => Promise<TunedWeights>;
}

/**
 * Greedy answers, one after the other; the first that is cancelled is the last.
 * @param onAnswer each answer as far as it is written, at most once a frame
 * @throws StudioError or RangeError naming the setting; GpuMemoryError when there is no room
 */
export async function answerAll(
  answers: Answers,
  engine: ReadyEngine,
  { prompt, maxNewTokens, cellIds, weightsOf }: LabQuestion,
  onAnswer: (answer: LabAnswer) => void,
): Promise<void> {
  const request = { prompt, maxNewTokens, temperature: 0, topK: 0, topP: 1, seed: 0 };
  for (const cellId of [null, ...cellIds]) {
    onAnswer({ cellId, text: "", stopped: null });
    const tuned = cellId === null ? undefined : await weightsOf(cellId);
    const use = tuned ? "adapter" : "base";
    let written = "";
    const { text, stopped } = await answers.generate(engine, tuned, { ...request, use }, (piece) => {
      written += piece;
      onAnswer({ cellId, text: written, stopped: null });
    });
    onAnswer({ cellId, text, stopped });
    if (stopped === "cancelled") return;
  }
}
