"""One shipped network: its file, checksum and ONNX session."""

import functools
import hashlib
import tomllib
from importlib import resources
from typing import Any, cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from mien.errors import ModelError

_FOLDER = resources.files("mien.vision").joinpath("models")


@functools.cache
def manifest() -> dict[str, dict[str, Any]]:
    """What ships: network name → its entry in `models/manifest.toml` (file, sha256, inputs, outputs, …)."""
    table = tomllib.loads(_FOLDER.joinpath("manifest.toml").read_text(encoding="utf-8"))
    return {entry["file"].removesuffix(".onnx"): entry for entry in table["model"]}


def fingerprint(*names: str) -> str:
    """Changes when any of these networks' files changes."""
    return hashlib.sha256("".join(manifest()[name]["sha256"] for name in names).encode()).hexdigest()[:16]


class Network:
    """An ONNX session on one CPU thread. Work spreads over photos, not within one."""

    def __init__(self, name: str) -> None:
        """Load a shipped network by name. Raises `ModelError` if its file is missing or damaged."""
        self.name = name
        file = _FOLDER.joinpath(f"{name}.onnx")
        try:
            data = file.read_bytes()
        except FileNotFoundError:
            raise ModelError("model-missing", file=f"{name}.onnx") from None
        if hashlib.sha256(data).hexdigest() != manifest()[name]["sha256"]:
            raise ModelError("model-damaged", file=f"{name}.onnx")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __call__(self, batch: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """All outputs for one input batch."""
        return cast("list[NDArray[np.float32]]", self._session.run(None, {self._input: batch}))


def sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits → probabilities, without overflow."""
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -60, 60))), np.float32)
