import { describe, expect, it } from "vitest";
import { errorOf } from "../formats/testing/errorOf";
import { tinyTokenizerFiles } from "../formats/testing/tinyTokenizer";
import { loadTokenizer } from "../formats/tokenizer";
import { type ParsedExamples, parseExamples } from "./examples";
import { tokenizeExamples } from "./tokenize";

const { tokenizerJson, tokenizerConfig } = tinyTokenizerFiles();
const tokenizer = loadTokenizer(tokenizerJson, tokenizerConfig);
const [bos, eos] = [tokenizer.bosTokenId!, tokenizer.eosTokenIds[0]!];
const ids = (text: string) => tokenizer.encode(text, { addSpecialTokens: false });

const pairs = (...examples: [string, string][]): ParsedExamples =>
  parseExamples(
    new TextEncoder().encode(
      examples.map(([prompt, completion]) => JSON.stringify({ prompt, completion })).join("\n"),
    ),
    "a.jsonl",
  );
const texts = (...examples: string[]): ParsedExamples =>
  parseExamples(
    new TextEncoder().encode(examples.map((text) => JSON.stringify({ text })).join("\n")),
    "a.jsonl",
  );
/** Each example as [ids, mask]. */
const tokenized = (parsed: ParsedExamples, sequenceLength: number) =>
  tokenizeExamples(parsed, tokenizer, sequenceLength).examples.map((e) => [[...e.ids], [...e.lossMask]]);

describe("tokenizeExamples", () => {
  it("joins prompt, completion and end-of-text; the loss counts the last two", () => {
    // "the" is one token, "a cat" two.
    expect(tokenized(pairs(["the", "a cat"]), 8)).toEqual([
      [
        [bos, ...ids("the"), ...ids("a cat"), eos],
        [0, 0, 1, 1, 1],
      ],
    ]);
    expect(tokenized(pairs(["the", ""]), 8)).toEqual([
      [
        [bos, ...ids("the"), eos],
        [0, 0, 1],
      ],
    ]);
  });

  it("counts every token of a text but the first, which nothing predicts", () => {
    expect(tokenized(texts("the cat"), 8)).toEqual([
      [
        [bos, ...ids("the cat"), eos],
        [0, 1, 1, 1],
      ],
    ]);
  });

  it("cuts plain text into blocks and drops a rest of one token", () => {
    const parsed = parseExamples(new TextEncoder().encode("the the cat cat"), "a.txt");
    const whole = [bos, ...ids("the the cat cat")];
    expect(whole.length).toBe(5);
    const { examples, report } = tokenizeExamples(parsed, tokenizer, 2);
    expect(examples.map((e) => [...e.ids])).toEqual([whole.slice(0, 2), whole.slice(2, 4)]);
    expect(examples.map((e) => [...e.lossMask])).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(report).toMatchObject({ exampleCount: 3, keptCount: 2, droppedCount: 1, targetCount: 2 });
    expect(tokenized(parsed, 8)).toEqual([[whole, [0, 1, 1, 1, 1]]]);
  });

  it("cuts, drops what has no counted token left, and reports it", () => {
    const parsed = pairs(["the", "cat"], ["the the the", "cat"], ["the", "cat cat cat"]);
    const { examples, report } = tokenizeExamples(parsed, tokenizer, 4);
    expect(examples.map((e) => [...e.lossMask])).toEqual([
      [0, 0, 1, 1],
      [0, 0, 1, 1],
    ]);
    expect(examples.every(({ ids }) => ids.length <= 4)).toBe(true);
    expect(report).toEqual({
      exampleCount: 3,
      keptCount: 2,
      truncatedCount: 1,
      droppedCount: 1,
      longestTokens: 6,
      tokenCount: 8,
      targetCount: 4,
    });
  });

  it("says what to raise when nothing is left", () => {
    const parsed = pairs(["the the the", "cat"], ["the the the the", "cat"]);
    const message = errorOf(() => tokenizeExamples(parsed, tokenizer, 4));
    expect(message).toMatch(
      /^a\.jsonl: expected a counted token within the sequence length of 4, .* all 2 examples/,
    );
    expect(message).toContain("at least 5 (6 keeps every example)");
    expect(tokenizeExamples(parsed, tokenizer, 5).report.keptCount).toBe(1);
    expect(tokenizeExamples(parsed, tokenizer, 6).report.keptCount).toBe(2);
  });

  it("refuses data in which nothing can be predicted, a model without end-of-text and lengths below 2", () => {
    const bare = loadTokenizer(
      JSON.stringify({ ...JSON.parse(tokenizerJson), post_processor: null }),
      tokenizerConfig,
    );
    expect(errorOf(() => tokenizeExamples(texts(""), bare, 8))).toMatch(/at least two tokens, got none/);
    const endless = loadTokenizer(tokenizerJson, "{}");
    expect(errorOf(() => tokenizeExamples(texts("the"), endless, 8))).toMatch(
      /^tokenizer_config\.json: eos_token: /,
    );
    for (const length of [1, 0, 2.5, Number.NaN]) {
      expect(() => tokenizeExamples(texts("the"), tokenizer, length)).toThrow(
        "sequence length: expected a whole number",
      );
    }
  });
});
