// Long texts in pieces: tokenizers take more than linear time and cannot be interrupted, so a text is cut where
// cutting changes no token.
import type { Tokenizer } from "../formats/tokenizer";

/** Characters of a piece, about: a few milliseconds of work. */
const pieceCharacters = 2000;
/** Text on either side of a cut that is looked at. */
const contextCharacters = 48;

interface Cut {
  /** Where the next piece begins. */
  readonly at: number;
  /** Where this piece ends: before the space that the tokenizer itself puts in front of the next piece. */
  readonly end: number;
}

/** Encodes text that comes bit by bit, without special tokens; only the piece in hand is held. */
export class PieceEncoder {
  #rest = "";
  readonly #tokenizer: Tokenizer;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** Ids that the text so far makes certain. */
  *push(text: string): Generator<number[]> {
    this.#rest += text;
    let start = 0;
    let from = pieceCharacters;
    while (this.#rest.length - start > from + 2 * contextCharacters) {
      const cut = this.#findCut(start + from, start + 2 * from);
      if (!cut) {
        from *= 2; // a stretch without a seam: look further
        continue;
      }
      yield this.#encode(this.#rest.slice(start, cut.end));
      start = cut.at;
      from = pieceCharacters;
    }
    this.#rest = this.#rest.slice(start);
  }

  /** Ids of what is left. */
  *end(): Generator<number[]> {
    if (this.#rest !== "") yield this.#encode(this.#rest);
    this.#rest = "";
  }

  #encode(text: string): number[] {
    return this.#tokenizer.encode(text, { addSpecialTokens: false });
  }

  /** The first place from `from` to before `to` where cutting changes no token. */
  #findCut(from: number, to: number): Cut | undefined {
    const limit = Math.min(to, this.#rest.length - contextCharacters);
    for (let at = from, tries = 0; at < limit && tries < 32; at++) {
      const [left, right] = [this.#rest[at - 1]!, this.#rest[at]!];
      if (!/\s/.test(left) && right === " " && !/\s/.test(this.#rest[at + 1] ?? " ")) {
        tries++;
        const kept = { at, end: at };
        if (this.#isSeam(kept)) return kept;
        const dropped = { at: at + 1, end: at };
        if (this.#isSeam(dropped)) return dropped;
      }
    }
    return undefined;
  }

  #isSeam({ at, end }: Cut): boolean {
    const begin = wellFormedStart(this.#rest, Math.max(0, end - contextCharacters));
    const stop = wellFormedStart(this.#rest, at + contextCharacters);
    const parts = [this.#rest.slice(begin, end), this.#rest.slice(at, stop)].flatMap((part) =>
      this.#encode(part),
    );
    const whole = this.#encode(this.#rest.slice(begin, stop));
    return whole.length === parts.length && whole.every((id, index) => id === parts[index]);
  }
}

/** Not within a surrogate pair. */
const wellFormedStart = (text: string, at: number): number =>
  /[\uDC00-\uDFFF]/.test(text[at] ?? "") ? at + 1 : at;
