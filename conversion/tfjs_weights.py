"""Reads the weight files of TensorFlow.js."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def read_weights(groups: Sequence[Mapping[str, Any]], folder: Path) -> dict[str, NDArray[Any]]:
    """Name → array, for all groups of a weights manifest whose files lie in `folder`.

    Floats stored as float16, uint8 or uint16 are widened to float32 (value = stored · scale + min).
    """
    weights = {}
    for group in groups:
        data = b"".join((folder / path).read_bytes() for path in group["paths"])
        position = 0
        for entry in group["weights"]:
            coding = entry.get("quantization", {})
            stored = np.dtype(coding.get("dtype", entry["dtype"]))
            count = int(np.prod(entry["shape"], dtype=np.int64))
            values = np.frombuffer(data, stored, count, position)
            position += values.nbytes
            if "scale" in coding:
                values = values.astype(np.float32) * np.float32(coding["scale"]) + np.float32(coding["min"])
            weights[entry["name"]] = values.astype(entry["dtype"]).reshape(entry["shape"])
        assert position == len(data), f"{group['paths']} holds more than its manifest says"
    return weights
