"""Writes oracle/goldens/tokenizers.json: how Python's tokenizers encodes and decodes awkward strings with each
tokenizer of ../shared/data, for src/formats/tokenizerCorpus.test.ts.

  python oracle/tokenizerCorpus.py [../shared/data/tokenizers]

Padding and truncation, which some files were saved with, are off. llama2 is SentencePiece's own, since its folder has
no tokenizer.json; qwen2's has only vocabulary and merges, to which `QWEN2` adds the rest of the published file.
"""

import json
import sys
from pathlib import Path

import sentencepiece
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parent.parent
TEXTS = [
    "Hello world", " leading", "trailing ", "   ", "\n", "\t\tx", " a  b   c    d ", "line\r\nline\n\n\nend\t",
    "Naïve café — “quotes” don't, isn't; we'll I'VE 'Tis", "e\u0301 vs é, A\u030a vs Å, n\u0303", "ﬁ ﬂ ｆｕｌｌ ＷＩＤＴＨ",
    "日本語のテスト、漢字かな交じり文。", "中文，没有空格。", "한국어 문장", "ไทยไม่มีช่องว่าง", "नमस्ते दुनिया", "שלום عالم مرحبا", "Привет, МИР ёж",
    "🙂", "🙂🙃 x", "👨‍👩‍👧‍👦 family", "👍🏽 🏳️‍🌈 🇩🇪🇯🇵", "❤️ vs ❤", "𝒳 𝔘𝔫𝔦 𠮷",
    "0123456789", "1234 12 3.14159 1,000,000 0x1F", "v2.0-rc1 x1y2 10th", "½ ¾ x² H₂O Ⅷ ٣ १२", "$5.00, 42% & 12:30!",
    "def f(x):\n    return x**2 != {'a': [1, 2]}  # ok", "for(int i=0;i<n;++i){a[i]+=b;}", "<div class=\"x\">&nbsp;</div>",
    "SELECT * FROM t WHERE a >= 3;", "https://example.org/a?b=c&d=%20#e", "snake_case camelCase kebab-case",
    "<|endoftext|>", "a<|im_start|>user\nhi<|im_end|>b", "<s> inside </s> text", "<|user|>  hi  <|end|>\n<|assistant|> yes",
    "[CLS] [MASK] [SEP]", "<unk> [UNK]", "<|endoftext|", "<0x0A> literal", "▁under▁", "a▁b Ġc Ċ",
    "\ufeffafter a mark", "a\ufeffb", "zero\u200bwidth\u200djoin \u00ad soft", "no\u00a0break\u2003em\u3000ideographic\u0085next\u2028line",
    "a\x00b\x07c\x1b[0m\x7f", "\ufffd replacement", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "!!!???...---___",
    "supercalifragilisticexpialidocious", "don’t ‘single’ …", "a\u0300\u0316\u0317 z\u0351\u0346a\u0325l\u0334g\u0337o",
]  # fmt: skip

SPECIAL = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
QWEN2 = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [
        {"id": 151643 + i, "content": content, **SPECIAL}
        for i, content in enumerate(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    ],
    "normalizer": {"type": "NFC"},
    "pre_tokenizer": {
        "type": "Sequence",
        "pretokenizers": [
            {
                "type": "Split",
                "pattern": {
                    "Regex": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
                    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
                },
                "behavior": "Isolated",
                "invert": False,
            },
            BYTES,
        ],
    },
    "post_processor": BYTES,
    "decoder": {**BYTES, "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
    "model": {"type": "BPE", "continuing_subword_prefix": "", "end_of_word_suffix": ""},
}


def qwen2(folder: Path) -> Tokenizer:
    vocab = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    lines = (folder / "merges.txt").read_text(encoding="utf-8").splitlines()
    merges = [line.split(" ") for line in lines if line and not line.startswith("#version")]
    model = {**QWEN2["model"], "vocab": vocab, "merges": merges}
    return Tokenizer.from_str(json.dumps({**QWEN2, "model": model}))


def cases(encode, decode) -> dict:
    """`decoded` holds only texts that do not come back as they were."""
    ids = [encode(text) for text in TEXTS]
    decoded = {str(i): decode(own) for i, own in enumerate(ids) if decode(own) != TEXTS[i]}
    return {"ids": ids, "decoded": decoded}


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT.parent / "shared/data/tokenizers")
    golden = {"texts": TEXTS, "qwen2": QWEN2, "tokenizers": {}}
    for name in ["bert-uncased", "gpt2", "phi3-llama-family", "qwen2", "smollm"]:
        own = folder / name
        tokenizer = qwen2(own) if name == "qwen2" else Tokenizer.from_file(str(own / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        golden["tokenizers"][name] = {
            "vocabSize": tokenizer.get_vocab_size(),
            **cases(lambda text: tokenizer.encode(text).ids, tokenizer.decode),
        }
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "llama2/tokenizer.model"))
    golden["tokenizers"]["llama2"] = {
        "vocabSize": pieces.vocab_size(),
        **cases(lambda text: pieces.encode(text, add_bos=True), pieces.decode),
    }
    path = ROOT / "oracle/goldens/tokenizers.json"
    path.write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(TEXTS)} texts by {len(golden['tokenizers'])} tokenizers in {path}")


if __name__ == "__main__":
    main()
