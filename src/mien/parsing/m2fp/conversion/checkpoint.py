"""Checkpoints in the published format: `torch.save({"model": weights})`. Read strictly: nothing is left at random."""

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mien.errors import MienError, ModelError
from mien.parsing.m2fp.conversion.architecture import architecture_of
from mien.parsing.m2fp.conversion.network import M2fp

_COUNTER = "num_batches_tracked"
"""What batch norms count while training; networks whose norms were frozen do not have it."""
_TRAINING = "criterion."
"""What only the loss needs."""


def load(checkpoint: Path, encoder_heads: int = 8, decoder_heads: int = 8) -> M2fp:
    """The network of a checkpoint, of whatever widths its weights have, ready to be asked.

    Raises `ModelError` if the file is no such checkpoint, or naming the weight that is missing, of the wrong shape, not
    finite, or unknown. Nothing in the file is executed.
    """
    weights = {name: weight for name, weight in _read(checkpoint).items() if not name.startswith(_TRAINING)}
    shapes = {name: tuple(weight.shape) for name, weight in weights.items()}
    try:
        with torch.device("meta"):
            network = M2fp(architecture_of(shapes, encoder_heads, decoder_heads))
        wanted = network.state_dict()
        for name, place in wanted.items():
            if name.endswith(_COUNTER):
                weights.setdefault(name, torch.zeros((), dtype=torch.int64))
            elif name not in weights:
                raise ModelError("m2fp-weight-missing", weight=name)
            elif shapes[name] != tuple(place.shape):
                raise ModelError("m2fp-weight-shape", weight=name, shape=shapes[name], expected=tuple(place.shape))
            elif not weights[name].is_floating_point() or not weights[name].isfinite().all():
                raise ModelError("m2fp-weight-unsound", weight=name)
        if unknown := sorted(weights.keys() - wanted.keys()):
            raise ModelError("m2fp-weight-unknown", weight=unknown[0])
    except ModelError as error:
        raise ModelError(error.code, **{**error.values, "file": checkpoint}) from error
    network.load_state_dict({n: w if n.endswith(_COUNTER) else w.float() for n, w in weights.items()}, assign=True)
    return network.eval()


def save(network: M2fp, checkpoint: Path) -> None:
    """Write a network (not a folded one) in the published format."""
    torch.save({"model": network.state_dict()}, checkpoint)


def _read(checkpoint: Path) -> Mapping[str, Tensor]:
    try:
        mapped = zipfile.is_zipfile(checkpoint)  # what older versions of PyTorch wrote can only be read whole
        content: Any = torch.load(checkpoint, map_location="cpu", weights_only=True, mmap=mapped)
    except OSError as error:
        raise MienError("file-unreadable", file=checkpoint, reason=error.strerror or error) from error
    except (pickle.UnpicklingError, RuntimeError, ValueError, EOFError, KeyError) as error:
        raise ModelError("m2fp-checkpoint", file=checkpoint) from error
    weights = content.get("model") if isinstance(content, dict) else None
    if not isinstance(weights, dict) or not all(
        isinstance(w, Tensor) and isinstance(n, str) for n, w in weights.items()
    ):
        raise ModelError("m2fp-checkpoint", file=checkpoint)
    return weights
