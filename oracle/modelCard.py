"""Writes the embedded model's README.md: data, licence, recipe, held-out loss and ten unpicked samples.

  python oracle/modelCard.py public/models/NAME
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

ROOT = Path(__file__).resolve().parent.parent
TEMPERATURE = 0.7


def samples(folder: Path) -> list[str]:
    """Texts from <s> alone, seeds 0 … 9, f32 on the CPU, until end-of-text or 200 tokens."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    start = tokenizer("", return_tensors="pt").input_ids
    texts = []
    for seed in range(10):
        torch.manual_seed(seed)
        output = model.generate(
            input_ids=start.long(),
            attention_mask=torch.ones_like(start),
            do_sample=True,
            temperature=TEMPERATURE,
            top_k=0,
            top_p=0.95,
            max_new_tokens=200,
            max_length=None,
        )
        texts.append(tokenizer.decode(output[0], skip_special_tokens=True))
    return texts


def main() -> None:
    folder = Path(sys.argv[1])
    recipe = json.loads((ROOT / "corpus/recipe.json").read_text())
    golden = json.loads((ROOT / "oracle/goldens/pretrain.json").read_text())
    config = json.loads((folder / "config.json").read_text())
    shape, training = recipe["model"], recipe["training"]
    parameters = sum(
        tensor.numel() for tensor in AutoModelForCausalLM.from_pretrained(folder).parameters()
    )
    tokens = golden["step"] * training["batchSize"] * training["sequenceLength"]
    quoted = "\n\n".join(
        f"**Seed {seed}**\n\n```text\n{text}\n```" for seed, text in enumerate(samples(folder))
    )
    (folder / "README.md").write_text(
        f"""---
license: apache-2.0
language: en
library_name: transformers
pipeline_tag: text-generation
---

# {folder.name}

A Llama of {parameters:,} parameters that writes short texts in simple English: stories, descriptions, lists,
letters, dialogues, questions with answers. It was made for LoRA Studio, as a model small enough to fine-tune in
a browser tab without a fast GPU. It knows nothing of the world outside its made-up texts.

| | |
|---|---|
| Architecture | LlamaForCausalLM, {shape['numHiddenLayers']} layers, hidden {shape['hiddenSize']}, {shape['numAttentionHeads']} heads of {shape['headDim']}, {shape['numKeyValueHeads']} key-value heads, MLP {shape['intermediateSize']}, tied embeddings |
| Context | {shape['maxPositionEmbeddings']} positions; trained on {training['sequenceLength']} |
| Tokenizer | byte-fallback BPE, {config['vocab_size']} tokens, `<s>` in front, `</s>` at the end of a text |
| Weights | F16, {(folder / 'model.safetensors').stat().st_size:,} bytes |
| Licence | Apache-2.0, weights and data |
| Held-out loss | {golden['heldOutLoss']:.4f} (mean per token over {golden['heldOutTokens']:,} tokens of texts from a stream that was not trained on) |

## Data

{recipe['corpus']['trainDocuments']:,} texts ({golden['trainTokens']:,} tokens) from a seeded grammar in `corpus/`, written for this project:
no text of others is in it. `node corpus/build.mjs corpus --out DIR` writes the same texts again. The grammar's
word lists hold several thousand words; in these texts (not yet in the model's) facts stay the same.

## Recipe

`corpus/recipe.json`, the whole of it. Start weights normal(0, 0.02) from seed {training['seed']}; {golden['step']:,} steps of
{training['batchSize']} × {training['sequenceLength']} tokens ({tokens:,} tokens, each text seen at most once); AdamW with β {training['beta1']} / {training['beta2']},
weight decay {training['weightDecay']}, clipping at {training['maxGradNorm']}; learning rate {training['learningRate']} after {training['warmupSteps']} warm-up steps, cosine to 0.
**The shipped weights were made by PyTorch in f32 on a CPU**, `oracle/pretrain.py`:

```sh
node corpus/build.mjs corpus --out DIR
python oracle/trainTokenizer.py DIR public/models/{folder.name}
python oracle/pretrain.py train --corpus DIR --model public/models/{folder.name} --work DIR
python oracle/pretrain.py export --corpus DIR --model public/models/{folder.name} --work DIR
python oracle/modelCard.py public/models/{folder.name}
```

The losses of its first 100 steps and of every 50th are in `oracle/goldens/pretrain.json`.
The same recipe with this project's own engine gives the same losses: on an NVIDIA H200 the first 100 differ by at most
1.9e-6, and after 13,000 of the 20,000 steps by 0.01 (`npm run pretrain -- --out DIR --steps 100 --compare
oracle/goldens/pretrain.json`; without the last two
flags, all steps: six minutes at that card's pace).

## Limits

Most stories, descriptions and lists keep their people, things and plot to the end. {tokens:,} tokens are little all the
same: a second name, a colour or a number still slips now and then, and an answer may be that of another question,
as the samples show. Copying values from the prompt is what fine-tuning improves most: see
`python oracle/taskSuccess.py --dataset restaurants --steps 200`.

## Ten unpicked samples

From `<s>` alone, temperature {TEMPERATURE}, top-p 0.95, seeds 0 to 9, written by `python oracle/modelCard.py public/models/{folder.name}`.

{quoted}
"""
    )
    print(f"{folder / 'README.md'} written")


if __name__ == "__main__":
    main()
