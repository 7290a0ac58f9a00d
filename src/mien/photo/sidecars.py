"""XMP beside a photo: which files speak of it, where one is written, and what the photo itself holds.

`photo.jpg.xmp` is digiKam's and darktable's name for it, `photo.xmp` Adobe's (for camera raw files). Where there are
both, the first one says more precisely what it belongs to, and wins. Either wins over what the photo holds, as programs
that write sidecars no longer write into photos.
"""

import os
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from mien.photo.containers import Anatomy, dissect
from mien.photo.containers.extended_xmp import extended_xmp
from mien.photo.containers.tiff import integer
from mien.photo.exif import ORIENTATION, Exif
from mien.photo.face_regions import FaceRegion, FaceRegions, Flaw, Shape, face_regions, merged
from mien.photo.formats import PHOTO_SUFFIXES, RAW_SUFFIXES
from mien.photo.rdf import LARGEST, MalformedXmp, parse

SUFFIX = ".xmp"


@dataclass(frozen=True)
class Siblings:
    """The names of all files in a folder: as they are, and by how names compare where case does not matter."""

    names: frozenset[str]
    alike: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Without any where the folder cannot be read."""
        alike: dict[str, list[str]] = defaultdict(list)
        try:
            names = frozenset(os.listdir(folder))  # noqa: PTH208 (names are all that is needed)
        except OSError:
            names = frozenset()
        for name in sorted(names):
            alike[_folded(name)].append(name)
        return cls(names, {key: tuple(found) for key, found in alike.items()})

    def sidecars(self, name: str) -> list[str]:
        """The names of the sidecars of the photo called `name`, best first."""
        stem, suffix = os.path.splitext(name)  # noqa: PTH122
        found = self._called(name)
        if suffix.lower() in RAW_SUFFIXES or not self.shares_stem(name, RAW_SUFFIXES):
            found += [sidecar for sidecar in self._called(stem) if sidecar not in found]
        return found

    def shares_stem(self, name: str, suffixes: frozenset[str] = PHOTO_SUFFIXES) -> bool:
        """Whether another photo, with one of these suffixes, has the same name up to its suffix."""
        stem = _folded(os.path.splitext(name)[0])  # noqa: PTH122
        return any(stem + suffix in self.alike for suffix in suffixes if stem + suffix != _folded(name))

    def _called(self, name: str) -> list[str]:
        """Those called `name` and the suffix; in another case only if no other file has just that name."""
        exact = name + SUFFIX
        alike = self.alike.get(_folded(exact), ())
        mine = [other for other in alike if other == exact or other[: -len(SUFFIX)] not in self.names]
        return sorted(mine, key=lambda other: (other != exact, other))


def target(name: str, siblings: Siblings) -> str:
    """The name of the sidecar to write of the photo called `name`: the best that is its own, else a new one."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122
    is_raw = suffix.lower() in RAW_SUFFIXES
    for sidecar in siblings.sidecars(name):
        if is_raw or _folded(sidecar) == _folded(name + SUFFIX) or not siblings.shares_stem(name):
            return sidecar
    return (stem if is_raw else name) + SUFFIX


@dataclass(frozen=True)
class Said:
    """What a photo's file and its sidecars say of faces; `malformed` are the files whose XMP cannot be understood."""

    faces: tuple[FaceRegion, ...]
    flawed: tuple[tuple[str | None, Flaw], ...]
    malformed: tuple[Path, ...]


def read_faces(photo: Path, data: bytes, shape: Shape, sidecars: list[Path], anatomy: Anatomy | None = None) -> Said:
    """The faces of `photo`, whose file holds `data`. Never raises for what is in the files."""
    anatomy = anatomy or dissect(data)
    packets = [(sidecar, read_sidecar(sidecar)) for sidecar in sidecars]
    packets += [(photo, anatomy.xmp), (photo, extended_xmp(data, anatomy.xmp))]
    found: list[FaceRegions] = []
    malformed: dict[Path, None] = {}
    for file, content in packets:
        if not content:
            continue
        try:
            found.append(face_regions(parse(content), shape))
        except MalformedXmp:
            malformed[file] = None
    flawed = dict.fromkeys(flaw for regions in found for flaw in regions.flawed)
    return Said(merged(regions.faces for regions in found), tuple(flawed), tuple(malformed))


def shape_of(anatomy: Anatomy, width: int, height: int) -> Shape:
    """How a photo whose upright size is known lies in its file."""
    exif = Exif.read(anatomy)
    tag = integer(exif.main, ORIENTATION)
    return Shape(width, height, exif.orientation if tag is None or not 1 <= tag <= 8 else tag)


def read_sidecar(path: Path) -> bytes:
    """All of a sidecar; what is too large, cut off, so that it is told to be malformed; empty if it cannot be read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return b""
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError:
        return b""


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
