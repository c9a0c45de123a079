// A cursor over one random stream: grammar rules ask for "the next choice" without counting draws themselves.
import { RandomStream } from "../src/random/philox";

/** Words further down than this in their list become rare. */
const FLATNESS = 8;

/** Consecutive choices from RandomStream(seed, name); a document owns one, so it depends on nothing else. */
export class Draw {
  readonly #stream: RandomStream;
  #index = 0;

  constructor(seed: number, name: string) {
    this.#stream = new RandomStream(seed, name);
  }

  /** Uniform integer in [0, bound). */
  below(bound: number): number {
    return this.#stream.integer(this.#index++, bound);
  }

  /** Uniform integer in [low, high]. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.#stream.uniform(this.#index++) < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error("Draw.pick: expected at least one item, got an empty list");
    return items[this.below(items.length)] as T;
  }

  /**
   * As `pick`, but earlier items more often, the way words are in a language: item i in proportion to
   * 1 / (i + 8)², so the first 50 of 175 names get nine tenths of the draws.
   * Frequent words become tokens of their own, which a small model tells apart more easily than spellings.
   */
  pickWord<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error("Draw.pickWord: expected at least one item, got an empty list");
    const count = items.length;
    const u = this.#stream.uniform(this.#index++);
    const place = Math.floor(FLATNESS / (1 - (u * count) / (count + FLATNESS)) - FLATNESS);
    return items[Math.min(place, count - 1)] as T;
  }

  /** `count` different words in random order, frequent ones more often. */
  sampleWords<T>(items: readonly T[], count: number): T[] {
    return this.#distinct(items, count, () => this.pickWord(items));
  }

  /** `count` different items in random order. */
  sample<T>(items: readonly T[], count: number): T[] {
    return this.#distinct(items, count, () => this.pick(items));
  }

  shuffle<T>(items: readonly T[]): T[] {
    return this.sample(
      items.map((_, index) => index),
      items.length,
    ).map((index) => items[index] as T);
  }

  #distinct<T>(items: readonly T[], count: number, next: () => T): T[] {
    if (count > items.length) {
      throw new Error(`Draw: expected at most ${items.length} items, got a request for ${count}`);
    }
    const unique = new Set<T>();
    while (unique.size < count) unique.add(next());
    return [...unique];
  }
}
