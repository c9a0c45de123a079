"""Trains the embedded model's tokenizer on the generated corpus: byte-fallback BPE in the manner of Llama.

  node corpus/build.mjs corpus --out DIR
  python oracle/trainTokenizer.py DIR public/models/NAME
"""

import json
import string
import sys
from itertools import islice
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    corpus, out = Path(sys.argv[1]), Path(sys.argv[2])
    recipe = json.loads((ROOT / "corpus/recipe.json").read_text())["tokenizer"]

    def documents():
        with open(corpus / "train.jsonl", encoding="utf-8") as lines:
            for line in islice(lines, recipe["documents"]):
                yield json.loads(line)

    # Spaces become ▁ in the normalizer and words are cut before each run of ▁ or letters, so that "coins",
    # "coins." and "$5" share tokens. Nothing is prepended: a completion that starts with a space means it.
    words = r"▁?[A-Za-z]+|▁?[0-9]|▁?[^\sA-Za-z0-9▁]|▁+|\s"
    from tokenizers import Regex

    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.normalizer = normalizers.Replace(" ", "▁")
    trained.pre_tokenizer = pre_tokenizers.Split(Regex(words), "isolated")
    specials = ["<unk>", "<s>", "</s>"]
    bytes_256 = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=recipe["vocabSize"] - 256,
        special_tokens=specials,
        initial_alphabet=[c for c in string.printable if c not in "\r\x0b\x0c\t "] + ["▁"],
        limit_alphabet=100,
        show_progress=False,
    )
    trained.train_from_iterator(documents(), trainer)
    learned = json.loads(trained.to_str())["model"]

    # Byte tokens go right after the specials, as in Llama; learned tokens follow in their order.
    order = [token for token, _ in sorted(learned["vocab"].items(), key=lambda item: item[1])]
    vocab = {t: i for i, t in enumerate(specials + bytes_256 + [t for t in order if t not in specials])}
    merges = [tuple(pair) for pair in learned["merges"]]
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges, unk_token="<unk>", byte_fallback=True, fuse_unk=False))
    tokenizer.normalizer = trained.normalizer
    tokenizer.pre_tokenizer = trained.pre_tokenizer
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in specials])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 1)]
    )
    out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(out / "tokenizer.json"))
    (out / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "add_bos_token": True,
                "add_eos_token": False,
                "bos_token": "<s>",
                "clean_up_tokenization_spaces": False,
                "eos_token": "</s>",
                "model_max_length": 512,
                "pad_token": "</s>",
                "tokenizer_class": "PreTrainedTokenizerFast",
                "unk_token": "<unk>",
            },
            indent=2,
        )
        + "\n"
    )
    print(f"{tokenizer.get_vocab_size()} tokens in {out / 'tokenizer.json'}")


if __name__ == "__main__":
    main()
