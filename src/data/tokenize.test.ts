import { describe, expect, it } from "vitest";
import { tinyTokenizerFiles } from "../formats/testing/tinyTokenizer";
import { loadTokenizer } from "../formats/tokenizer";
import { complaintOf, prepare, tinyTokenizer } from "./testing/files";
import { cutExamples, type EncodedData } from "./tokenize";

const tokenizer = tinyTokenizer();
const [bos, eos] = [tokenizer.bosTokenId!, tokenizer.eosTokenIds[0]!];
const ids = (text: string) => tokenizer.encode(text, { addSpecialTokens: false });

const pairs = (...examples: [string, string][]) =>
  prepare(examples.map(([prompt, completion]) => JSON.stringify({ prompt, completion })).join("\n"));
const texts = (...examples: string[]) => prepare(examples.map((text) => JSON.stringify({ text })).join("\n"));
/** Each example as [ids, mask]. */
const cut = (data: EncodedData, sequenceLength: number) =>
  [...cutExamples(data, sequenceLength).examples].map((e) => [[...e.ids], [...e.lossMask]]);

describe("an example's tokens", () => {
  it("join prompt, completion and end-of-text; the loss counts the last two", async () => {
    // "the" is one token, "a cat" two.
    expect(cut(await pairs(["the", "a cat"]), 8)).toEqual([
      [
        [bos, ...ids("the"), ...ids("a cat"), eos],
        [0, 0, 1, 1, 1],
      ],
    ]);
  });

  it("count all in a text but the first, which nothing predicts", async () => {
    expect(cut(await texts("the cat"), 8)).toEqual([
      [
        [bos, ...ids("the cat"), eos],
        [0, 1, 1, 1],
      ],
    ]);
  });

  it("close with one end-of-text where the tokenizer adds its own", async () => {
    const { tokenizerJson, tokenizerConfig } = tinyTokenizerFiles();
    const json = JSON.parse(tokenizerJson) as { post_processor: Record<string, object[] | object> };
    const end = { SpecialToken: { id: "</s>", type_id: 0 } };
    (json.post_processor.single as object[]).push(end);
    Object.assign(json.post_processor.special_tokens!, {
      "</s>": { id: "</s>", ids: [2], tokens: ["</s>"] },
    });
    const closing = loadTokenizer(JSON.stringify(json), tokenizerConfig);
    expect(closing.encode("the", { addSpecialTokens: true })).toEqual([bos, ...ids("the"), eos]);
    const line = JSON.stringify({ prompt: "the", completion: "cat" });
    const whole = [bos, ...ids("the"), ...ids("cat"), eos];
    expect(cut(await prepare(line, "a.jsonl", {}, closing), 8)).toEqual([[whole, [0, 0, 1, 1]]]);
  });

  it("need an end-of-text token", async () => {
    const endless = loadTokenizer(tinyTokenizerFiles().tokenizerJson, "{}");
    expect(await complaintOf(prepare('{"text":"the"}', "a.jsonl", {}, endless))).toMatch(
      /^tokenizer_config\.json: eos_token: /,
    );
  });
});

describe("cutExamples", () => {
  it("cuts one long text into blocks and drops a rest of one token", async () => {
    const data = await prepare("the the cat cat", "a.txt");
    const whole = [bos, ...ids("the the cat cat")];
    expect(whole.length).toBe(5);
    const { examples, report } = cutExamples(data, 2);
    expect([...examples].map((e) => [...e.ids])).toEqual([whole.slice(0, 2), whole.slice(2, 4)]);
    expect([...examples].map((e) => [...e.lossMask])).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(report).toMatchObject({ exampleCount: 3, keptCount: 2, droppedCount: 1, targetCount: 2 });
    expect(cut(data, 8)).toEqual([[whole, [0, 1, 1, 1, 1]]]);
  });

  it("drops what has no counted token left, and reports it", async () => {
    const data = await pairs(["the", "cat"], ["the the the", "cat"], ["the", "cat cat cat"]);
    const { examples, report } = cutExamples(data, 4);
    expect([...examples].map((e) => [...e.lossMask])).toEqual([
      [0, 0, 1, 1],
      [0, 0, 1, 1],
    ]);
    expect([...examples].every(({ ids }) => ids.length <= 4)).toBe(true);
    expect(report).toEqual({
      exampleCount: 3,
      keptCount: 2,
      truncatedCount: 1,
      droppedCount: 1,
      longestTokens: 6,
      tokenCount: 8,
      targetCount: 4,
    });
    // The data itself stays whole, for another length.
    expect(cutExamples(data, 6).report).toMatchObject({ keptCount: 3, truncatedCount: 0 });
  });

  it("says what to raise when nothing is left", async () => {
    const data = await pairs(["the the the", "cat"], ["the the the the", "cat"]);
    const message = await complaintOf(Promise.resolve().then(() => cutExamples(data, 4)));
    expect(message).toMatch(
      /^a\.jsonl: expected a counted token within the sequence length of 4, .* all 2 examples/,
    );
    expect(message).toContain("at least 5 (6 keeps every example)");
    expect(cutExamples(data, 5).report.keptCount).toBe(1);
    expect(cutExamples(data, 6).report.keptCount).toBe(2);
  });

  it("refuses lengths below 2", async () => {
    const data = await texts("the");
    for (const length of [1, 0, 2.5, Number.NaN]) {
      expect(() => cutExamples(data, length)).toThrow("sequence length: expected a whole number");
    }
  });
});
