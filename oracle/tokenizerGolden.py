"""Writes oracle/goldens/tokenizer.json: how Python's tokenizers encodes and decodes texts, for corpus/tokenizer.test.ts.

  python oracle/tokenizerGolden.py DIR public/models/NAME      DIR: what node corpus/build.mjs corpus wrote
"""

import json
import sys
from pathlib import Path

from transformers import AutoTokenizer

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = 40
AWKWARD = [
    "a", " a", "  a", "   ", "\n", "\n\n\n", "\t\tx", " \n \n", "🙂🙃 x", "👨‍👩‍👧", "日本語 テスト", "é è ñ",
    "x</s>y", "<s>hello</s>", "<unk>", "a <s> b", "▁under▁", "a▁ b", "\u0085\u2028\ufeff\u00a0z", "$5.00, 12:30!",
    "don't \"quote\" — dash…", " The Golden Spoon is here.\n- a\n- b", "\r\nwin\r\n", "ABC abc123 x1y2",
    " leading and trailing ", "<0x0A> literal", "𝒳 math", "a\x00b", "áB combining", " Monday | 3:00 | pier | Ann",
]  # fmt: skip


def main() -> None:
    corpus, folder = Path(sys.argv[1]), Path(sys.argv[2])
    tokenizer = AutoTokenizer.from_pretrained(folder)
    lines = (corpus / "validation.jsonl").read_text(encoding="utf-8").splitlines()[:DOCUMENTS]
    rows = []
    for text in [*map(json.loads, lines), *AWKWARD]:
        ids = tokenizer(text).input_ids
        rows.append(
            {
                "text": text,
                "ids": ids,
                "completionIds": tokenizer(text, add_special_tokens=False).input_ids,
                "decoded": tokenizer.decode(ids, skip_special_tokens=True),
            }
        )
    path = ROOT / "oracle/goldens/tokenizer.json"
    path.write_text(json.dumps({"model": folder.name, "rows": rows}) + "\n")
    print(f"{len(rows)} texts in {path}")


if __name__ == "__main__":
    main()
