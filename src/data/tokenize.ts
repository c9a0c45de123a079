// Examples → token ids with a mask of the tokens that count in the loss, cut to the sequence length.
import { FormatError } from "../formats/formatError";
import type { Tokenizer } from "../formats/tokenizer";
import type { TokenizedExample } from "./batches";
import type { ParsedExamples } from "./examples";

/** What became of a file's examples; lengths in tokens. */
export interface TokenizeReport {
  /** Examples in the file; for plain text, blocks. */
  readonly exampleCount: number;
  /** Examples left to train on. */
  readonly keptCount: number;
  /** Kept, but cut to the sequence length. */
  readonly truncatedCount: number;
  /** Left out, because no counted token remains. */
  readonly droppedCount: number;
  /** Longest example before the cut. */
  readonly longestTokens: number;
  /** Tokens of the kept examples after the cut. */
  readonly tokenCount: number;
  /** Those of them that count in the loss. */
  readonly targetCount: number;
}

interface UncutExample {
  readonly ids: readonly number[];
  /** Tokens from here on count, except index 0. */
  readonly firstTarget: number;
}

/**
 * Prompt and completion: tokenizer(prompt) + tokenizer(completion, no special tokens) + end-of-text, loss on
 * the last two. Text: tokenizer(text) + end-of-text, loss on all. Plain text: tokenized whole and cut into
 * blocks, loss on all.
 * @param sequenceLength most tokens per example, at least 2
 * @throws FormatError when no example keeps a counted token, saying what to raise
 * @throws RangeError when the sequence length is below 2 or no whole number
 */
export function tokenizeExamples(
  parsed: ParsedExamples,
  tokenizer: Tokenizer,
  sequenceLength: number,
): { examples: TokenizedExample[]; report: TokenizeReport } {
  if (!Number.isInteger(sequenceLength) || sequenceLength < 2) {
    throw new RangeError(`sequence length: expected a whole number from 2, got ${sequenceLength}`);
  }
  const uncut = encodeExamples(parsed, tokenizer, sequenceLength);
  const cut = uncut.map((example) => cutExample(example, sequenceLength));
  const kept = cut.filter(({ lossMask }) => lossMask.includes(1));
  if (kept.length === 0) throw nothingLeft(parsed.fileName, uncut, sequenceLength);
  const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
  const report = {
    exampleCount: uncut.length,
    keptCount: kept.length,
    truncatedCount: uncut.filter(({ ids }, i) => ids.length > sequenceLength && cut[i]!.lossMask.includes(1))
      .length,
    droppedCount: uncut.length - kept.length,
    longestTokens: uncut.reduce((longest, { ids }) => Math.max(longest, ids.length), 0),
    tokenCount: sum(kept.map(({ ids }) => ids.length)),
    targetCount: sum(kept.map(({ lossMask }) => lossMask.reduce((count, counted) => count + counted, 0))),
  };
  return { examples: kept, report };
}

function encodeExamples(
  parsed: ParsedExamples,
  tokenizer: Tokenizer,
  sequenceLength: number,
): UncutExample[] {
  const whole = (text: string) => tokenizer.encode(text, { addSpecialTokens: true });
  if (parsed.kind === "plainText") {
    const ids = whole(parsed.text);
    const blockCount = Math.ceil(ids.length / sequenceLength);
    return Array.from({ length: blockCount }, (_, block) => ({
      ids: ids.slice(block * sequenceLength, (block + 1) * sequenceLength),
      firstTarget: 0,
    }));
  }
  const endOfText = tokenizer.eosTokenIds[0];
  if (endOfText === undefined) {
    const problem = "expected the model's end-of-text token, which closes every example, got none.";
    throw new FormatError("tokenizer_config.json", "eos_token", problem);
  }
  if (parsed.kind === "text") {
    return parsed.examples.map(({ text }) => ({ ids: [...whole(text), endOfText], firstTarget: 0 }));
  }
  return parsed.examples.map(({ prompt, completion }) => {
    const promptIds = whole(prompt);
    const completionIds = tokenizer.encode(completion, { addSpecialTokens: false });
    return { ids: [...promptIds, ...completionIds, endOfText], firstTarget: promptIds.length };
  });
}

function cutExample({ ids, firstTarget }: UncutExample, sequenceLength: number): TokenizedExample {
  const kept = Uint32Array.from(ids.slice(0, sequenceLength));
  const lossMask = new Uint8Array(kept.length);
  lossMask.fill(1, Math.max(1, firstTarget));
  return { ids: kept, lossMask };
}

/** Why no example is left, and the sequence lengths that keep one and all of them. */
function nothingLeft(fileName: string, uncut: readonly UncutExample[], sequenceLength: number): FormatError {
  const trainable = uncut.filter(({ ids }) => ids.length > 1);
  if (trainable.length === 0) {
    return new FormatError(
      fileName,
      "",
      "expected examples of at least two tokens, got none: nothing can be predicted.",
    );
  }
  const needed = trainable.map(({ firstTarget }) => firstTarget + 1);
  const least = needed.reduce((a, b) => Math.min(a, b));
  const all = needed.reduce((a, b) => Math.max(a, b));
  return new FormatError(
    fileName,
    "",
    `expected a counted token within the sequence length of ${sequenceLength}, got only prompts that fill it in ` +
      `all ${uncut.length} examples. Raise the sequence length to at least ${least} (${all} keeps every example).`,
  );
}
