"""Goldens of the model and datasets shipped in public/: to be remade whenever either changes.

Batches are made as the command line's --no-shuffle makes them: examples in file order, wrapping at the end.
"""

import hashlib
import json
import shutil
from pathlib import Path

import torch
from cases import Curve
from curves import write_lora_curve
from modelGoldens import adapter_golden, load_base, randomize, save_adapter, wrap, write_tensors
from opGoldens import generator
from transformers import AutoTokenizer

ROOT = Path(__file__).resolve().parent.parent
BATCH_SIZE = 8
SEQUENCE_LENGTH = 64
LOGIT_ROWS = 1  # a row is some hundred kilobytes
LORA = {"r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "v_proj"]}
CURVE = Curve("linear", 2e-3, warmup_steps=5)


def tokenize(tokenizer, example: dict[str, str]) -> tuple[list[int], list[int]]:
    """prompt + completion + end-of-text and the loss mask, which is 1 on completion and end-of-text."""
    prompt = tokenizer(example["prompt"])["input_ids"]
    completion = tokenizer(example["completion"], add_special_tokens=False)["input_ids"]
    completion = [*completion, tokenizer.eos_token_id]
    mask = [0] * len(prompt) + [1] * len(completion)
    return (prompt + completion)[:SEQUENCE_LENGTH], mask[:SEQUENCE_LENGTH]


def batch_of(examples: list[tuple[list[int], list[int]]]) -> dict[str, torch.Tensor]:
    """Right-padded with 0 to the sequence length; the lengths say which tokens are real."""
    grow = lambda row: row + [0] * (SEQUENCE_LENGTH - len(row))  # noqa: E731
    return {
        "input_ids": torch.tensor([grow(ids) for ids, _ in examples]),
        "lengths": torch.tensor([len(ids) for ids, _ in examples]),
        "loss_mask": torch.tensor([grow(mask) for _, mask in examples]),
    }


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_dataset_golden(model_folder: Path, data: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    # Not splitlines(): it would also cut at the Unicode line separators that JSON allows inside a string.
    lines = [line for line in data.read_text(encoding="utf-8").split("\n") if line.strip()]
    examples = [tokenize(tokenizer, json.loads(line)) for line in lines]
    if not all(any(mask[1:]) for _, mask in examples):
        raise ValueError(f"{data}: expected a completion token within {SEQUENCE_LENGTH} tokens of every example")
    steps = [
        batch_of([examples[(step * BATCH_SIZE + i) % len(examples)] for i in range(BATCH_SIZE)])
        for step in range(CURVE.steps)
    ]
    model_name = str(model_folder.relative_to(ROOT))
    gen = generator(folder.name)
    base = load_base(model_folder)
    model = wrap(base, LORA, seed=0)
    randomize(model, gen)
    save_adapter(model, folder / "adapter", model_name)
    golden = adapter_golden(base, model, steps[0])
    width = int(steps[0]["lengths"][:LOGIT_ROWS].max())
    for name in ("base_logits", "logits"):
        golden[name] = golden[name][:LOGIT_ROWS, :width]
    write_tensors(folder / "golden.safetensors", golden)
    record = write_lora_curve(folder, model_name, model_folder, LORA, steps, CURVE)
    source = {
        "model": model_name,
        "data": str(data.relative_to(ROOT)),
        "model_sha256": digest(model_folder / "model.safetensors"),
        "tokenizer_sha256": digest(model_folder / "tokenizer.json"),
        "data_sha256": digest(data),
    }
    (folder / "source.json").write_text(json.dumps(source, indent=1) + "\n")
    d = record["float64_deviation"]
    print(
        f"{folder.name}: loss {record['losses'][0]:.4f} → {record['losses'][-1]:.4f}; "
        f"float64 run differs by {d['loss']:.1e} in loss, {d['parameters']:.1e} relative in the result"
    )


def write_embedded_goldens(goldens: Path) -> None:
    models = sorted(p.parent for p in (ROOT / "public/models").glob("*/model.safetensors"))
    datasets = sorted((ROOT / "public/datasets").glob("*/train.jsonl"))
    if not models or not datasets:
        raise SystemExit(
            f"public/: expected a model folder and a dataset, got {len(models)} and {len(datasets)}. "
            "Make them first; the other goldens do not need them."
        )
    for stale in goldens.glob("*/source.json"):
        shutil.rmtree(stale.parent)
    for model_folder in models:
        for data in datasets:
            write_dataset_golden(model_folder, data, goldens / f"{model_folder.name}-{data.parent.name}")
