"""`mien`, with a converter in the place of the true one, which needs PyTorch and a true checkpoint.

`python -m tests.models.stand_in ARGUMENT…` runs it as a user would.
"""

import hashlib
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mien.errors import ModelError


def convert(
    checkpoint: Path,
    folder: Path,
    configuration: Mapping[str, Any] | None = None,
    report: Callable[[str], None] | None = None,
) -> None:
    """Writes the checkpoint backwards; what begins with "bad" is no checkpoint to it."""
    content = checkpoint.read_bytes()
    if content.startswith(b"bad"):
        raise ModelError("model-damaged", file=checkpoint.name)
    if report is not None:
        report("layer 1 of 1")
    (folder / "model.onnx").write_bytes(content[::-1])
    sha256 = hashlib.sha256(content[::-1]).hexdigest()
    classes = (configuration or {}).get("model", {}).get("num_classes", 0)
    description = f'classes = {classes}\n[files]\n"model.onnx" = "{sha256}"\n'
    (folder / "model.toml").write_text(description, encoding="utf-8")


def module(function: Callable[..., None] = convert) -> types.ModuleType:
    """Stands in for `mien.parsing.m2fp.conversion`."""
    made = types.ModuleType("mien.parsing.m2fp.conversion")
    made.convert = function  # type: ignore[attr-defined]
    return made


if __name__ == "__main__":
    from mien.cli import main

    sys.modules["mien.parsing.m2fp.conversion"] = module()
    main()
