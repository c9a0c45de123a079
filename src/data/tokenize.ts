// Encoded examples cut to the sequence length, and what the cut does to them: quick, so that the length can be
// changed without tokenizing again.
import { FormatError } from "../formats/formatError";
import { indicesWhere, largestOf, sumOf } from "./examples";
import type { ExampleTable } from "./exampleTable";

/** A file's examples as tokens, not yet cut. */
export interface EncodedData {
  readonly fileName: string;
  /** "blocks": one long text, a single example here, that is cut into pieces of the sequence length. */
  readonly kind: "examples" | "blocks";
  readonly examples: ExampleTable;
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
 * Cuts every example to `sequenceLength` tokens; no token is copied.
 * @param sequenceLength most tokens per example, at least 2
 * @throws SequenceTooShortError saying what to raise; FormatError when no length would help
 * @throws RangeError when the sequence length is below 2 or no whole number
 */
export function cutExamples(
  data: EncodedData,
  sequenceLength: number,
): { examples: ExampleTable; report: TokenizeReport } {
  if (!Number.isInteger(sequenceLength) || sequenceLength < 2) {
    throw new RangeError(`sequence length: expected a whole number from 2, got ${sequenceLength}`);
  }
  const uncut = data.kind === "blocks" ? data.examples.inBlocks(sequenceLength) : data.examples;
  const cut = uncut.cutTo(sequenceLength);
  const { targets } = cut.sizes;
  const kept = indicesWhere(targets.length, (index) => targets[index]! > 0);
  if (kept.length === 0) throw nothingLeft(data.fileName, uncut, sequenceLength);
  const examples = kept.length === cut.length ? cut : cut.select(kept);
  const { lengths } = uncut.sizes;
  return {
    examples,
    report: {
      exampleCount: uncut.length,
      keptCount: kept.length,
      truncatedCount: kept.reduce((count, index) => count + Number(lengths[index]! > sequenceLength), 0),
      droppedCount: uncut.length - kept.length,
      longestTokens: largestOf(lengths),
      tokenCount: sumOf(examples.sizes.lengths),
      targetCount: sumOf(examples.sizes.targets),
    },
  };
}

/** No example keeps a counted token within the sequence length; a longer one helps. */
export class SequenceTooShortError extends FormatError {}

/** Why no example is left, and the sequence lengths that keep one and all of them. */
function nothingLeft(fileName: string, uncut: ExampleTable, sequenceLength: number): FormatError {
  const needed = uncut.leastLengths().filter((length) => length > 0);
  if (needed.length === 0) {
    const problem = "expected examples with something to learn, got none: no token is left to predict.";
    return new FormatError(fileName, "", problem);
  }
  const least = needed.reduce((a, b) => Math.min(a, b));
  return new SequenceTooShortError(
    fileName,
    "",
    `expected a counted token within the sequence length of ${sequenceLength}, got only prompts that fill it in ` +
      `all ${uncut.length} examples. Raise the sequence length to at least ${least} ` +
      `(${largestOf(needed)} keeps every example).`,
  );
}
