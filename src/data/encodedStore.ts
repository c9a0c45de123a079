// Where tokenized examples lie: views into large pages, so that a million short ones cost no million buffers.
import type { TokenizedExample } from "./batches";
import type { EncodedExample } from "./encode";

const pageTokens = 1 << 18;

export class EncodedStore {
  readonly examples: TokenizedExample[] = [];
  tokenCount = 0;
  #duplicates = 0;
  #ids = new Uint32Array(0);
  #mask = new Uint8Array(0);
  #used = 0;
  readonly #seen = new Set<number>();

  /** Examples that say the same as one before. */
  get duplicateCount(): number {
    return this.#duplicates;
  }

  add({ ids, learned }: EncodedExample): void {
    if (this.#used + ids.length > this.#ids.length) {
      const size = Math.max(pageTokens, ids.length);
      this.#ids = new Uint32Array(size);
      this.#mask = new Uint8Array(size);
      this.#used = 0;
    }
    const end = this.#used + ids.length;
    const example = {
      ids: this.#ids.subarray(this.#used, end),
      lossMask: this.#mask.subarray(this.#used, end),
    };
    example.ids.set(ids);
    for (const [from, to] of learned) example.lossMask.fill(1, Math.max(1, from), to);
    this.#used = end;
    this.tokenCount += ids.length;
    this.examples.push(example);
    const key = hashOf(ids);
    if (this.#seen.has(key)) this.#duplicates++;
    else this.#seen.add(key);
  }
}

/** 53 bits: of a million different examples, about one pair in twenty thousand sets collides. */
function hashOf(ids: readonly number[]): number {
  let [low, high] = [0x811c9dc5, 0x9747b28c];
  for (const id of ids) {
    low = Math.imul(low ^ id, 0x85ebca6b);
    low ^= low >>> 13;
    high = Math.imul(high ^ id, 0xc2b2ae35);
    high ^= high >>> 16;
  }
  return (low >>> 0) * 0x200000 + (high >>> 11);
}

/** One long run of tokens that grows. */
export class TokenRun {
  #ids = new Uint32Array(pageTokens);
  #length = 0;

  push(ids: readonly number[]): void {
    if (this.#length + ids.length > this.#ids.length) {
      const larger = new Uint32Array(Math.max(2 * this.#ids.length, this.#length + ids.length));
      larger.set(this.#ids.subarray(0, this.#length));
      this.#ids = larger;
    }
    this.#ids.set(ids, this.#length);
    this.#length += ids.length;
  }

  get ids(): Uint32Array {
    return this.#ids.subarray(0, this.#length);
  }
}
