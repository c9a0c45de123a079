// A file's examples as columns of numbers: a million short ones cost their tokens and little else. An object and a
// mask for each would cost more than the tokens.
import type { EncodedExample } from "./encode";
import { type ExampleSizes, type Examples, inOrder, type TokenizedExample } from "./examples";
import { Column, TokenPages } from "./tokenPages";

interface Columns {
  readonly tokens: TokenPages;
  /** Where each example begins in the tokens, and where the last one ends. */
  readonly starts: Column;
  /** [from, to) of the learned ranges, without the first token; undefined where all of every example is learned. */
  readonly learned: { readonly borders: Column; readonly starts: Column } | undefined;
}

/** Reads examples from the columns: all or some of them, each cut to a length. */
export class ExampleTable implements Examples {
  readonly #columns: Columns;
  /** Examples of the columns that are in the table; undefined: all. */
  readonly #rows: Uint32Array | undefined;
  readonly #mostTokens: number;
  #sizes: ExampleSizes | undefined;

  constructor(columns: Columns, rows?: Uint32Array, mostTokens = Number.POSITIVE_INFINITY) {
    this.#columns = columns;
    this.#rows = rows;
    this.#mostTokens = mostTokens;
  }

  get length(): number {
    return this.#rows?.length ?? this.#columns.starts.length - 1;
  }

  at(index: number): TokenizedExample | undefined {
    if (index >= this.length) return undefined;
    const row = this.#rowOf(index);
    const begin = this.#columns.starts.at(row);
    const ids = this.#columns.tokens.read(begin, begin + this.#lengthOf(row));
    const lossMask = new Uint8Array(ids.length);
    for (const [from, to] of this.#learnedOf(row)) lossMask.fill(1, from, to);
    return { ids, lossMask };
  }

  [Symbol.iterator]() {
    return inOrder(this);
  }

  slice(begin: number, end?: number): ExampleTable {
    const rows = this.#rows ?? Uint32Array.from({ length: this.length }, (_, row) => row);
    return new ExampleTable(this.#columns, rows.subarray(begin, end), this.#mostTokens);
  }

  /** Those at `indices`, in that order. */
  select(indices: Uint32Array): ExampleTable {
    const rows = this.#rows ? indices.map((index) => this.#rowOf(index)) : indices;
    return new ExampleTable(this.#columns, rows, this.#mostTokens);
  }

  /** The same, each cut to its first `mostTokens`. */
  cutTo(mostTokens: number): ExampleTable {
    return new ExampleTable(this.#columns, this.#rows, mostTokens);
  }

  /** All tokens in pieces of `blockTokens`, the last one shorter, each learned as a whole. */
  inBlocks(blockTokens: number): ExampleTable {
    const { tokens } = this.#columns;
    const starts = new Column();
    for (let at = 0; at < tokens.length; at += blockTokens) starts.push(at);
    starts.push(tokens.length);
    return new ExampleTable({ tokens, starts, learned: undefined });
  }

  get sizes(): ExampleSizes {
    this.#sizes ??= {
      lengths: this.#perExample((row) => this.#lengthOf(row)),
      targets: this.#perExample((row) => this.#targetsOf(row)),
    };
    return this.#sizes;
  }

  /** Of each example, the fewest first tokens that hold one which counts; 0 where none does. */
  leastLengths(): Uint32Array {
    return this.#perExample((row) => {
      for (const [from] of this.#learnedOf(row)) return from + 1;
      return 0;
    });
  }

  #perExample(figureOf: (row: number) => number): Uint32Array {
    const values = new Uint32Array(this.length);
    for (let index = 0; index < values.length; index++) values[index] = figureOf(this.#rowOf(index));
    return values;
  }

  #rowOf(index: number): number {
    return this.#rows ? this.#rows[index]! : index;
  }

  #lengthOf(row: number): number {
    const { starts } = this.#columns;
    return Math.min(starts.at(row + 1) - starts.at(row), this.#mostTokens);
  }

  #targetsOf(row: number): number {
    const { learned } = this.#columns;
    const length = this.#lengthOf(row);
    if (!learned) return Math.max(0, length - 1);
    const { borders, starts } = learned;
    let count = 0;
    for (let at = starts.at(row); at < starts.at(row + 1); at += 2) {
      count += Math.max(0, Math.min(borders.at(at + 1), length) - borders.at(at));
    }
    return count;
  }

  *#learnedOf(row: number): Generator<readonly [from: number, to: number]> {
    const { learned } = this.#columns;
    if (!learned) {
      if (this.#lengthOf(row) > 1) yield [1, this.#lengthOf(row)];
      return;
    }
    const { borders, starts } = learned;
    for (let at = starts.at(row); at < starts.at(row + 1); at += 2)
      yield [borders.at(at), borders.at(at + 1)];
  }
}

/** One long text as a single example, to be cut by inBlocks. */
export function textTable(tokens: TokenPages): ExampleTable {
  const starts = new Column();
  starts.push(0);
  starts.push(tokens.length);
  return new ExampleTable({ tokens, starts, learned: undefined });
}

/** Takes encoded examples in, one after the other. */
export class ExampleTableBuilder {
  readonly #tokens: TokenPages;
  readonly #starts = new Column();
  readonly #learned = { borders: new Column(), starts: new Column() };
  readonly #hashes = [new Column(), new Column()] as const;

  constructor(vocabSize: number) {
    this.#tokens = new TokenPages(vocabSize);
    this.#starts.push(0);
    this.#learned.starts.push(0);
  }

  get length(): number {
    return this.#starts.length - 1;
  }

  add({ ids, learned }: EncodedExample): void {
    this.#tokens.push(ids);
    this.#starts.push(this.#tokens.length);
    const { borders, starts } = this.#learned;
    let last = 1; // nothing predicts the first token
    for (const [from, to] of learned) {
      const begin = Math.max(last, from);
      if (begin >= to) continue;
      borders.push(begin);
      borders.push(to);
      last = to;
    }
    starts.push(borders.length);
    const [low, high] = hashOf(ids);
    this.#hashes[0].push(low);
    this.#hashes[1].push(high);
  }

  table(): ExampleTable {
    return new ExampleTable({ tokens: this.#tokens, starts: this.#starts, learned: this.#learned });
  }

  /** Examples that say the same as one before. */
  countDuplicates(): number {
    const [low, high] = this.#hashes;
    // 53 bits, as numbers that sort fast: of a million different examples, one set in twenty thousand has a pair alike.
    const keyOf = (i: number) => low.at(i) * 2 ** 21 + (high.at(i) >>> 11);
    const keys = new Float64Array(this.length);
    for (let i = 0; i < keys.length; i++) keys[i] = keyOf(i);
    keys.sort();
    let count = 0;
    for (let i = 1; i < keys.length; i++) if (keys[i] === keys[i - 1]) count++;
    return count;
  }
}

function hashOf(ids: readonly number[]): readonly [low: number, high: number] {
  let [low, high] = [0x811c9dc5, 0x9747b28c];
  for (const id of ids) {
    low = Math.imul(low ^ id, 0x85ebca6b);
    low ^= low >>> 13;
    high = Math.imul(high ^ id, 0xc2b2ae35);
    high ^= high >>> 16;
  }
  return [low >>> 0, high >>> 0];
}
