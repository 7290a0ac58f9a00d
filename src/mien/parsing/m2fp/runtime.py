"""The converted network at work, by OpenVINO on the CPU; without PyTorch."""

import functools
import hashlib
import importlib
import mmap
import sys
import tomllib
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError, ModelError
from mien.parsing.m2fp.quantisation import quantise
from mien.parsing.m2fp.queries import Queries

MODEL, DESCRIPTION = "model.xml", "model.toml"
PRECISIONS = ("f32", "bf16", "int8")
"""What is computed in; bf16 is faster on CPUs that have it (AVX512-BF16, AMX) and the same as f32 on others. int8 are
the convolutions only, with all else in bf16."""
VERSION = 1
"""Raised when this module would make something else of the same network and photo."""
KEPT = 2
"""Sizes of photos that the network stays compiled for, as albums have wide and tall photos of one camera. Each takes
its own weights: 0.3 GB in f32."""


@functools.cache
def openvino() -> Any:
    """The package, without its telemetry: nothing leaves this machine. Raises `ModelError` if it is not installed."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # as if it were not installed
    try:
        return importlib.import_module("openvino")
    except ImportError as error:
        raise ModelError("m2fp-extra") from error


class Network:
    """M2FP on one CPU thread: work spreads over photos, not within one. Not shared between threads."""

    def __init__(self, folder: Path, precision: str = "f32") -> None:
        """Check what `mien.parsing.m2fp.conversion` wrote into `folder`, and read it.

        `precision` is one of `PRECISIONS`. Raises `ModelError` if a file is missing or damaged, or OpenVINO is not
        installed, and `MienError` for another precision.
        """
        if precision not in PRECISIONS:
            raise MienError("m2fp-precision", precision=precision, precisions=", ".join(PRECISIONS))
        checksums = _check(folder)
        self.fingerprint = hashlib.sha256(f"{VERSION} {precision} {checksums}".encode()).hexdigest()[:16]
        """Changes whenever the same photo could get another answer."""
        hint = "f32" if precision == "f32" else "bf16"
        self._settings = {"INFERENCE_PRECISION_HINT": hint, "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
        self._core = openvino().Core()
        self._weights, self._model = _read(self._core, folder / MODEL)
        if precision == "int8":
            try:
                quantise(self._model, openvino().opset13)
            except KeyError as error:
                raise ModelError("m2fp-damaged", file=folder / MODEL) from error
        self._requests: OrderedDict[tuple[int, ...], Any] = OrderedDict()

    def __call__(self, batch: NDArray[np.float32], size: tuple[int, int]) -> Queries:
        """What the network says of one photo.

        `batch`: float32 (1, 3, H, W), as `prepare` makes it: normalised RGB, padded to multiples of 32.
        `size`: (width, height) of the photo in it, px. The first photo of a size waits until the network is compiled
        for it, nearly as long as for its answer.
        """
        request = self._request(batch.shape)
        request.infer([np.ascontiguousarray(batch)])
        logits, masks = (np.array(request.get_output_tensor(n).data[0], np.float32) for n in (0, 1))
        return Queries(logits, masks, size)

    def _request(self, shape: tuple[int, ...]) -> Any:
        last = next(reversed(self._requests), None)
        if last is not None and last != shape:
            # What lies between the layers takes as much as the weights, and is of no use to a photo of another size.
            self._requests[last].get_compiled_model().release_memory()
        if shape not in self._requests:
            while len(self._requests) >= KEPT:
                self._requests.popitem(last=False)
            model = self._model.clone()
            model.reshape(list(shape))
            self._requests[shape] = self._core.compile_model(model, "CPU", self._settings).create_infer_request()
            _forget(self._weights)
        self._requests.move_to_end(shape)
        return self._requests[shape]


def _read(core: Any, file: Path) -> tuple[mmap.mmap, Any]:
    """The network, and its weights as they lie in their file: read when they are asked for, and never written to."""
    with file.with_suffix(".bin").open("rb") as stream:
        weights = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_COPY)
    tensor = openvino().Tensor(np.frombuffer(weights, np.uint8), shared_memory=True)
    return weights, core.read_model(file.read_bytes(), tensor)


def _forget(weights: mmap.mmap) -> None:
    """Give their memory back, a quarter of a GB: compiled, the network has them in an order of its own."""
    if hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
        weights.madvise(mmap.MADV_DONTNEED)


def _check(folder: Path) -> str:
    """The checksums of the network's files. Raises `ModelError` if one is not the file that was written."""
    try:
        described = tomllib.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))["files"]
        checksums = {name: str(described[name]) for name in (MODEL, str(Path(MODEL).with_suffix(".bin")))}
        for name, checksum in checksums.items():
            with (folder / name).open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != checksum:
                    raise ModelError("m2fp-damaged", file=folder / name)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError("m2fp-damaged", file=getattr(error, "filename", None) or folder / DESCRIPTION) from error
    return " ".join(checksums.values())
