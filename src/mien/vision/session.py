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

onnxruntime.disable_telemetry_events()  # Windows has a way of its own, which the environment does not close
_FOLDER = resources.files("mien.vision").joinpath("models")


@functools.cache
def manifest() -> dict[str, dict[str, Any]]:
    """What ships: network name → its entry in `models/manifest.toml` (file, sha256, inputs, outputs, …)."""
    table = tomllib.loads(_FOLDER.joinpath("manifest.toml").read_text(encoding="utf-8"))
    return {entry["file"].removesuffix(".onnx"): entry for entry in table["model"]}


def fingerprint(*names: str) -> str:
    """Changes when any of these networks' files changes."""
    return hashlib.sha256("".join(manifest()[name]["sha256"] for name in names).encode()).hexdigest()[:16]


@functools.cache
def network(name: str) -> "Network":
    """A shipped network by name, one for all who use it in this process."""
    return Network(name)


class Network:
    """An ONNX session on one CPU thread. Work spreads over photos, not within one."""

    def __init__(self, name: str) -> None:
        """Check a shipped network's file; it is loaded when it is first run, as many photos need but a few of them.

        Raises `ModelError` if the file is missing or damaged.
        """
        self.name = name
        self._bytes()

    def __call__(self, batch: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """All outputs for one input batch."""
        return cast("list[NDArray[np.float32]]", self._session.run(None, {self._input: batch}))

    @functools.cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        return onnxruntime.InferenceSession(self._bytes(), one_thread(), providers=["CPUExecutionProvider"])

    @functools.cached_property
    def _input(self) -> str:
        return str(self._session.get_inputs()[0].name)

    def _bytes(self) -> bytes:
        file = f"{self.name}.onnx"
        try:
            data = _FOLDER.joinpath(file).read_bytes()
        except FileNotFoundError:
            raise ModelError("model-missing", file=file) from None
        if hashlib.sha256(data).hexdigest() != manifest()[self.name]["sha256"]:
            raise ModelError("model-damaged", file=file)
        return data


def one_thread() -> onnxruntime.SessionOptions:
    """Options of a session that keeps to one thread, and to itself what it warns of."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return options


def sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits → probabilities, without overflow."""
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -60, 60))), np.float32)
