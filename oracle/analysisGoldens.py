"""Goldens of the analysis: goldens/analysis.json, and a pair of adapters made for it in goldens/analysis/."""

import json
from pathlib import Path

import numpy as np
from analysis import analyse, gaussian
from safetensors.numpy import save_file

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared/data/adapters"

# Two matrices of a GPT-2, whose weights are stored [in, out]; the second one is smaller than the adapters' ranks.
SHAPES = {"h.0.attn.c_attn": (40, 48), "h.0.mlp.c_proj": (3, 5)}

FABLE = "public/models/fable-1m"
GOLDENS = "oracle/goldens"
CASES = {
    "two tasks": (f"{GOLDENS}/fable-1m-calendar/adapter_final", f"{GOLDENS}/fable-1m-restaurants/adapter_final", FABLE),
    "B is zero": (f"{GOLDENS}/fable-1m-calendar/adapter_initial", f"{GOLDENS}/fable-1m-calendar/adapter_final", FABLE),
    "rank 1": (f"{GOLDENS}/gqa-untied-bf16-r1/adapter_final", None, f"{GOLDENS}/gqa-untied-bf16-r1"),
    "rank 64": (f"{GOLDENS}/mqa-tied-bf16-r64/adapter", None, f"{GOLDENS}/mqa-tied-bf16-r64"),
    "rsLoRA": (f"{GOLDENS}/biased-untied-f32-rslora/adapter", None, f"{GOLDENS}/biased-untied-f32-rslora"),
    "rank patterns": (f"{GOLDENS}/patterns-tied-f16/adapter", None, f"{GOLDENS}/patterns-tied-f16"),
    "fan in, fan out": (f"{GOLDENS}/analysis/rank-4", f"{GOLDENS}/analysis/rank-16", f"{GOLDENS}/analysis"),
}
ONLY = {
    "two tasks": ["0.self_attn.q_proj", "4.self_attn.v_proj"],
    "B is zero": ["0.self_attn.q_proj"],
    "rank 64": ["0.mlp.down_proj"],
    "rsLoRA": ["0.mlp.up_proj", "1.self_attn.k_proj"],
}
# Real adapters, where they are present: what is kept of them are these figures.
REAL = {
    "gpt2-seqcls-r8": "11.attn.c_attn",
    "gpt2-causal-r8-2targets": "0.mlp.c_proj",
    "opt125m-bf16-r16": "0.self_attn.v_proj",
    "distilbert-seqcls2-r8": "5.attention.q_lin",
    "distilbert-seqcls6-r8-peft020": "0.attention.v_lin",
    "bert-base-seqcls2-r8": "3.attention.self.query",
}


def write_adapter(folder: Path, rank: int, alpha: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for path, (out, into) in SHAPES.items():
        key = f"base_model.model.transformer.{path}.lora_"
        for half, shape in (("A", (rank, into)), ("B", (out, rank))):
            values = gaussian(shape, rank, f"{path}.{half}") * 0.3
            tensors[f"{key}{half}.weight"] = values.astype(np.float32)
    save_file(tensors, folder / "adapter_model.safetensors", {"format": "pt"})
    config = {
        "alpha_pattern": {"mlp.c_proj": 3 * alpha},
        "fan_in_fan_out": True,
        "lora_alpha": alpha,
        "peft_type": "LORA",
        "r": rank,
        "rank_pattern": {},
        "target_modules": ["c_attn", "c_proj"],
        "task_type": "CAUSAL_LM",
        "use_rslora": True,
    }
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")


def write_pair(folder: Path) -> None:
    write_adapter(folder / "rank-4", 4, 8)
    write_adapter(folder / "rank-16", 16, 2.5)
    weights = {f"{path}.weight": gaussian((into, out), 1, path).astype(np.float32) for path, (out, into) in SHAPES.items()}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


def rounded(value, digits: int = 9):
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list) else value


def edges(similarities: list[dict]) -> None:
    """Of a grid φ(i, i) and φ(k, j) are kept: the rest is the same sum."""
    for each in similarities:
        for side in ("right", "left"):
            grid = each[side]
            diagonal = [grid[i][i] for i in range(min(len(grid), len(grid[0])))] if grid else []
            each[side] = {"diagonal": diagonal, "lastRow": grid[-1] if grid else []}


def write_analysis_goldens(goldens: Path) -> None:
    write_pair(goldens / "analysis")
    cases = []
    listed = {name: (case, ONLY.get(name)) for name, case in CASES.items()}
    for name, module in REAL.items():
        if (SHARED / name).is_dir():
            listed[name] = ((f"../shared/data/adapters/{name}", None, None), [module])
    for name, ((adapter, against, model), only) in listed.items():
        report = analyse(ROOT / adapter, against and ROOT / against, model and ROOT / model, 0, only)
        for similarities in report["similarity"].values():
            edges(similarities)
        cases.append({"name": name, "adapter": adapter, "against": against, "model": model, "modules": only, **report})
    (goldens / "analysis.json").write_text(json.dumps(rounded(cases), indent=1) + "\n")
