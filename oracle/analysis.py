"""The figures of `npm run analyze` by the plain way: dense float64 matrices and NumPy's full decompositions."""

import json
import re
from pathlib import Path

import numpy as np
import torch
from philox import RandomStream
from safetensors import safe_open


class Adapter:
    """A PEFT LoRA folder: factors and scaling by module path."""

    def __init__(self, folder: Path):
        config = json.loads((folder / "adapter_config.json").read_text())
        self.transposed = bool(config.get("fan_in_fan_out"))
        self.changes: dict[str, tuple[np.ndarray, np.ndarray, float]] = {}
        with safe_open(folder / "adapter_model.safetensors", "pt") as file:
            paths = [m[1] for key in file.keys() if (m := re.fullmatch(r"base_model\.model\.(.+)\.lora_A\.weight", key))]
            for path in paths:
                key = f"base_model.model.{path}.lora_"
                a, b = (file.get_tensor(f"{key}{half}.weight").to(torch.float64).numpy() for half in "AB")
                rank, alpha = (self._pattern(config, path, kind) for kind in ("rank", "alpha"))
                self.changes[path] = a, b, alpha / (rank**0.5 if config.get("use_rslora") else rank)

    @staticmethod
    def _pattern(config: dict, path: str, kind: str) -> float:
        """peft, utils/other.py, get_pattern_key."""
        for pattern, value in (config.get(f"{kind}_pattern") or {}).items():
            if re.match(rf"(.*\.)?({pattern})$", path):
                return value
        return config["r" if kind == "rank" else "lora_alpha"]


def read_weight(folder: Path, path: str, transposed: bool) -> np.ndarray:
    """W [out, in] in float64."""
    for file_path in sorted(folder.glob("*.safetensors")):
        with safe_open(file_path, "pt") as file:
            for key in (f"{path}.weight", f"{path.removeprefix('transformer.')}.weight"):
                if key in file.keys():
                    values = file.get_tensor(key).to(torch.float64).numpy()
                    return values.T if transposed else values
    raise KeyError(f"{folder}: expected {path}.weight, got none")


def gaussian(shape: tuple[int, int], seed: int, stream: str) -> np.ndarray:
    return RandomStream(seed, stream).normals(shape[0] * shape[1]).reshape(shape)


def directions(factor: np.ndarray) -> np.ndarray:
    """Left singular vectors of a factor [n, m], those that it really has."""
    u, s, _ = np.linalg.svd(factor, full_matrices=False)
    return u[:, : np.sum(s > s[0] * max(factor.shape) * np.finfo(float).eps)]


def grid(one: np.ndarray, other: np.ndarray) -> list[list[float]]:
    """φ(i, j), each from its own product."""
    return [
        [float(np.linalg.norm(one[:, :i].T @ other[:, :j]) ** 2 / min(i, j)) for j in range(1, other.shape[1] + 1)]
        for i in range(1, one.shape[1] + 1)
    ]


def similarity(path: str, one, other) -> dict:
    (a1, b1), (a2, b2) = one, other
    return {
        "path": path,
        "right": grid(directions(a1.T), directions(a2.T)),
        "left": grid(directions(b1), directions(b2)),
    }


def spectrum(path: str, change, weight: np.ndarray | None) -> dict:
    a, b, scaling = change
    values = np.linalg.svd(scaling * b @ a, compute_uv=False)[: min(len(a), *b.shape, a.shape[1])]
    norm = float(np.linalg.norm(scaling * b @ a))
    shares = values[values > 0] / values.sum() if norm else values[:0]
    weight_norm = None if weight is None else float(np.linalg.norm(weight))
    return {
        "path": path,
        "rank": len(a),
        "scaling": scaling,
        "shape": [len(b), a.shape[1]],
        "singularValues": values.tolist(),
        "effectiveRank": float(np.exp(-np.sum(shares * np.log(shares)))) if norm else 0.0,
        "stableRank": float(norm**2 / values[0] ** 2) if norm else 0.0,
        "norm": norm,
        "weightNorm": weight_norm,
        "relativeNorm": norm / weight_norm if weight_norm else None,
    }


def amplification(path: str, change, weight: np.ndarray, seed: int) -> dict | None:
    a, b, scaling = change
    delta = scaling * b @ a
    u, s, vt = np.linalg.svd(delta)
    rank = int(np.sum(s > s[0] * max(delta.shape) * np.finfo(float).eps))
    if rank == 0:
        return None
    own_u, _, own_vt = np.linalg.svd(weight)
    random_u = np.linalg.qr(gaussian((delta.shape[0], rank), seed, f"analysis:left:{path}"))[0]
    random_v = np.linalg.qr(gaussian((delta.shape[1], rank), seed, f"analysis:right:{path}"))[0]
    through = float(np.linalg.norm(u[:, :rank].T @ weight @ vt[:rank].T))
    return {
        "path": path,
        "rank": rank,
        "throughChange": through,
        "throughWeight": float(np.linalg.norm(own_u[:, :rank].T @ weight @ own_vt[:rank].T)),
        "throughRandom": float(np.linalg.norm(random_u.T @ weight @ random_v)),
        "factor": float(np.linalg.norm(delta)) / through if through else None,
    }


def analyse(adapter: Path, against: Path | None, model: Path | None, seed: int, only: list[str] | None = None) -> dict:
    """The report of src/lab/analysis/report.ts, without names. `only`: ends of module paths."""
    adapters = [Adapter(folder) for folder in (adapter, against) if folder]
    reports = []
    for each in adapters:
        each.changes = {
            path: change
            for path, change in each.changes.items()
            if only is None or any(path == end or path.endswith(f".{end}") for end in only)
        }
        modules, amplified = [], []
        for path, change in each.changes.items():
            weight = read_weight(model, path, each.transposed) if model else None
            modules.append(spectrum(path, change, weight))
            if weight is not None and (found := amplification(path, change, weight, seed)):
                amplified.append(found)
        reports.append({"modules": modules, "amplification": amplified})
    first = adapters[0].changes
    random = {
        path: (gaussian(a.shape, seed, f"analysis:A:{path}"), gaussian(b.shape, seed, f"analysis:B:{path}"))
        for path, (a, b, _) in first.items()
    }
    between = adapters[1].changes if against else {}
    return {
        "adapters": reports,
        "similarity": {
            "between": [similarity(p, first[p][:2], between[p][:2]) for p in first if p in between],
            "toRandom": [similarity(p, first[p][:2], random[p]) for p in first],
        },
    }
