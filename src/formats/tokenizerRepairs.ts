// Where @huggingface/tokenizers 0.x and Python's tokenizers part, and what brings them together again; and the one
// place where it wastes a third of its time.
import type { Tokenizer } from "@huggingface/tokenizers";

/**
 * A pre-tokenizer that cuts at digits as Python's does: at every numeric character (½, ², Ⅷ, १), where the package
 * knows 0 to 9 alone.
 */
export function withAllDigits(preTokenizer: unknown): unknown {
  if (typeof preTokenizer !== "object" || preTokenizer === null) return preTokenizer;
  const { type, pretokenizers, individual_digits } = preTokenizer as Record<string, unknown>;
  if (type === "Sequence" && Array.isArray(pretokenizers)) {
    return { ...preTokenizer, pretokenizers: pretokenizers.map(withAllDigits) };
  }
  if (type !== "Digits") return preTokenizer;
  const pattern = { Regex: individual_digits ? "\\p{N}" : "\\p{N}+" };
  return { type: "Split", pattern, behavior: "Isolated", invert: false };
}

/** Lets decoders of byte tokens keep U+FEFF, which the package drops wherever a run of them begins with it. */
export function keepByteOrderMarks({ decoder }: Pick<Tokenizer, "decoder">): void {
  const all = decoder && "decoders" in decoder ? (decoder.decoders as object[]) : [decoder];
  for (const each of all) {
    if (each && "text_decoder" in each) each.text_decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  }
}

/** Of words and their tokens. Enough for the words of most texts. */
const cachedWords = 10_000;

/** Puts a cache that forgets in bulk in place of one that moves each word it finds to its end. */
export function quickenWordCache({ model }: Pick<Tokenizer, "model">): void {
  if (model && "cache" in model) model.cache = new WordCache();
}

class WordCache {
  #recent = new Map<string, string[]>();
  #older = new Map<string, string[]>();

  get(word: string): string[] | undefined {
    const recent = this.#recent.get(word);
    if (recent) return recent;
    const older = this.#older.get(word);
    if (older) this.put(word, older);
    return older;
  }

  put(word: string, tokens: string[]): void {
    if (this.#recent.size >= cachedWords) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(word, tokens);
  }

  clear(): void {
    this.#recent.clear();
    this.#older.clear();
  }
}
