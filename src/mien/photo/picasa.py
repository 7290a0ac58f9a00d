"""Faces named in Picasa, which keeps them in `.picasa.ini` in each folder unless it was told to write into photos.

A photo's section holds `faces=rect64(3f845bcb59418507),8e62398ebda8c1a5;…`: left, top, right and bottom as 16-bit
shares in hexadecimal digits, leading zeros left out, and the person's number; `[Contacts2]` names the numbers. Which
way up the photo was measured is not written down.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from mien.photo.face_regions import FaceRegion, Shape
from mien.photo.orientation import Box, shown
from mien.photo.sidecars import read_sidecar

FILES = (".picasa.ini", "Picasa.ini", "picasa.ini")

_FACE = re.compile(r"rect64\(([0-9A-Fa-f]{1,16})\),([0-9A-Fa-f]{1,16})")
_UNNAMED = frozenset({"0", "f" * 16})
"""Numbers of nobody: not known yet, and to be ignored."""

Faces = Mapping[str, tuple[tuple[str | None, Box], ...]]
"""A file's name, folded → its faces."""


def folder_faces(folder: Path) -> Faces:
    """Everything Picasa says of faces in a folder; nothing where it was never used. Never raises."""
    for name in FILES:
        if content := read_sidecar(folder / name):
            return faces_in(content)
    return {}


def faces_in(content: bytes) -> Faces:
    """What such a file says. Older versions wrote names in the system's code page; those that are no UTF-8 are lost."""
    sections: dict[str, dict[str, str]] = {}
    section: dict[str, str] = {}
    for line in content.decode("utf-8-sig", "replace").splitlines():
        if line.startswith("[") and line.rstrip().endswith("]"):
            section = sections.setdefault(line.strip()[1:-1].casefold(), {})
        elif "=" in line:
            key, _, value = line.partition("=")
            section[key.strip()] = value.strip()
    names = {
        number.lower(): name
        for number, contact in sections.get("contacts2", {}).items()
        if (name := contact.split(";")[0].strip()) and "\ufffd" not in name
    }
    return {
        photo: tuple(
            (None if number in _UNNAMED else names.get(number.lower()), box)
            for digits, number in _FACE.findall(section["faces"])
            if (box := _box(digits)) is not None
        )
        for photo, section in sections.items()
        if "faces" in section
    }


def picasa_regions(faces: Faces, name: str, shape: Shape) -> list[FaceRegion]:
    """The faces of the photo called `name`: of the picture as stored, else (`otherwise`) of the upright photo."""
    return [
        FaceRegion(person, shown(box, shape.orientation), "picasa", box if shape.orientation != 1 else None)
        for person, box in faces.get(name.casefold(), ())
    ]


def _box(digits: str) -> Box | None:
    padded = digits.zfill(16)
    x0, y0, x1, y1 = (int(padded[i : i + 4], 16) / 0xFFFF for i in (0, 4, 8, 12))
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None
