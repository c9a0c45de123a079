// Awkward strings through each tokenizer of ../shared/data, against Python's tokenizers (llama2: SentencePiece itself).
import { describe, expect, it } from "vitest";
import { loadGolden, loadShared } from "../../oracle/goldens";
import { llama2cTokenizer } from "./llama2c";
import { loadTokenizer } from "./tokenizer";

interface Golden {
  readonly texts: readonly string[];
  /** tokenizer.json without vocabulary and merges. */
  readonly qwen2: { readonly model: object };
  readonly tokenizers: Readonly<
    Record<
      string,
      {
        readonly vocabSize: number;
        readonly ids: readonly number[][];
        /** By the text's number, where it does not come back as it was. */
        readonly decoded: Readonly<Record<string, string>>;
      }
    >
  >;
}

const text = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
const golden = JSON.parse(text(await loadGolden("tokenizers.json"))) as Golden;

/** SentencePiece reads the names of special tokens as text, where every tokenizer.json has the tokens themselves. */
const namesSpecialTokens = ["<s> inside </s> text", "<unk> [UNK]"];

/** tokenizer.json of a folder, or what stands in for it; undefined where the folder is absent. */
async function tokenizerJson(name: string): Promise<string | undefined> {
  const file = (path: string) => loadShared(`tokenizers/${name}/${path}`);
  if (name === "llama2") {
    const bytes = await file("tokenizer.bin");
    return (
      bytes && JSON.stringify(llama2cTokenizer("tokenizer.bin", bytes, golden.tokenizers[name]!.vocabSize))
    );
  }
  if (name === "qwen2") {
    const [vocab, merges] = [await file("vocab.json"), await file("merges.txt")];
    if (!vocab || !merges) return undefined;
    const pairs = text(merges)
      .split(/\r?\n/)
      .filter((line) => line !== "" && !line.startsWith("#version"));
    const model = {
      ...golden.qwen2.model,
      vocab: JSON.parse(text(vocab)),
      merges: pairs.map((pair) => pair.split(" ")),
    };
    return JSON.stringify({ ...golden.qwen2, model });
  }
  const bytes = await file("tokenizer.json");
  return bytes && text(bytes);
}

describe.each(Object.entries(golden.tokenizers))("the %s tokenizer", (name, { vocabSize, ids, decoded }) => {
  it("encodes and decodes awkward strings as Python's does", async ({ skip }) => {
    const json = await tokenizerJson(name);
    if (!json) return skip("../shared/data/tokenizers is absent");
    const tokenizer = loadTokenizer(json, "{}");
    expect(tokenizer.vocabSize).toBe(vocabSize);
    const differing = golden.texts.flatMap((given, i) => {
      const own = tokenizer.encode(given, { addSpecialTokens: true });
      const back = tokenizer.decode(ids[i]!);
      const problems: { given: string; [what: string]: unknown }[] = [];
      if (JSON.stringify(own) !== JSON.stringify(ids[i])) problems.push({ given, ids: own, python: ids[i] });
      const stream = tokenizer.decodeStream();
      const pieces = [...ids[i]!.map((id) => stream.push(id)), stream.end()].join("");
      if (pieces !== back) problems.push({ given, back, streamed: pieces });
      if (back !== (decoded[i] ?? given)) problems.push({ given, back, python: decoded[i] ?? given });
      return problems;
    });
    expect(differing.map(({ given }) => given)).toEqual(name === "llama2" ? namesSpecialTokens : []);
  });
});
