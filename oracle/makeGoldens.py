"""Makes the committed goldens: `python oracle/makeGoldens.py ops|optimizer|quantised|cases [NAME…]|embedded|analysis|onnx|all`."""

import argparse
import os
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"  # every model is a local folder

import torch
from analysisGoldens import write_analysis_goldens
from cases import FAMILY_CASES, FULL_CASES, LORA_CASES
from curves import write_case_curves
from embeddedGoldens import write_embedded_goldens
from modelGoldens import write_case
from onnxGoldens import write_onnx_goldens
from opGoldens import write_op_goldens
from optimizerGoldens import write_optimizer_goldens
from quantisedGoldens import write_quantised_goldens
from transformers.utils import logging

GOLDENS = Path(__file__).parent / "goldens"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["ops", "optimizer", "quantised", "cases", "embedded", "analysis", "onnx", "all"])
    parser.add_argument("names", nargs="*", help="only these cases")
    arguments = parser.parse_args()
    logging.disable_progress_bar()
    torch.set_num_threads(1)  # one order of summation, whatever the machine
    GOLDENS.mkdir(exist_ok=True)
    part = arguments.part
    if part in ("ops", "all"):
        write_op_goldens(GOLDENS)
    if part in ("optimizer", "all"):
        write_optimizer_goldens(GOLDENS)
    if part in ("quantised", "all"):
        write_quantised_goldens(GOLDENS)
    if part in ("cases", "all"):
        for case in LORA_CASES + FAMILY_CASES + FULL_CASES:
            if not arguments.names or case.name in arguments.names:
                print(case.name, flush=True)
                write_case(case, GOLDENS / case.name)
                write_case_curves(case, GOLDENS / case.name)
    if part in ("embedded", "all"):
        write_embedded_goldens(GOLDENS)
    if part in ("analysis", "all"):
        write_analysis_goldens(GOLDENS)
    if part in ("onnx", "all"):
        write_onnx_goldens(GOLDENS)


if __name__ == "__main__":
    main()
