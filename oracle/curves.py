"""Training-run goldens: the plain PyTorch loop that the engine's trainer has to reproduce step for step."""

import json
from dataclasses import asdict
from pathlib import Path

import torch
from cases import Case, Curve
from modelGoldens import (
    forward,
    load_base,
    module_path,
    relative,
    save_adapter,
    token_losses,
    wrap,
    write_tensors,
)
from opGoldens import generator
from peft import PeftModel
from transformers import get_scheduler

Batch = dict[str, torch.Tensor]
BATCH_SIZE = 4
SEQUENCE_LENGTH = 12
DISTINCT_STEPS = 4  # the list of batches repeats, so that the loss falls


def progressions(vocab: int, count: int, gen: torch.Generator) -> list[dict[str, list[list[int]]]]:
    """Micro-batches of token runs with a fixed stride: random, yet learnable. The first tokens are the prompt."""
    batches = []
    for _ in range(count):
        rows, masks = [], []
        for _ in range(BATCH_SIZE):
            start, stride, length, prompt = (
                int(torch.randint(low, high, (1,), generator=gen))
                for low, high in ((0, vocab), (1, 5), (6, SEQUENCE_LENGTH + 1), (1, 4))
            )
            rows.append([(start + stride * t) % vocab for t in range(length)])
            masks.append([int(t >= prompt) for t in range(length)])
        batches.append({"input_ids": rows, "loss_mask": masks})
    return batches


def padded(batch: dict[str, list[list[int]]], width: int) -> Batch:
    """Rows of different lengths → [B, T] tensors padded with 0 on the right."""
    grow = lambda rows: torch.tensor([row + [0] * (width - len(row)) for row in rows])  # noqa: E731
    lengths = torch.tensor([len(row) for row in batch["input_ids"]])
    return {"input_ids": grow(batch["input_ids"]), "lengths": lengths, "loss_mask": grow(batch["loss_mask"])}


def train(model, batches: list[Batch], curve: Curve) -> dict[str, list[float]]:
    """Loss is the mean over all counted tokens of all micro-batches of a step, taken before the update."""
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=curve.learning_rate, weight_decay=curve.weight_decay)
    kind = "constant_with_warmup" if curve.schedule == "constant" else curve.schedule
    scheduler = get_scheduler(kind, optimizer, curve.warmup_steps, curve.steps)
    losses, rates, norms = [], [], []
    for step in range(curve.steps):
        first = step * curve.accumulation
        micro = [batches[(first + i) % len(batches)] for i in range(curve.accumulation)]
        counted = sum(int(b["loss_mask"].sum()) for b in micro)
        optimizer.zero_grad()
        loss = 0.0
        for batch in micro:
            part = token_losses(forward(model, batch), batch) / counted
            part.backward()
            loss += float(part.detach())
        norm = torch.nn.utils.clip_grad_norm_(trainable, curve.max_grad_norm)  # before clipping
        losses.append(loss)
        rates.append(optimizer.param_groups[0]["lr"])
        norms.append(float(norm))
        optimizer.step()
        scheduler.step()
    return {"losses": losses, "learning_rates": rates, "grad_norms": norms}


def trained(model) -> dict[str, torch.Tensor]:
    return {module_path(n): p.detach().clone() for n, p in model.named_parameters() if p.requires_grad}


def run(make_model, batches: list[Batch], curve: Curve):
    """The run in float32, and how far a run in float64 ends from it: what rounding alone may cost."""
    model = make_model(torch.float32)
    metrics = train(model, batches, curve)
    exact = make_model(torch.float64)
    exact_metrics = train(exact, batches, curve)
    here, there = trained(model), trained(exact)
    deviation = {
        "loss": max(abs(a - b) for a, b in zip(metrics["losses"], exact_metrics["losses"], strict=True)),
        "parameters": max(relative(here[name].double(), there[name].double()) for name in here),
    }
    assert metrics["losses"][-1] < metrics["losses"][0]
    return model, {**asdict(curve), **metrics, "float64_deviation": deviation}


def write_curve(path: Path, method: str, batches: list[Batch], record: dict) -> None:
    rows, width = batches[0]["input_ids"].shape
    shape = {"method": method, "batch_size": rows, "sequence_length": width}
    path.write_text(json.dumps({**shape, **record}, indent=1) + "\n")


def case_batches(case: Case, folder: Path) -> list[Batch]:
    count = DISTINCT_STEPS * case.curve.accumulation
    ragged = progressions(case.config["vocab_size"], count, generator(case.name + " batches"))
    lines = [json.dumps(batch, separators=(",", ":")) for batch in ragged]
    (folder / "batches.jsonl").write_text("\n".join(lines) + "\n")
    return [padded(batch, SEQUENCE_LENGTH) for batch in ragged]


def write_lora_curve(folder: Path, base_name: str, base: Path, lora: dict, batches: list[Batch], curve: Curve):
    """`adapter_initial/` has PEFT's default initialisation (B zero); `adapter_final/` is that after the run."""
    save_adapter(wrap(load_base(base), lora, seed=1), folder / "adapter_initial", base_name)

    def make(dtype: torch.dtype) -> PeftModel:
        model = load_base(base, dtype)
        return PeftModel.from_pretrained(model, folder / "adapter_initial", is_trainable=True).to(dtype)

    model, record = run(make, batches, curve)
    save_adapter(model, folder / "adapter_final", base_name)
    write_curve(folder / "curve.json", "lora", batches, record)
    return record


def write_full_curve(folder: Path, method: str, batches: list[Batch], curve: Curve) -> dict:
    """method "full" trains every parameter, "bitfit" only the biases; the result is `<method>_final.safetensors`."""

    def make(dtype: torch.dtype):
        model = load_base(folder, dtype)
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(method == "full" or name.endswith(".bias"))
        return model

    model, record = run(make, batches, curve)
    write_tensors(folder / f"{method}_final.safetensors", trained(model))
    write_curve(folder / f"{method}_curve.json", method, batches, record)
    return record


def write_case_curves(case: Case, folder: Path) -> None:
    if case.curve is None:
        return
    batches = case_batches(case, folder)
    if case.lora is not None:
        records = [write_lora_curve(folder, case.name, folder, case.lora, batches, case.curve)]
    else:
        biased = case.config.get("attention_bias") or case.config.get("mlp_bias")
        methods = ["full", "bitfit"] if biased else ["full"]
        records = [write_full_curve(folder, method, batches, case.curve) for method in methods]
    for r in records:
        d = r["float64_deviation"]
        print(
            f"  loss {r['losses'][0]:.4f} → {r['losses'][-1]:.4f} in {r['steps']} steps, grad norm "
            f"{min(r['grad_norms']):.2f}…{max(r['grad_norms']):.2f}; float64 run differs by "
            f"{d['loss']:.1e} in loss, {d['parameters']:.1e} relative in the result"
        )
