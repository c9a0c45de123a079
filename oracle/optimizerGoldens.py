"""Goldens of the optimizer: PyTorch's AdamW with and without clipping, Transformers' learning-rate schedules."""

import json
from pathlib import Path

import torch
from opGoldens import generator, stored
from safetensors.torch import save_file
from transformers import get_scheduler

STEPS = 20
SIZE = 37


def adamw(weight_decay: float, max_norm: float | None) -> dict[str, torch.Tensor]:
    """20 steps on given gradients; the learning rate falls linearly so that a constant one cannot pass."""
    gen = generator("adamw")
    parameter = torch.nn.Parameter(torch.randn(SIZE, generator=gen))
    size = torch.logspace(-4, 1, STEPS)[torch.randperm(STEPS, generator=gen)]  # some steps clip, some do not
    gradients = torch.randn(STEPS, SIZE, generator=gen) * size[:, None]
    gradients[:, 5] = 0  # an element that never gets a gradient
    rates = 1e-2 * (1 - torch.arange(STEPS) / STEPS)
    optimizer = torch.optim.AdamW([parameter], lr=1e-2, weight_decay=weight_decay, foreach=False)
    out = {"initial": stored(parameter.clone()), "gradients": gradients, "learning_rates": rates}
    trail, norms = [], []
    for gradient, rate in zip(gradients, rates, strict=True):
        parameter.grad = gradient.clone()
        norms.append(torch.nn.utils.clip_grad_norm_([parameter], max_norm if max_norm else float("inf")))
        optimizer.param_groups[0]["lr"] = float(rate)
        optimizer.step()
        trail.append(parameter.detach().clone())
    state = optimizer.state[parameter]
    out |= {"parameters": torch.stack(trail), "grad_norms": torch.stack(norms)}
    return out | {"exp_avg": state["exp_avg"], "exp_avg_sq": state["exp_avg_sq"]}


def schedule(name: str, peak: float, warmup_steps: int, steps: int) -> dict:
    """Learning rate in use at step 0…steps−1: with warm-up the very first step has rate 0."""
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=peak)
    kind = "constant_with_warmup" if name == "constant" else name
    scheduler = get_scheduler(kind, optimizer, num_warmup_steps=warmup_steps, num_training_steps=steps)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    facts = {"schedule": name, "peak": peak, "warmup_steps": warmup_steps, "steps": steps}
    return {**facts, "learning_rates": rates}


def write_optimizer_goldens(folder: Path) -> None:
    runs = {
        "plain": adamw(0.0, None),
        "decay": adamw(0.1, None),
        "clipped": adamw(0.0, 1.0),
        "decay_clipped": adamw(0.1, 1.0),
    }
    flat = {f"{run}.{name}": stored(t) for run, tensors in runs.items() for name, t in tensors.items()}
    save_file(flat, folder / "adamw.safetensors", metadata={"format": "pt"})
    schedules = [
        schedule(name, 3e-3, warmup, steps)
        for name in ("constant", "linear", "cosine")
        for warmup, steps in ((0, 12), (5, 23), (1, 1), (10, 10))
    ]
    (folder / "schedules.json").write_text(json.dumps(schedules, indent=1) + "\n")
