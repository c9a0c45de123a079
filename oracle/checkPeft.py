"""Checks that adapters and merged folders written by this engine give its own logits in PEFT and Transformers.

    python oracle/checkPeft.py WORK

WORK holds one folder per check, as the engine exported it:

    WORK/<name>/adapter/             adapter_config.json + adapter_model.safetensors
    WORK/<name>/merged/              config.json + model.safetensors, the adapter added into the weights
    WORK/<name>/logits.safetensors   this engine's results with the adapter:
        input_ids  I32 [B, T]        right-padded token ids
        lengths    I32 [B]           real tokens per row; only those positions are compared
        logits     F32 [B, T, V]
        __metadata__.base_model      the base's Hugging Face folder, relative to the repository's root

`adapter` or `merged` may be missing (not both). Prints one line per check, then `N passed, N failed`;
exits 1 if anything failed or nothing was checked. "relative" is max|a − b| / max|b|.
"""

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"  # every model is a local folder

import torch
from peft import PeftModel
from peft.utils import get_peft_model_state_dict
from safetensors import safe_open
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM
from transformers.utils import logging

ROOT = Path(__file__).resolve().parent.parent
TOLERANCE = 1e-4


def load_model(folder: Path):
    """16-bit weights widened exactly, so that both sides compute in float32 from the same values."""
    model, info = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if info.get(kind):
            raise ValueError(f"{folder}: {kind}: {sorted(info[kind])[:3]}")
    return model.eval()


def real_logits(model, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    ids = inputs["input_ids"].long()
    real = torch.arange(ids.shape[1])[None] < inputs["lengths"][:, None]  # [B, T]
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=real.long()).logits[real]  # [real tokens, V]


def relative(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    return float((ours - theirs).abs().max() / theirs.abs().max())


def load_adapter(base, folder: Path) -> PeftModel:
    """PEFT only warns about keys it does not know or does not find: here both are errors."""
    model = PeftModel.from_pretrained(base, folder)
    expected = get_peft_model_state_dict(model).keys()
    found = load_file(folder / "adapter_model.safetensors").keys()
    if expected != found:
        first = sorted(expected ^ found)[0]
        raise ValueError(f"{folder}: expected the keys PEFT uses, first difference at {first}")
    return model


def folder_checks(folder: Path) -> list[tuple[str, Callable[[], tuple[bool, str]]]]:
    path = folder / "logits.safetensors"
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
    if "base_model" not in metadata:
        raise ValueError(f"{path}: expected base_model in the metadata: the base's folder")
    base = ROOT / metadata["base_model"]
    inputs = load_file(path)
    real = torch.arange(inputs["input_ids"].shape[1])[None] < inputs["lengths"][:, None]
    ours = inputs["logits"][real]

    def agrees(theirs: torch.Tensor) -> tuple[bool, str]:
        if theirs.shape != ours.shape:
            return False, f"logits: expected {list(theirs.shape)}, got {list(ours.shape)}"
        figure = relative(ours, theirs)
        return figure <= TOLERANCE, f"logits differ by {figure:.1e} relative (limit {TOLERANCE:.0e})"

    def adapter() -> tuple[bool, str]:
        return agrees(real_logits(load_adapter(load_model(base), folder / "adapter"), inputs))

    def effect() -> tuple[bool, str]:
        figure = relative(ours, real_logits(load_model(base), inputs))
        return figure > 10 * TOLERANCE, f"the adapter moves the base's logits by {figure:.1e} relative"

    def merged() -> tuple[bool, str]:
        return agrees(real_logits(load_model(folder / "merged"), inputs))

    checks = [("adapter in PEFT", adapter)] if (folder / "adapter").is_dir() else []
    checks += [("merged in Transformers", merged)] if (folder / "merged").is_dir() else []
    if not checks:
        raise ValueError(f"{folder}: expected a folder adapter or merged, got neither")
    return [*checks, ("adapter has an effect", effect)]


def main() -> int:
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print(__doc__)
        return 2
    warnings.simplefilter("ignore")
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    passed = failed = 0
    for folder in sorted(p for p in Path(sys.argv[1]).iterdir() if p.is_dir()):
        try:
            checks = folder_checks(folder)
        except Exception as error:
            checks = [("input", lambda error=error: (False, f"{type(error).__name__}: {error}"))]
        for name, check in checks:
            try:
                good, text = check()
            except Exception as error:  # a folder that cannot be opened is a failed check, not the end
                good, text = False, f"{type(error).__name__}: {error}"
            print(f"{'pass' if good else 'FAIL'}  {folder.name}: {name}: {text}", flush=True)
            passed, failed = passed + good, failed + (not good)
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
