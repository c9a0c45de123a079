// Encoded examples cut to the sequence length, and what the cut does to them: quick, so that the length can be
// changed without tokenizing again.
import { FormatError } from "../formats/formatError";
import type { TokenizedExample } from "./batches";

/** A file's examples as tokens, not yet cut. */
export interface EncodedData {
  readonly fileName: string;
  /** "blocks": one long text, a single example here, that is cut into pieces of the sequence length. */
  readonly kind: "examples" | "blocks";
  readonly examples: readonly TokenizedExample[];
}

/** What became of a file's examples; lengths in tokens. */
export interface TokenizeReport {
  /** Examples in the file; for one long text, blocks. */
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

/**
 * Cuts every example to `sequenceLength` tokens; the results are views, nothing is copied.
 * @param sequenceLength most tokens per example, at least 2
 * @throws FormatError when no example keeps a counted token, saying what to raise
 * @throws RangeError when the sequence length is below 2 or no whole number
 */
export function cutExamples(
  data: EncodedData,
  sequenceLength: number,
): { examples: TokenizedExample[]; report: TokenizeReport } {
  if (!Number.isInteger(sequenceLength) || sequenceLength < 2) {
    throw new RangeError(`sequence length: expected a whole number from 2, got ${sequenceLength}`);
  }
  const uncut = data.kind === "blocks" ? blocksOf(data.examples[0]!, sequenceLength) : data.examples;
  const kept: TokenizedExample[] = [];
  let [truncatedCount, longestTokens, tokenCount, targetCount] = [0, 0, 0, 0];
  for (const example of uncut) {
    const { ids, lossMask } = example;
    longestTokens = Math.max(longestTokens, ids.length);
    // Views take more room than short examples' tokens: only those that are cut get new ones.
    const cut =
      ids.length <= sequenceLength
        ? example
        : { ids: ids.subarray(0, sequenceLength), lossMask: lossMask.subarray(0, sequenceLength) };
    const targets = cut.lossMask.reduce((count, counted) => count + counted, 0);
    if (targets === 0) continue;
    kept.push(cut);
    if (ids.length > sequenceLength) truncatedCount++;
    tokenCount += cut.ids.length;
    targetCount += targets;
  }
  if (kept.length === 0) throw nothingLeft(data.fileName, uncut, sequenceLength);
  const [exampleCount, keptCount] = [uncut.length, kept.length];
  const droppedCount = exampleCount - keptCount;
  const report = {
    exampleCount,
    keptCount,
    truncatedCount,
    droppedCount,
    longestTokens,
    tokenCount,
    targetCount,
  };
  return { examples: kept, report };
}

function blocksOf({ ids }: TokenizedExample, sequenceLength: number): TokenizedExample[] {
  const lossMask = new Uint8Array(sequenceLength).fill(1, 1); // one for all: nobody writes to it
  return Array.from({ length: Math.ceil(ids.length / sequenceLength) }, (_, block) => {
    const own = ids.subarray(block * sequenceLength, (block + 1) * sequenceLength);
    return { ids: own, lossMask: lossMask.subarray(0, own.length) };
  });
}

/** Why no example is left, and the sequence lengths that keep one and all of them. */
function nothingLeft(
  fileName: string,
  uncut: readonly TokenizedExample[],
  sequenceLength: number,
): FormatError {
  const needed = uncut.map(({ lossMask }) => lossMask.indexOf(1) + 1).filter((length) => length > 0);
  if (needed.length === 0) {
    const problem = "expected examples with something to learn, got none: no token is left to predict.";
    return new FormatError(fileName, "", problem);
  }
  const least = needed.reduce((a, b) => Math.min(a, b));
  const all = needed.reduce((a, b) => Math.max(a, b));
  return new FormatError(
    fileName,
    "",
    `expected a counted token within the sequence length of ${sequenceLength}, got only prompts that fill it in ` +
      `all ${uncut.length} examples. Raise the sequence length to at least ${least} (${all} keeps every example).`,
  );
}
