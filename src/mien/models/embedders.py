"""Networks of the user's own that describe faces: `embedders/SHA256.onnx` in the models' folder, each known by that."""

import hashlib
import os
from pathlib import Path

from mien.errors import MienError, ModelError
from mien.models.partial import writing

LARGEST = 1 << 30
"""Bytes; the largest ArcFace-style networks in use take a quarter of it."""


def read_candidate(file: Path) -> bytes:
    """The bytes of a file that the user offers. Raises `MienError` if it cannot be read or is too large to be one."""
    try:
        size = file.stat().st_size
        if size > LARGEST:
            raise MienError("embedder-too-large", file=file, size=f"{size / 1e9:.1f}", limit=f"{LARGEST / 1e9:.1f}")
        return file.read_bytes()
    except OSError as error:
        raise MienError("embedder-unreadable", file=file, reason=error.strerror or error) from error


def place_of(folder: Path, sha256: str) -> Path:
    """Where a network is kept, in the models' folder."""
    return folder / "embedders" / f"{sha256}.onnx"


def keep(folder: Path, data: bytes) -> str:
    """Keep a network, private to its owner, if it is not there yet; its sha256. Raises `MienError`."""
    sha256 = hashlib.sha256(data).hexdigest()
    place = place_of(folder, sha256)
    with writing(place):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not place.is_file() or place.stat().st_size != len(data):
            new = place.with_suffix(f".{os.getpid()}.new")
            try:
                new.write_bytes(data)
                new.replace(place)
            finally:
                new.unlink(missing_ok=True)
    return sha256


def read(folder: Path, sha256: str) -> bytes:
    """A network that is kept. Raises `ModelError` if it is not there, or not what it was."""
    place = place_of(folder, sha256)
    try:
        data = place.read_bytes()
    except OSError:
        raise ModelError("embedder-missing", file=place) from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ModelError("embedder-damaged", file=place)
    return data
