// One example's text → its tokens and which of them are learned.
import { FormatError } from "../formats/formatError";
import type { Tokenizer } from "../formats/tokenizer";
import { PieceEncoder } from "./longText";
import type { ExampleText } from "./mapping";
import { RowError } from "./row";

/** An example before it is cut to a sequence length. */
export interface EncodedExample {
  readonly ids: readonly number[];
  /** Ranges [from, to) of tokens that count in the loss; the first token never does, nothing predicts it. */
  readonly learned: readonly (readonly [from: number, to: number])[];
}

/** Turns examples into tokens, for one tokenizer. */
export type ExampleEncoder = (example: ExampleText) => EncodedExample;

/** Tokens that a tokenizer puts before and after every text. */
export interface Framing {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Found by looking: what the tokenizer's post-processor adds to a text. */
export function framingOf(tokenizer: Tokenizer): Framing {
  const bare = tokenizer.encode("a", { addSpecialTokens: false });
  const whole = tokenizer.encode("a", { addSpecialTokens: true });
  const at = whole.findIndex((_, index) => bare.every((id, offset) => whole[index + offset] === id));
  return { before: whole.slice(0, at), after: whole.slice(at + bare.length) };
}

/** All ids of a text of any length, without special tokens. */
export function encodeText(tokenizer: Tokenizer, text: string): number[] {
  const pieces = new PieceEncoder(tokenizer);
  return [...pieces.push(text), ...pieces.end()].flat();
}

/**
 * Prompt and completion: both tokenized on their own and joined, between the tokenizer's own start and end, closed by
 * end-of-text; learned is the completion with what closes it. Text: the same, learned as a whole. Messages: what the
 * chat template writes, nothing added, learned is what the assistant says.
 * @throws FormatError when the tokenizer has no end-of-text token
 */
export function exampleEncoder(tokenizer: Tokenizer): ExampleEncoder {
  const { before, after } = framingOf(tokenizer);
  const closing = () => {
    const endOfText = tokenizer.eosTokenIds[0];
    if (endOfText === undefined) {
      const problem = "expected the model's end-of-text token, which closes every example, got none.";
      throw new FormatError("tokenizer_config.json", "eos_token", problem);
    }
    return after.at(-1) === endOfText ? after : [...after, endOfText];
  };
  return (example) => {
    switch (example.kind) {
      case "promptCompletion": {
        const prompt = [...before, ...encodeText(tokenizer, example.prompt)];
        const ids = [...prompt, ...encodeText(tokenizer, example.completion), ...closing()];
        return { ids, learned: [[prompt.length, ids.length]] };
      }
      case "text": {
        const ids = [...before, ...encodeText(tokenizer, example.text), ...closing()];
        return { ids, learned: [[0, ids.length]] };
      }
      case "messages":
        return encodeMessages(tokenizer, example.messages);
    }
  };
}

/** The learned parts' borders in tokens are where the tokens of the text up to them stop being those of the whole. */
function encodeMessages(
  tokenizer: Tokenizer,
  messages: Parameters<Tokenizer["chatTemplate"]["render"]>[0],
): EncodedExample {
  let rendered: ReturnType<Tokenizer["chatTemplate"]["render"]>;
  try {
    rendered = tokenizer.chatTemplate.render(messages);
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new RowError(`chat template: expected turns that it can write, got: ${(error as Error).message}`);
  }
  const { text, learned, includesBorders } = rendered;
  const ids = encodeText(tokenizer, text);
  /** Tokens that lie wholly before a place in the text. */
  const tokensBefore = (place: number) => {
    if (place === text.length) return { count: ids.length, isBorder: true };
    const own = encodeText(tokenizer, text.slice(0, place));
    let count = 0;
    while (count < own.length && own[count] === ids[count]) count++;
    return { count, isBorder: count === own.length };
  };
  return {
    ids,
    learned: learned.map(([from, to]) => {
      const [start, stop] = [tokensBefore(from), tokensBefore(to)];
      if (includesBorders) return [start.count, stop.isBorder ? stop.count : stop.count + 1];
      return [start.isBorder ? start.count : start.count + 1, stop.count];
    }),
  };
}
