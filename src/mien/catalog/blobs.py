"""The cache's files: parses, thumbnails, portraits, garments; named after their origin, written whole or not at all."""

import contextlib
import hashlib
import os
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from mien.errors import LibraryError

Kind = Literal["parses", "thumbnails", "portraits", "garments"]
SUFFIX: dict[Kind, str] = {"parses": ".npz", "thumbnails": ".jpg", "portraits": ".jpg", "garments": ".png"}

PORTRAITS = 1
"""Raised when portraits are cut in another way, so that they are made again."""

GARMENTS = 1
"""The same of cut-outs of garments."""


class Blobs:
    """Files under one folder. All of them may be deleted at any time; what is missing is made again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, kind: Kind, name: str) -> Path:
        """Where the blob `name` (hex) lies, whether or not it is there."""
        return self.folder / kind / name[:2] / f"{name}{SUFFIX[kind]}"

    def write(self, kind: Kind, name: str, data: bytes) -> None:
        """Equal names mean equal content, so that writing twice changes nothing. Raises `LibraryError`.

        Not synced: a blob that a power cut left short cannot be read as a parse, and is then made again.
        """
        target = self.path(kind, name)
        new = target.with_name(f".{uuid.uuid4().hex}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                new.write_bytes(data)
                new.replace(target)
            finally:
                new.unlink(missing_ok=True)
        except OSError as error:
            raise LibraryError("catalog-unusable", file=target, reason=error.strerror or error) from error

    def read(self, kind: Kind, name: str) -> bytes | None:
        """None for what is not there."""
        try:
            return self.path(kind, name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def drop(self, kind: Kind, name: str) -> None:
        self.path(kind, name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what a killed writer left half done. Only for the holder of the indexing lock.

        A picture that is being written for the screen just now may be lost, and is then made again.
        """
        for leftover in self.folder.glob("*/*/.*"):
            if leftover.is_file():
                with contextlib.suppress(PermissionError):  # on Windows, while it is being written
                    leftover.unlink(missing_ok=True)

    def names(self, kind: Kind) -> set[str]:
        """The names of all blobs of a kind. Files that a power cut left empty are none, nor is what others put here."""
        suffix = SUFFIX[kind]
        return {
            blob.name.removesuffix(suffix)
            for shard in _listed(self.folder / kind)
            if shard.is_dir()
            for blob in _listed(shard)
            if blob.name.endswith(suffix) and not blob.name.startswith(".") and blob.stat().st_size > 0
        }


def _listed(folder: Path | os.DirEntry[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []


def parse_name(photo_id: str, fingerprint: str) -> str:
    """The name of the parse that the engine of this fingerprint makes of this photo."""
    return hashlib.sha256(f"{photo_id}:{fingerprint}".encode()).hexdigest()[:40]


def portrait_name(photo_id: str, parse: str | None, body: Sequence[float], face: Sequence[float] | None) -> str:
    """The name of the portrait of a figure with these boxes, in a photo of whose parse this is the fingerprint.

    So a photo that is parsed again is never shown with portraits of other figures.
    """
    places = ["-" if box is None else ",".join(map(repr, box)) for box in (body, face)]
    return hashlib.sha256(f"{PORTRAITS}:{photo_id}:{parse}:{':'.join(places)}".encode()).hexdigest()[:40]


def garment_name(photo_id: str, parse: str | None, ordinal: int, place: str) -> str:
    """The name of the cut-out of what the figure of this place in a photo's parse wears there (`traits.Place`)."""
    return hashlib.sha256(f"garment {GARMENTS}:{photo_id}:{parse}:{ordinal}:{place}".encode()).hexdigest()[:40]
