"""Prints the figures of `npm run analyze` and NumPy's side by side, from the same files.

    python oracle/compareAnalysis.py --adapter DIR [--against DIR] [--model DIR] [--modules LIST] [--every]

Exits 1 when any figure differs by more than 1e-4 of it. --every prints all figures, not one line for each kind.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from analysis import analyse

ROOT = Path(__file__).resolve().parent.parent
TOLERANCE = 1e-4


def figures(report: dict):
    """(kind, name, value) of every number."""
    for number, adapter in enumerate(report["adapters"]):
        for kind in ("modules", "amplification"):
            for module in adapter[kind]:
                for field, value in module.items():
                    values = value if isinstance(value, list) else [value]
                    for index, each in enumerate(values):
                        if isinstance(each, (int, float)):
                            name = f"{number} {module['path']} {field}[{index}]"
                            # A singular value that is nothing but rounding is compared with the largest one.
                            yield field, name, each, max(values) if isinstance(value, list) else 0
    for kind, similarities in report["similarity"].items():
        for each in similarities:
            for side in ("right", "left"):
                for i, row in enumerate(each[side]):
                    for j, value in enumerate(row):
                        yield f"phi {kind} {side}", f"{each['path']} {kind} {side} phi({i + 1}, {j + 1})", value, 0


def difference(ours: float, theirs: float, scale: float) -> float:
    return abs(ours - theirs) / max(abs(theirs), 1e-9 * scale, 1e-300)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adapter", required=True, type=Path)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--modules")
    parser.add_argument("--every", action="store_true")
    arguments = parser.parse_args()
    flags = []
    for name in ("adapter", "against", "model"):
        if path := getattr(arguments, name):
            flags += [f"--{name}", str(path.resolve())]
    if arguments.modules:
        flags += ["--modules", arguments.modules]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "analysis.json"
        command = ["node", str(ROOT / "scripts/cli.mjs"), "analyze", *flags, "--out", str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ours = list(figures(json.loads(out.read_text())))
    only = arguments.modules.split(",") if arguments.modules else None
    theirs = list(figures(analyse(arguments.adapter, arguments.against, arguments.model, 0, only)))
    their_values = {name: value for _, name, value, _ in theirs}
    if {name for _, name, _, _ in ours} != their_values.keys():
        missing = sorted({name for _, name, _, _ in ours} ^ their_values.keys())
        print(f"expected the same figures on both sides, got {len(missing)} on one only, first {missing[0]}")
        return 1
    worst: dict[str, tuple[float, str, float, float, int]] = {}
    for kind, name, value, scale in ours:
        apart = difference(value, their_values[name], scale)
        if arguments.every:
            print(f"{name:80} {value:<18.9g} {their_values[name]:<18.9g} {apart:.1e}")
        count = worst[kind][4] + 1 if kind in worst else 1
        row = (apart, name, value, their_values[name], count)
        worst[kind] = row if kind not in worst or apart >= worst[kind][0] else (*worst[kind][:4], count)
    print(f"{'figure':24} {'count':>6}  {'farthest apart':>14}  {'analyze':<16} {'NumPy':<16} where")
    for kind, (apart, name, value, numpy_value, count) in worst.items():
        print(f"{kind:24} {count:6}  {apart:14.1e}  {value:<16.9g} {numpy_value:<16.9g} {name}")
    largest = max(row[0] for row in worst.values())
    print(f"{len(ours)} figures, largest relative difference {largest:.1e}, allowed {TOLERANCE:.0e}")
    return 0 if largest <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
