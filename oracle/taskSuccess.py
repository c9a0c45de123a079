"""Fine-tunes the embedded model on a shipped data set with PEFT and prints the task's metric before and after.

  python oracle/taskSuccess.py --dataset calendar [--steps 100] [--lr 5e-3] [--target q_proj,v_proj]
The scoring is the twin of src/data/taskMetric.ts.
"""

import argparse
import json
import re
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from philox import RandomStream
from transformers import AutoModelForCausalLM, AutoTokenizer, get_cosine_schedule_with_warmup

ROOT = Path(__file__).resolve().parent.parent
LINEAR = "q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj"


def js_pattern(source: str) -> str:
    return source.replace("\\/", "/")


def score(metric: dict, example: dict, completion: str) -> float:
    """Fraction of the values that are right; 1 is an exact answer."""
    if metric["kind"] == "slots":
        values = re.findall(js_pattern(metric["valuePattern"]), example["prompt"])
        free = [rf"(?<!\w){re.escape(value)}(?!\w)" for value in values]
        return sum(bool(re.search(value, completion, re.I)) for value in free) / len(values)
    expected = re.fullmatch(js_pattern(metric["pattern"]), example["completion"].strip()).groups()
    found = re.fullmatch(js_pattern(metric["pattern"]), completion.strip())
    if not found or not expected:
        return float(found is not None)
    if not expected:  # a pattern without groups asks for the form alone
        return 1.0
    return sum(a == b for a, b in zip(expected, found.groups())) / len(expected)


@torch.no_grad()
def quantise_base(model: torch.nn.Module, bits: int) -> None:
    """Rounds the weights of linear layers as bitsandbytes keeps them: int8 by row, or NF4 by blocks of 64."""
    from bitsandbytes import functional as bnb

    for name, module in model.named_modules():
        if not isinstance(module, torch.nn.Linear) or name == "lm_head":
            continue
        weight = module.weight
        if bits == 8:
            codes, absmax, _ = bnb.int8_vectorwise_quant(weight.half())
            weight.copy_(codes.float() * absmax[:, None] / 127)
        else:
            weight.copy_(bnb.dequantize_4bit(*bnb.quantize_4bit(weight, blocksize=64, quant_type="nf4")))


def read_examples(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def batch_of(rows: list[tuple[list[int], list[int]]]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """ids, attention mask and labels, padded on the right to the longest row."""
    length = max(len(prompt) + len(completion) for prompt, completion in rows)
    ids = torch.full((len(rows), length), 2)
    mask = torch.zeros((len(rows), length), dtype=torch.long)
    labels = torch.full((len(rows), length), -100)
    for i, (prompt, completion) in enumerate(rows):
        end = len(prompt) + len(completion)
        ids[i, :end] = torch.tensor(prompt + completion)
        mask[i, :end] = 1
        labels[i, len(prompt) : end] = torch.tensor(completion)
    return ids, mask, labels


@torch.no_grad()
def measure(model, tokenizer, examples: list[dict], rows: list, metric: dict, shown: int) -> str:
    model.eval()
    ids, mask, labels = batch_of(rows)
    loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss.item()
    tokenizer.padding_side = "left"
    prompts = tokenizer([example["prompt"] for example in examples], return_tensors="pt", padding=True)
    output = model.generate(
        input_ids=prompts.input_ids,
        attention_mask=prompts.attention_mask,
        max_new_tokens=48,
        max_length=None,
        do_sample=False,
    )
    texts = tokenizer.batch_decode(output[:, prompts.input_ids.shape[1] :], skip_special_tokens=True)
    scores = [score(metric, example, text) for example, text in zip(examples, texts)]
    for text in texts[:shown]:
        print(f"  {text!r}")
    model.train()
    exact = sum(value == 1 for value in scores) / len(scores)
    return f"exact {exact:.1%}, mean fraction {sum(scores) / len(scores):.3f}, validation loss {loss:.4f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=ROOT / "public/models/fable-1m")
    parser.add_argument("--dataset", required=True, help="folder name below public/datasets")
    parser.add_argument("--base-bits", type=int, choices=[16, 8, 4], default=16)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--lr", type=float, default=5e-3)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--alpha", type=int, default=16)
    parser.add_argument("--target", default=LINEAR)
    parser.add_argument("--warmup", type=int, default=0)
    parser.add_argument("--seq-len", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--show", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    folder = ROOT / "public/datasets" / arguments.dataset
    metric = json.loads((folder / "dataset.json").read_text())["metric"]
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    base = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=torch.float32)
    if arguments.base_bits < 16:
        quantise_base(base, arguments.base_bits)
    model = get_peft_model(
        base,
        LoraConfig(
            r=arguments.rank,
            lora_alpha=arguments.alpha,
            target_modules=arguments.target.split(","),
            task_type="CAUSAL_LM",
        ),
    )

    def tokenized(examples: list[dict]) -> list[tuple[list[int], list[int]]]:
        rows = []
        for example in examples:
            prompt = tokenizer(example["prompt"]).input_ids
            completion = tokenizer(example["completion"], add_special_tokens=False).input_ids + [tokenizer.eos_token_id]
            rows.append((prompt[: arguments.seq_len], completion[: max(0, arguments.seq_len - len(prompt))]))
        return rows

    train, held_out = (read_examples(folder / f"{split}.jsonl") for split in ("train", "validation"))
    rows, held_out_rows = tokenized(train), tokenized(held_out)
    print(f"before: {measure(model, tokenizer, held_out, held_out_rows, metric, arguments.show)}", flush=True)
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=arguments.lr, weight_decay=0)
    schedule = get_cosine_schedule_with_warmup(optimizer, arguments.warmup, arguments.steps)
    order = RandomStream(arguments.seed, "shuffle:0").permutation(len(rows)).tolist()
    for step in range(arguments.steps):
        size = arguments.batch_size
        ids, mask, labels = batch_of([rows[order[(step * size + i) % len(rows)]] for i in range(size)])
        loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trainable, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if (step + 1) % 25 == 0:
            print(f"step {step + 1} loss {loss.item():.4f}", flush=True)
    count = sum(parameter.numel() for parameter in trainable)
    print(f"after {arguments.steps} steps, {count} trainable parameters: ", end="")
    print(measure(model, tokenizer, held_out, held_out_rows, metric, arguments.show))


if __name__ == "__main__":
    main()
