"""Goldens of weights in fewer bits: what bitsandbytes makes of a matrix, on the CPU."""

from pathlib import Path

import torch
from bitsandbytes import functional as bnb
from opGoldens import generator
from safetensors.torch import save_file

SHAPE = (132, 128)  # 264 blocks of 64: two blocks of scales, the second one short


def nibbles(packed: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    """bitsandbytes has the first of two values in the upper four bits."""
    flat = packed.flatten()
    return torch.stack([flat >> 4, flat & 15], dim=1).reshape(shape)


def write_quantised_goldens(folder: Path) -> None:
    weight = torch.randn(SHAPE, generator=generator("quantised")) * 0.05
    weight[3, 5] = 1.5  # an outlier
    weight[7] = 0
    weight = weight.half()
    int8, row_absmax, _ = bnb.int8_vectorwise_quant(weight)
    packed, state = bnb.quantize_4bit(weight.float(), blocksize=64, quant_type="nf4")
    again, nested = bnb.quantize_4bit(weight.float(), blocksize=64, quant_type="nf4", compress_statistics=True)
    codes = nibbles(packed, SHAPE)
    assert torch.equal(packed, again)
    table = bnb.get_4bit_type("nf4", device="cpu")
    by_hand = table[codes.long()] * state.absmax.repeat_interleave(64).reshape(SHAPE)
    assert torch.equal(bnb.dequantize_4bit(packed, state), by_hand)
    out = {
        "weight": weight,
        "int8.codes": int8,
        "int8.absmax": row_absmax.float(),
        "nf4.table": table,
        "nf4.codes": codes,
        "nf4.absmax": state.absmax,
        "double.codes": nested.absmax,
        "double.absmax": nested.state2.absmax,
        "double.table": nested.state2.code,
        "double.offset": nested.offset.reshape(1),
        "double.scales": bnb.dequantize_blockwise(nested.absmax, nested.state2) + nested.offset,
    }
    save_file({k: v.contiguous() for k, v in out.items()}, folder / "quantised.safetensors", {"format": "pt"})
