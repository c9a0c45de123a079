// Where @huggingface/tokenizers 0.x and Python's tokenizers part, and what brings them together again.
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
