// Tokens one behind the other, in pages: they grow without being copied, and no single buffer gets too large.
import type { TokenIds } from "./examples";

const pageTokens = 1 << 18;

export class TokenPages {
  length = 0;
  readonly #pages: TokenIds[] = [];
  readonly #Page: Uint16ArrayConstructor | Uint32ArrayConstructor;

  /** @param vocabSize one more than the largest id: up to 65536 they take 16 bits each */
  constructor(vocabSize: number) {
    this.#Page = vocabSize <= 2 ** 16 ? Uint16Array : Uint32Array;
  }

  push(ids: readonly number[]): void {
    for (let at = 0; at < ids.length; ) {
      const place = this.length % pageTokens;
      if (place === 0) this.#pages.push(new this.#Page(pageTokens));
      const part = ids.slice(at, at + pageTokens - place);
      this.#pages.at(-1)!.set(part, place);
      this.length += part.length;
      at += part.length;
    }
  }

  /** Tokens from `begin` to before `end`: a view, or a copy where they lie in several pages. Not to be written to. */
  read(begin: number, end: number): TokenIds {
    const page = Math.floor(begin / pageTokens);
    const from = begin - page * pageTokens;
    const length = end - begin;
    if (length === 0) return new this.#Page(0);
    if (from + length <= pageTokens) return this.#pages[page]!.subarray(from, from + length);
    const copy = new this.#Page(length);
    for (let at = begin; at < end; ) {
      const stop = Math.min(end, (Math.floor(at / pageTokens) + 1) * pageTokens);
      copy.set(this.read(at, stop), at - begin);
      at = stop;
    }
    return copy;
  }
}

/** Whole numbers below 2³², one behind the other. */
export class Column {
  #values = new Uint32Array(1 << 10);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Uint32Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  at(index: number): number {
    return this.#values[index]!;
  }
}
