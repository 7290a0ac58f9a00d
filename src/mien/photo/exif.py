"""What a file's EXIF block says, read tag by tag, so that one broken tag does not take the others along."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from mien.photo.containers import Anatomy
from mien.photo.containers.tiff import Structure, Value, integer

MAKE, MODEL, ORIENTATION, DATE_TIME = 0x010F, 0x0110, 0x0112, 0x0132
EXIF_POINTER, GPS_POINTER = 0x8769, 0x8825
DATE_TIME_ORIGINAL, DATE_TIME_DIGITIZED = 0x9003, 0x9004
OFFSET_TIME, OFFSET_TIME_ORIGINAL, OFFSET_TIME_DIGITIZED = 0x9010, 0x9011, 0x9012
SUB_SEC_TIME, SUB_SEC_TIME_ORIGINAL, SUB_SEC_TIME_DIGITIZED = 0x9290, 0x9291, 0x9292
MAKER_NOTE = 0x927C
FOCAL_LENGTH_35MM = 0xA405

_XMP_ORIENTATION = re.compile(rb'tiff:Orientation(?:="|>)([1-8])')


@dataclass(frozen=True)
class Exif:
    """The tags of EXIF's directories (CIPA DC-008) by number, and the orientation (1–8) that holds for the file."""

    main: Mapping[int, Value] = field(default_factory=dict)
    photo: Mapping[int, Value] = field(default_factory=dict)
    gps: Mapping[int, Value] = field(default_factory=dict)
    orientation: int = 1

    @classmethod
    def read(cls, anatomy: Anatomy) -> Self:
        """Never raises; a block that cannot be read at all says nothing."""
        try:
            structure = Structure.of(anatomy.exif)
        except ValueError:
            return cls(orientation=_xmp_orientation(anatomy))
        main = structure.directory(structure.first)
        stored = integer(main, ORIENTATION)
        if anatomy.oriented:
            orientation = 1
        elif stored is None:
            orientation = _xmp_orientation(anatomy)
        else:
            orientation = stored if stored in range(1, 9) else 1
        # Some writers put the camera's tags right into the main directory.
        photo = structure.directory(integer(main, EXIF_POINTER) or 0)
        gps = structure.directory(integer(main, GPS_POINTER) or 0)
        return cls(main, {**photo, **main}, gps, orientation)

    def text(self, tag: int) -> str:
        """A tag's text up to its first NUL, without surrounding spaces; empty where there is none."""
        value = self.photo.get(tag, b"")
        if not isinstance(value, bytes):
            return ""
        raw = value.split(b"\0")[0].strip()
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("latin-1")


def _xmp_orientation(anatomy: Anatomy) -> int:
    found = None if anatomy.oriented else _XMP_ORIENTATION.search(anatomy.xmp)
    return int(found[1]) if found else 1
