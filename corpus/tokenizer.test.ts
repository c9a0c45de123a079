import { describe, expect, it } from "vitest";
import golden from "../oracle/goldens/tokenizer.json";
import { loadTokenizer, type Tokenizer } from "../src/formats/tokenizer";

const file = async (name: string) => (await fetch(`/models/${golden.model}/${name}`)).text();

async function shipped(): Promise<Tokenizer> {
  return loadTokenizer(await file("tokenizer.json"), await file("tokenizer_config.json"));
}

// Golden: `python oracle/tokenizerGolden.py`, the tokenizers library in Python.
describe("the embedded model's tokenizer", () => {
  it("encodes and decodes as in Python, ordinary and awkward texts", async () => {
    const tokenizer = await shipped();
    for (const { text, ids, completionIds, decoded } of golden.rows) {
      expect(tokenizer.encode(text, { addSpecialTokens: true }), text).toEqual(ids);
      expect(tokenizer.encode(text, { addSpecialTokens: false }), text).toEqual(completionIds);
      expect(tokenizer.decode(ids), text).toBe(decoded);
    }
  });

  it("keeps every text that holds no special token, byte for byte", async () => {
    const tokenizer = await shipped();
    const plain = golden.rows.filter(({ text }) => !/<\/?s>|<unk>|▁/.test(text));
    expect(plain.length).toBeGreaterThan(40);
    for (const { text } of plain) {
      expect(tokenizer.decode(tokenizer.encode(text, { addSpecialTokens: true }))).toBe(text);
    }
  });

  it("tokenizes a prompt and its completion apart as it does together", async () => {
    const tokenizer = await shipped();
    const prompt = "Let us meet Ann at the pier.\nEntry:";
    const completion = " Monday | 3:00 | pier | Ann";
    expect([
      ...tokenizer.encode(prompt, { addSpecialTokens: true }),
      ...tokenizer.encode(completion, { addSpecialTokens: false }),
    ]).toEqual(tokenizer.encode(prompt + completion, { addSpecialTokens: true }));
  });
});
