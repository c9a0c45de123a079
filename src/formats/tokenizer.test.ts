import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadShared } from "../../oracle/goldens";
import { errorOf } from "./testing/errorOf";
import { tinyTokenizerFiles } from "./testing/tinyTokenizer";
import { loadTokenizer, type Tokenizer } from "./tokenizer";

const tiny = (): Tokenizer => {
  const { tokenizerJson, tokenizerConfig } = tinyTokenizerFiles();
  return loadTokenizer(tokenizerJson, tokenizerConfig);
};
const plain = { addSpecialTokens: false };

async function loadReal(name: string): Promise<Tokenizer | undefined> {
  const json = await loadShared(`tokenizers/${name}/tokenizer.json`);
  if (!json) return undefined;
  const config = await loadShared(`tokenizers/${name}/tokenizer_config.json`);
  return loadTokenizer(new TextDecoder().decode(json), config ? new TextDecoder().decode(config) : "{}");
}

/** All pieces of a streamed decoding. */
function streamed(tokenizer: Tokenizer, ids: readonly number[], context: readonly number[] = []): string[] {
  const stream = tokenizer.decodeStream(context);
  return [...ids.map((id) => stream.push(id)), stream.end()];
}

describe("the smollm tokenizer", () => {
  it("names its special tokens and shows tokens as they read", async ({ skip }) => {
    const tokenizer = await loadReal("smollm");
    if (!tokenizer) return skip("../shared/data/tokenizers is absent");
    expect(tokenizer.tokenText(tokenizer.eosTokenIds[0]!)).toMatch(/^<\|.*\|>$/);
    const ids = tokenizer.encode("Hello world, naïve 🙂", plain);
    expect(ids.map(tokenizer.tokenText).slice(0, 3)).toEqual(["Hello", " world", ","]);
  });
});

describe("loadTokenizer", () => {
  it("adds special tokens only when asked", () => {
    const tokenizer = tiny();
    const ids = tokenizer.encode("the cat", plain);
    expect(ids.map(tokenizer.tokenText)).toEqual([" the", " cat"]);
    expect(tokenizer.encode("the cat", { addSpecialTokens: true })).toEqual([tokenizer.bosTokenId, ...ids]);
    expect(tokenizer.encode("", plain)).toEqual([]);
    expect(tokenizer).toMatchObject({ bosTokenId: 1, eosTokenIds: [2], vocabSize: 3 + 256 + 27 + 7 });
  });

  it("decodes back any text", () => {
    const tokenizer = tiny();
    const text = fc.string({ unit: "binary" }).filter((text) => !text.includes("▁"));
    const mark = "\uFEFFa\uFEFF\uFEFFb";
    expect(tokenizer.decode(tokenizer.encode(mark, plain))).toBe(mark);
    fc.assert(
      fc.property(text, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text, plain))).toBe(text);
      }),
    );
  });

  it("leaves out special tokens and ids that have no token", () => {
    const tokenizer = tiny();
    const ids = tokenizer.encode("a cat", plain);
    expect(tokenizer.decode([1, ...ids, 2, 99_999])).toBe("a cat");
    expect(tokenizer.decode([])).toBe("");
    expect(tokenizer.tokenText(99_999)).toBe("<99999>");
    expect(tokenizer.tokenText(3 + 0xf0)).toBe("<0xF0>");
    expect(tokenizer.tokenText(2)).toBe("</s>");
  });

  it("names file and field of what is wrong", () => {
    const { tokenizerJson, tokenizerConfig } = tinyTokenizerFiles();
    const complaint = (json: string, config = tokenizerConfig) => errorOf(() => loadTokenizer(json, config));
    const changed = (changes: object) => JSON.stringify({ ...JSON.parse(tokenizerJson), ...changes });
    expect(complaint(tokenizerJson.slice(0, -1))).toMatch(/^tokenizer\.json: expected JSON/);
    expect(complaint(changed({ model: {} }))).toMatch(/^tokenizer\.json: model\.vocab: /);
    expect(complaint(changed({ model: { type: "BPE", vocab: { a: 4e9 } } }))).toMatch(
      /^tokenizer\.json: model\.vocab/,
    );
    expect(complaint(changed({ decoder: { type: "Nonsense" } }))).toMatch(
      /^tokenizer\.json: expected a tokenizer that can/,
    );
    expect(complaint(tokenizerJson, "[]")).toMatch(/^tokenizer_config\.json: expected object/);
    expect(complaint(tokenizerJson, '{"eos_token":"<end>"}')).toMatch(
      /^tokenizer_config\.json: eos_token: expected a token of tokenizer\.json, got "<end>"/,
    );
  });
});

describe("decodeStream", () => {
  it("joined, gives the text of all ids, whatever they are", () => {
    const tokenizer = tiny();
    const id = fc.nat(tokenizer.vocabSize + 3);
    fc.assert(
      fc.property(fc.array(id), fc.array(id), (context, ids) => {
        expect(streamed(tokenizer, ids).join("")).toBe(tokenizer.decode(ids));
        const before = tokenizer.decode(context);
        // A context that ends within a character changes once the rest of it comes.
        if (before.endsWith("\uFFFD")) return;
        expect(before + streamed(tokenizer, ids, context).join("")).toBe(
          tokenizer.decode([...context, ...ids]),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("holds back bytes until they are a character, and keeps the space after a prompt", () => {
    const tokenizer = tiny();
    const bytes = [...new TextEncoder().encode("🙂")].map((byte) => 3 + byte);
    expect(streamed(tokenizer, bytes)).toEqual(["", "", "", "🙂", ""]);
    expect(streamed(tokenizer, bytes.slice(0, 3))).toEqual(["", "", "", "\uFFFD"]);
    const prompt = tokenizer.encode("the", plain);
    const cat = tokenizer.encode("cat", plain);
    expect(streamed(tokenizer, cat, prompt)).toEqual([" cat", ""]);
    expect(streamed(tokenizer, cat)).toEqual(["cat", ""]);
  });
});
