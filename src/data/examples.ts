// Tokenized examples as everything behind the reading takes them: an array of a few, or a table of millions that makes
// each one when it is asked for (exampleTable.ts).

/** Ids in 16 bits where the vocabulary allows it. */
export type TokenIds = Uint16Array | Uint32Array;

/** One example, already cut to the sequence length. */
export interface TokenizedExample {
  readonly ids: TokenIds;
  /** 1 where the token is a target that counts in the loss; never at index 0, which nothing predicts. */
  readonly lossMask: Uint8Array;
  /** Tokens of each example that this one is packed from, in order; absent where it is one example. */
  readonly lengths?: readonly number[];
}

/** Examples in order. An array of them is one. */
export interface Examples extends Iterable<TokenizedExample> {
  readonly length: number;
  at(index: number): TokenizedExample | undefined;
  slice(begin: number, end?: number): Examples;
  /** Where the sizes are known without making the examples. */
  readonly sizes?: ExampleSizes;
}

/** Of each example. */
export interface ExampleSizes {
  readonly lengths: Uint32Array;
  /** Tokens that count in the loss. */
  readonly targets: Uint32Array;
}

export function sizesOf(examples: Examples): ExampleSizes {
  if (examples.sizes) return examples.sizes;
  const sizes = { lengths: new Uint32Array(examples.length), targets: new Uint32Array(examples.length) };
  let index = 0;
  for (const { ids, lossMask } of examples) {
    sizes.lengths[index] = ids.length;
    sizes.targets[index++] = lossMask.reduce((count, counted) => count + counted, 0);
  }
  return sizes;
}

export const sumOf = (counts: Uint32Array): number => counts.reduce((sum, count) => sum + count, 0);

/** The largest, at least 0. */
export const largestOf = (counts: Uint32Array): number => counts.reduce((a, b) => Math.max(a, b), 0);

/** Ascending indices below `count` for which `isWanted` holds. */
export function indicesWhere(count: number, isWanted: (index: number) => boolean): Uint32Array {
  const indices = new Uint32Array(count);
  let found = 0;
  for (let index = 0; index < count; index++) if (isWanted(index)) indices[found++] = index;
  return indices.slice(0, found);
}

/** For what has `length` and `at`: its examples from the first to the last. */
export function* inOrder(examples: Pick<Examples, "length" | "at">): IterableIterator<TokenizedExample> {
  for (let index = 0; index < examples.length; index++) yield examples.at(index)!;
}
