// A Llama-style byte-fallback tokenizer small enough to reason about, for tests of formats and data.

const letters = "abcdefghijklmnopqrstuvwxyz".split("");
const merges = ["t h", "th e", "▁ the", "▁ a", "a t", "c at", "▁ cat"];

/** tokenizer.json and tokenizer_config.json: 3 special tokens, 256 bytes, "▁", letters and a few merges. */
export function tinyTokenizerFiles(): { tokenizerJson: string; tokenizerConfig: string } {
  const special = ["<unk>", "<s>", "</s>"];
  const bytes = Array.from({ length: 256 }, (_, b) => `<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`);
  const merged = merges.map((pair) => pair.replace(" ", ""));
  const vocab = [...special, ...bytes, "▁", ...letters, ...merged];
  const tokenizerJson = JSON.stringify({
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
      pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
      special_tokens: { "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] } },
    },
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: "<unk>",
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(vocab.map((token, id) => [token, id])),
      merges,
    },
  });
  const tokenizerConfig = JSON.stringify({
    bos_token: "<s>",
    eos_token: { content: "</s>" },
    unk_token: "<unk>",
  });
  return { tokenizerJson, tokenizerConfig };
}
