// A cursor over one random stream: grammar rules ask for "the next choice" without counting draws themselves.
import { RandomStream } from "../src/random/philox";

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
   * As `pick`, but earlier items more often, the way words are in a language: the first tenth of a list
   * gets a third of the draws, of a long list nearly half.
   */
  pickWord<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error("Draw.pickWord: expected at least one item, got an empty list");
    const u = this.#stream.uniform(this.#index++);
    return items[Math.floor(items.length * u * u * (items.length > 100 ? u : 1))] as T;
  }

  /** `count` different items in random order. */
  sample<T>(items: readonly T[], count: number): T[] {
    const unique = new Set<T>();
    if (count > items.length) {
      throw new Error(`Draw.sample: expected at most ${items.length} items, got a request for ${count}`);
    }
    while (unique.size < count) unique.add(this.pick(items));
    return [...unique];
  }

  shuffle<T>(items: readonly T[]): T[] {
    return this.sample(
      items.map((_, index) => index),
      items.length,
    ).map((index) => items[index] as T);
  }
}
