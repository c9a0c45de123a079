// Compare's answers: one generator for the base and one for the tuned weights, kept while their weights stay
// the same. They share nothing but the frozen base with a run going on, so both may work at once.
import { Generator } from "../generate/generator";
import type { ReadyEngine } from "./engine";
import type { GenerateRequest, GenerateResult } from "./messages";
import { StudioError } from "./problems";
import { type TunedWeights, uploadTuned } from "./tunedWeights";
import { UpdateBatcher } from "./updateBatcher";

/** A generator with what it was made for. */
interface Voice {
  readonly generator: Generator;
  readonly engine: ReadyEngine;
  readonly tuned: TunedWeights | undefined;
  readonly resident: Awaited<ReturnType<typeof uploadTuned>> | undefined;
  /** Room that was asked for, in tokens; the model may allow less. */
  readonly contextLength: number;
}

/** Room for a prompt and an answer of the usual length. */
const leastContext = 256;

export class Answers {
  readonly #voices = new Map<GenerateRequest["use"], Voice>();
  #abort = new AbortController();
  /** Answers come one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Answers with the base, or with the tuned weights if some are given.
   * @param onText new text, at most once a frame
   * @throws StudioError or RangeError naming the setting; GpuMemoryError when there is no room
   */
  generate(
    engine: ReadyEngine,
    tuned: TunedWeights | undefined,
    request: GenerateRequest,
    onText: (piece: string) => void,
  ): Promise<GenerateResult> {
    const { signal } = this.#abort;
    const answer = this.#last.then(() => this.#answer(engine, tuned, request, onText, signal));
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** Ends the answers under way and those waiting. */
  cancel(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  /** Cancels, and frees the generators: their model is about to go. */
  async clear(): Promise<void> {
    this.cancel();
    await this.#last;
    for (const voice of this.#voices.values()) release(voice);
    this.#voices.clear();
  }

  async #answer(
    engine: ReadyEngine,
    tuned: TunedWeights | undefined,
    request: GenerateRequest,
    onText: (piece: string) => void,
    signal: AbortSignal,
  ): Promise<GenerateResult> {
    const { maxNewTokens, temperature, topK, topP, seed } = request;
    checkWhole("new tokens", "maxNewTokens", maxNewTokens, 1);
    checkWhole("seed", "seed", seed, 0);
    const { tokenizer, stopTokenIds } = engine.model.folder;
    const promptIds = tokenizer.encode(request.prompt, { addSpecialTokens: true });
    const generator = await this.#voice(engine, tuned, promptIds.length + maxNewTokens);
    const decoder = tokenizer.decodeStream(promptIds);
    let text = "";
    const batcher = new UpdateBatcher<string>((pieces) => onText(pieces.join("")));
    const say = (piece: string) => {
      text += piece;
      batcher.push(piece);
    };
    const startMs = performance.now();
    const { ids, stopped } = await generator.generate(
      {
        promptIds,
        maxNewTokens,
        sampling: { temperature, topK, topP },
        seed,
        stopTokenIds,
        signal,
      },
      (id) => say(decoder.push(id)),
    );
    say(decoder.end());
    batcher.flush();
    const seconds = (performance.now() - startMs) / 1000;
    return { text, tokenCount: ids.length, tokensPerSecond: ids.length / seconds, stopped };
  }

  /** The generator for these weights, made anew when engine, weights or the room it needs have changed. */
  async #voice(engine: ReadyEngine, tuned: TunedWeights | undefined, tokens: number): Promise<Generator> {
    const use = tuned ? "adapter" : "base";
    const kept = this.#voices.get(use);
    const isSame = kept?.engine.resident === engine.resident && kept.tuned === tuned;
    const most = engine.model.info.maxPositionEmbeddings;
    if (isSame && kept.contextLength >= Math.min(tokens, most)) return kept.generator;
    if (kept) release(kept);
    this.#voices.delete(use);
    const resident = tuned && (await uploadTuned(engine.gpu, engine.resident, tuned));
    const contextLength = Math.max(leastContext, 2 ** Math.ceil(Math.log2(tokens)));
    const { gpu, resident: model } = engine;
    const injection = resident?.injection ?? {};
    const generator = await Generator.create({ gpu, model, injection, contextLength }).catch((error) => {
      resident?.release();
      throw error;
    });
    this.#voices.set(use, { generator, engine, tuned, resident, contextLength });
    return generator;
  }
}

function release({ generator, resident }: Voice): void {
  generator.destroy();
  resident?.release();
}

function checkWhole(label: string, field: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  const got = Number.isNaN(value) ? "none" : String(value);
  throw new StudioError(`${label}: expected a whole number from ${least}, got ${got}`, field);
}
