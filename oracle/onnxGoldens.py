"""ONNX exports of model cases, as the two exporters of PyTorch make them: their weights are the case's own.

`trace` is torch.onnx's older exporter, which Optimum uses: weights of linear layers are transposed, called
`onnx::MatMul_…`, and known by the node that reads them. `dynamo` is the newer one: they are called `val_…`, nodes carry
the module they came from as metadata, and large tensors lie in a file of their own.
"""

import warnings
from pathlib import Path

import onnx
import torch
from modelGoldens import load_base
from onnxCodes import as_builder_packs, in_eight_bits, in_four_bits, write_code_golden
from transformers import masking_utils

ONNX_CASES = [("qwen3-biased-untied-f16", "trace"), ("qwen3-biased-untied-f16", "dynamo"), ("full-gpt2-tied-f32", "trace")]
# Exports of one model with its weights in another form.
CHANGED = {"packed": as_builder_packs, "q4": lambda model: in_four_bits(model, 16), "quantized": in_eight_bits}
CHANGED_CASE = "qwen3-biased-untied-f16"
EXTERNAL = "model.onnx.data"
READ_METADATA = "pkg.torch.onnx.name_scopes"


def write_onnx_goldens(goldens: Path) -> None:
    warnings.filterwarnings("ignore")
    # Looks for several texts in one row, through an operator that ONNX does not have.
    masking_utils.find_packed_sequence_indices = lambda position_ids: None
    for case, exporter in ONNX_CASES:
        folder = goldens / f"onnx-{exporter}-{case}"
        folder.mkdir(exist_ok=True)
        model = load_base(goldens / case, torch.float16 if case.endswith("f16") else torch.float32).eval()
        write_export(model, exporter, folder)
    for name, change in CHANGED.items():
        folder = goldens / f"onnx-{name}-{CHANGED_CASE}"
        folder.mkdir(exist_ok=True)
        write_export(load_base(goldens / CHANGED_CASE, torch.float32).eval(), "trace", folder)
        exported = onnx.load(folder / "model.onnx")
        change(exported)
        onnx.checker.check_model(exported)
        onnx.save(exported, folder / "model.onnx")
    write_code_golden(goldens / "onnx-codes")


def write_export(model, exporter: str, folder: Path) -> None:
    class LogitsOnly(type(model)):
        def forward(self, input_ids):
            return super().forward(input_ids, use_cache=False)["logits"]

    model.__class__ = LogitsOnly
    path = folder / "model.onnx"
    torch.onnx.export(
        model,
        (torch.tensor([[3, 4, 5]]),),
        path,
        input_names=["input_ids"],
        output_names=["logits"],
        dynamo=exporter == "dynamo",
        verbose=False,
    )
    # Nothing reads the shapes of values, stack traces and the like, and they are most of a small file.
    exported = onnx.load(path)
    (folder / EXTERNAL).unlink(missing_ok=True)
    del exported.graph.value_info[:]
    for node in exported.graph.node:
        kept = [entry for entry in node.metadata_props if entry.key == READ_METADATA]
        node.doc_string = ""
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
    external = {"save_as_external_data": True, "location": EXTERNAL, "size_threshold": 512}
    onnx.save(exported, path, **(external if exporter == "dynamo" else {}))
