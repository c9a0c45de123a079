// From tokenized examples to what a step uploads, and the data cursor: which examples belong to batch n is a
// pure function of n, so a resumed run sees the very batches it would have seen.
import { RandomStream } from "../random/philox";
import { type Examples, indicesWhere, largestOf, sizesOf } from "./examples";

/** B examples padded on the right with token 0 to T tokens. */
export interface Batch {
  readonly batchSize: number;
  readonly sequenceLength: number;
  /** [B·T] */
  readonly tokens: Uint32Array<ArrayBuffer>;
  /** Tokens of the examples in each sequence, one behind the other; padding follows. */
  readonly lengths: readonly (readonly number[])[];
  /** Ascending rows n = b·T + t whose next token is a counted target. */
  readonly lossRows: Uint32Array<ArrayBuffer>;
  /** That next token; same length as lossRows. */
  readonly targets: Uint32Array<ArrayBuffer>;
}

/**
 * Lays examples out as one batch, B = indices.length.
 * @throws RangeError when an example is longer than `sequenceLength`
 */
export function makeBatch(examples: Examples, indices: Uint32Array, sequenceLength: number): Batch {
  const tokens = new Uint32Array(indices.length * sequenceLength);
  const lengths: (readonly number[])[] = [];
  const lossRows: number[] = [];
  const targets: number[] = [];
  indices.forEach((index, b) => {
    const { ids, lossMask, lengths: packed } = examples.at(index)!;
    if (ids.length > sequenceLength) {
      throw new RangeError(`example ${index}: expected at most ${sequenceLength} tokens, got ${ids.length}`);
    }
    const firstRow = b * sequenceLength;
    tokens.set(ids, firstRow);
    lengths.push(packed ?? [ids.length]);
    for (let t = 1; t < ids.length; t++) {
      if (!lossMask[t]) continue;
      lossRows.push(firstRow + t - 1);
      targets.push(ids[t]!);
    }
  });
  return {
    batchSize: indices.length,
    sequenceLength,
    tokens,
    lengths,
    lossRows: Uint32Array.from(lossRows),
    targets: Uint32Array.from(targets),
  };
}

/** How the cursor walks through the examples. */
export interface BatchOrder {
  readonly seed: number;
  /** A new order each epoch; otherwise file order. */
  readonly shuffle: boolean;
}

// The orders last used. Only speed hangs on it: an epoch's order depends on nothing but its key.
const orders = new Map<string, Uint32Array>();

function epochOrder(exampleCount: number, epoch: number, seed: number): Uint32Array {
  const key = `${exampleCount} ${epoch} ${seed}`;
  let order = orders.get(key);
  if (!order) {
    order = new RandomStream(seed, `shuffle:${epoch}`).permutation(exampleCount);
    if (orders.size >= 4) orders.delete(orders.keys().next().value!);
    orders.set(key, order);
  }
  return order;
}

/**
 * Examples of batch `batchNumber` (from 0): batches follow each other through epoch after epoch, and one that
 * meets the end of an epoch goes on into the next.
 * @throws RangeError when there are no examples
 */
export function batchIndices(
  exampleCount: number,
  batchSize: number,
  batchNumber: number,
  { seed, shuffle }: BatchOrder,
): Uint32Array {
  if (exampleCount < 1) throw new RangeError(`examples: expected at least 1, got ${exampleCount}`);
  return Uint32Array.from({ length: batchSize }, (_, i) => {
    const position = batchNumber * batchSize + i;
    const offset = position % exampleCount;
    if (!shuffle) return offset;
    return epochOrder(exampleCount, Math.floor(position / exampleCount), seed)[offset]!;
  });
}

/**
 * Sets aside a random `fraction` of `count` examples: indices of both parts, ascending. With a fraction above 0 and
 * two examples or more, neither part is empty.
 * @param fraction in [0, 1)
 * @throws RangeError when the fraction is outside
 */
export function splitValidation(
  count: number,
  fraction: number,
  seed: number,
): { train: Uint32Array; validation: Uint32Array } {
  if (!(fraction >= 0 && fraction < 1)) {
    throw new RangeError(`validation fraction: expected a number from 0 to below 1, got ${fraction}`);
  }
  const wanted = fraction === 0 ? 0 : Math.max(1, Math.round(count * fraction));
  const chosen = new RandomStream(seed, "validation")
    .permutation(count)
    .subarray(0, Math.min(wanted, count - 1));
  const isChosen = new Uint8Array(count);
  for (const index of chosen) isChosen[index] = 1;
  return {
    train: indicesWhere(count, (index) => !isChosen[index]),
    validation: indicesWhere(count, (index) => isChosen[index] === 1),
  };
}

/**
 * Upper bound on `lossRows.length` of any batch that `batchIndices` can choose, for sizing buffers. A batch
 * that crosses from one epoch into the next may hold the same example more than once.
 */
export function maxLossRows(examples: Examples, batchSize: number): number {
  // A run of batchSize positions touches this many epochs, and each holds every example once.
  const aligned = examples.length % batchSize === 0;
  const epochs = aligned || batchSize === 1 ? 1 : Math.floor((batchSize - 2) / examples.length) + 2;
  const { targets } = sizesOf(examples);
  /** Examples by how many of their tokens count. */
  const having = new Uint32Array(largestOf(targets) + 1);
  for (const count of targets) having[count]!++;
  let [rows, places] = [0, batchSize];
  for (let count = having.length - 1; count > 0 && places > 0; count--) {
    const taken = Math.min(places, epochs * having[count]!);
    rows += taken * count;
    places -= taken;
  }
  return rows;
}
