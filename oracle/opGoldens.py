"""Goldens of single ops: forward and backward by PyTorch autograd in float64, stored as float32.

The kernels are checked on these before any model is: a wrong gradient is easier to find in one op.
"""

import math
import zlib
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from transformers.activations import NewGELUActivation
from transformers.models.llama.modeling_llama import LlamaRMSNorm, rotate_half

F64 = torch.float64


def generator(name: str) -> torch.Generator:
    return torch.Generator().manual_seed(zlib.crc32(name.encode()))


def stored(tensor: torch.Tensor) -> torch.Tensor:
    """The value as the file holds it: 32-bit, so that the reader starts from the same bits."""
    kind = torch.int32 if tensor.dtype in (torch.int32, torch.int64) else torch.float32
    return tensor.detach().to(kind).contiguous()


def random(gen: torch.Generator, *shape: int, std: float = 1.0) -> torch.Tensor:
    """Float32 random values held as float64: the oracle sees exactly what the file holds."""
    return (torch.randn(*shape, generator=gen) * std).to(F64)


def write(folder: Path, op: str, variants: dict[str, dict[str, torch.Tensor]]) -> None:
    flat = {f"{v}.{name}": stored(t) for v, tensors in variants.items() for name, t in tensors.items()}
    save_file(flat, folder / f"{op}.safetensors", metadata={"format": "pt"})


def backward(output: torch.Tensor, dy: torch.Tensor, **leaves: torch.Tensor) -> dict[str, torch.Tensor]:
    grads = torch.autograd.grad(output, list(leaves.values()), dy)
    return {f"d{name}": g for name, g in zip(leaves, grads, strict=True)}


def scalar(value: float) -> torch.Tensor:
    return torch.tensor([value], dtype=F64)


def lora_linear(rows: int, fan_in: int, fan_out: int, rank: int, bias: bool, residual: bool) -> dict:
    """y = x·Wᵀ + scaling·(x·Aᵀ)·Bᵀ + bias + residual; rank 0 leaves the plain linear."""
    gen = generator(f"lora_linear {rows} {fan_in} {fan_out} {rank}")
    x = random(gen, rows, fan_in).requires_grad_()
    w = random(gen, fan_out, fan_in, std=fan_in**-0.5).requires_grad_()
    dy = random(gen, rows, fan_out)
    leaves = {"x": x, "W": w}
    scaling = 0.75 if rank == 1 else 1.5
    y = x @ w.T
    if rank:
        leaves["A"] = random(gen, rank, fan_in, std=fan_in**-0.5).requires_grad_()
        leaves["B"] = random(gen, fan_out, rank, std=0.5).requires_grad_()
        y = y + scaling * ((x @ leaves["A"].T) @ leaves["B"].T)
    if bias:
        leaves["bias"] = random(gen, fan_out).requires_grad_()
        y = y + leaves["bias"]
    out = {**leaves, "dy": dy, **({"scaling": scalar(scaling)} if rank else {})}
    if residual:
        out["residual"] = random(gen, rows, fan_out)
        y = y + out["residual"]
    return {**out, "y": y, **backward(y, dy, **leaves)}


def rms_norm(rows: int, width: int, eps: float, std: float) -> dict:
    gen = generator(f"rms_norm {rows} {width}")
    x = random(gen, rows, width, std=std).requires_grad_()
    weight = (1 + random(gen, width, std=0.3)).float().to(F64).requires_grad_()
    dy = random(gen, rows, width)
    y = x * torch.rsqrt((x * x).mean(-1, keepdim=True) + eps) * weight
    reference = LlamaRMSNorm(width, eps)
    reference.weight.data = weight.detach().float()
    assert torch.allclose(reference(x.float()), y.float(), atol=1e-5)
    return {"x": x, "weight": weight, "eps": scalar(eps), "dy": dy, "y": y, **backward(y, dy, x=x, weight=weight)}


def layer_norm(rows: int, width: int, eps: float, std: float) -> dict:
    gen = generator(f"layer_norm {rows} {width}")
    x = (random(gen, rows, width, std=std) + 3 * std).float().to(F64).requires_grad_()
    weight = (1 + random(gen, width, std=0.3)).float().to(F64).requires_grad_()
    bias = random(gen, width, std=0.3).requires_grad_()
    dy = random(gen, rows, width)
    y = F.layer_norm(x, (width,), weight, bias, eps)
    leaves = {"x": x, "weight": weight, "bias": bias}
    return {**leaves, "eps": scalar(eps), "dy": dy, "y": y, **backward(y, dy, **leaves)}


def rotary(batch: int, length: int, heads: int, head_size: int, theta: float, start: int) -> dict:
    """Hugging Face Llama convention: feature i pairs with i + D/2; row t stands at position start + t."""
    gen = generator(f"rotary {batch} {length} {heads} {head_size}")
    x = random(gen, batch, length, heads, head_size).requires_grad_()
    dy = random(gen, batch, length, heads, head_size)
    frequency = theta ** -(torch.arange(0, head_size, 2, dtype=F64) / head_size)
    angle = torch.outer(torch.arange(start, start + length, dtype=F64), frequency)  # [T, D/2]
    angle = torch.cat([angle, angle], -1)[None, :, None, :]  # [1, T, 1, D]
    y = x * angle.cos() + rotate_half(x) * angle.sin()
    facts = {"theta": scalar(theta), "start": torch.tensor([start])}
    return {"x": x, "dy": dy, **facts, "y": y, **backward(y, dy, x=x)}


def attention(
    lengths: list[int], heads: int, kv_heads: int, head_size: int, std: float = 1.0, window: int | None = None
) -> dict:
    """Causal grouped-query attention, scores / √D; padded query rows have dout 0 and are stored as 0."""
    gen = generator(f"attention {lengths} {heads} {kv_heads} {head_size}")
    batch, length = len(lengths), max(lengths)
    q = random(gen, batch, length, heads, head_size, std=std).requires_grad_()
    k = random(gen, batch, length, kv_heads, head_size, std=std).requires_grad_()
    v = random(gen, batch, length, kv_heads, head_size).requires_grad_()
    real = torch.arange(length)[None] < torch.tensor(lengths)[:, None]  # [B, T]
    dout = random(gen, batch, length, heads, head_size) * real[:, :, None, None]
    group = heads // kv_heads
    keys, values = (t.repeat_interleave(group, 2) for t in (k, v))
    scores = torch.einsum("bthd,bshd->bhts", q, keys) / math.sqrt(head_size)
    allowed = torch.tril(torch.ones(length, length, dtype=torch.bool))[None, None] & real[:, None, None, :]
    if window:
        near = torch.triu(torch.ones(length, length, dtype=torch.bool), 1 - window)
        allowed = allowed & near | torch.eye(length, dtype=torch.bool)  # a padded row sees itself, else nothing
    out = torch.einsum("bhts,bshd->bthd", scores.masked_fill(~allowed, -math.inf).softmax(-1), values)
    out = out * real[:, :, None, None]
    facts = {"lengths": torch.tensor(lengths), "dout": dout}
    if window:
        facts["window"] = torch.tensor([window])
    return {"q": q, "k": k, "v": v, **facts, "out": out, **backward(out, dout, q=q, k=k, v=v)}


def swiglu(rows: int, width: int, std: float = 1.0) -> dict:
    gen = generator(f"swiglu {rows} {width}")
    gate = random(gen, rows, width, std=std).requires_grad_()
    up = random(gen, rows, width).requires_grad_()
    dy = random(gen, rows, width)
    y = F.silu(gate) * up
    return {"gate": gate, "up": up, "dy": dy, "y": y, **backward(y, dy, gate=gate, up=up)}


def gelu(rows: int, width: int, std: float = 1.0) -> dict:
    gen = generator(f"gelu {rows} {width}")
    x = random(gen, rows, width, std=std).requires_grad_()
    dy = random(gen, rows, width)
    y = F.gelu(x, approximate="tanh")
    assert torch.allclose(NewGELUActivation()(x), y)
    return {"x": x, "dy": dy, "y": y, **backward(y, dy, x=x)}


def cross_entropy(rows: int, vocab: int, counted: list[int], std: float = 2.0) -> dict:
    """Row n predicts targets[n] (already shifted); loss is the mean over the rows whose mask is 1."""
    gen = generator(f"cross_entropy {rows} {vocab}")
    logits = random(gen, rows, vocab, std=std).requires_grad_()
    targets = torch.randint(0, vocab, (rows,), generator=gen)
    mask = torch.zeros(rows, dtype=torch.int32)
    mask[counted] = 1
    loss = (F.cross_entropy(logits, targets, reduction="none") * mask).sum() / mask.sum()
    return {
        "logits": logits,
        "targets": targets,
        "mask": mask,
        "loss": loss.reshape(1),
        **backward(loss, torch.ones_like(loss), logits=logits),
    }


def embedding(rows: int, vocab: int, width: int) -> dict:
    """Ids repeat on purpose: their gradients add up."""
    gen = generator(f"embedding {rows} {vocab} {width}")
    ids = torch.randint(0, max(1, vocab // 2), (rows,), generator=gen)
    weight = random(gen, vocab, width).requires_grad_()
    dy = random(gen, rows, width)
    y = weight[ids]
    return {"ids": ids, "weight": weight, "dy": dy, "y": y, **backward(y, dy, weight=weight)}


def write_op_goldens(folder: Path) -> None:
    write(
        folder,
        "lora_linear",
        {
            "one": lora_linear(1, 1, 1, 1, bias=True, residual=True),
            "plain": lora_linear(7, 13, 9, 0, bias=False, residual=False),
            "plain_biased": lora_linear(9, 20, 18, 0, bias=True, residual=True),
            "small": lora_linear(5, 7, 11, 3, bias=False, residual=False),
            "rank1": lora_linear(13, 20, 17, 1, bias=True, residual=False),
            "residual": lora_linear(17, 36, 23, 8, bias=False, residual=True),
            "tiles": lora_linear(70, 68, 132, 8, bias=True, residual=True),
            "rank64": lora_linear(33, 96, 65, 64, bias=False, residual=False),
        },
    )
    write(
        folder,
        "rms_norm",
        {
            "one": rms_norm(1, 1, 1e-5, 1.0),
            "odd": rms_norm(7, 13, 1e-5, 1.0),
            "wide": rms_norm(5, 300, 1e-6, 3.0),
            "tiny": rms_norm(3, 48, 1e-5, 2e-3),
        },
    )
    write(
        folder,
        "layer_norm",
        {
            "one": layer_norm(1, 2, 0.5, 1.0),
            "odd": layer_norm(7, 13, 1e-5, 1.0),
            "wide": layer_norm(5, 300, 1e-5, 3.0),
        },
    )
    write(
        folder,
        "gelu",
        {"one": gelu(1, 1), "odd": gelu(7, 101), "large": gelu(3, 64, std=20.0)},
    )
    write(
        folder,
        "rotary",
        {
            "one": rotary(1, 1, 1, 2, 10000.0, 0),
            "odd": rotary(2, 7, 3, 14, 10000.0, 0),
            "theta": rotary(3, 13, 2, 16, 500000.0, 0),
            "decode": rotary(2, 1, 4, 12, 1000.0, 37),
        },
    )
    write(
        folder,
        "attention",
        {
            "one": attention([1], 1, 1, 4),
            "multi_head": attention([11, 7, 1], 4, 4, 12),
            "grouped": attention([13, 5], 6, 2, 14),
            "multi_query": attention([9, 9, 3], 4, 1, 16),
            "long": attention([67], 2, 1, 8),
            "sharp": attention([10, 6], 2, 2, 16, std=4.0),
            "window": attention([14, 3], 4, 2, 6, window=4),
        },
    )
    write(
        folder,
        "swiglu",
        {"one": swiglu(1, 1), "odd": swiglu(7, 101), "large": swiglu(3, 64, std=20.0)},
    )
    write(
        folder,
        "cross_entropy",
        {
            "one": cross_entropy(1, 2, [0]),
            "odd": cross_entropy(13, 131, [1, 2, 5, 6, 7, 12]),
            "wide": cross_entropy(5, 1031, [0, 4]),
            "extreme": cross_entropy(6, 67, [0, 1, 3, 5], std=60.0),
        },
    )
    write(
        folder,
        "embedding",
        {"one": embedding(1, 1, 1), "odd": embedding(23, 11, 13), "wide": embedding(40, 131, 48)},
    )
