"""Camera raw files: their EXIF, and the full-size JPEG that most cameras put beside the raw data."""

import re

from mien.photo.containers import jpeg, tiff
from mien.photo.containers.anatomy import Anatomy

_MAGIC = (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"\0MRM", b"FOVb", b"II\x1a\0\0\0HEAPCCDR")
_PHOTOMETRIC, _SUB_DIRECTORIES, _DNG_VERSION = 262, 330, 50706
_SENSOR_DATA = (32803, 34892)  # photometric interpretations: colour filter array, linear raw
_JPEG_START = re.compile(rb"\xff\xd8\xff[\xc4\xdb\xe0-\xef\xfe]")
_CANON_EXIF = re.compile(rb"CMT1(?=II\*\0|MM\0\*)")
_HEADER = 1 << 16


def matches(data: bytes) -> bool:
    """Whether this is a raw file, by content; raw formats that look like a common TIFF are known by their data."""
    if data.startswith(_MAGIC) or data[4:12] == b"ftypcrx ":
        return True
    if not tiff.matches(data):
        return False
    structure = tiff.Structure.of(data)
    main = structure.directory(structure.first)
    if data[8:10] == b"CR" or _DNG_VERSION in main:
        return True
    directories = [main, *(structure.directory(offset) for offset in tiff.integers(main, _SUB_DIRECTORIES)[:8])]
    return any(tiff.integer(tags, _PHOTOMETRIC) in _SENSOR_DATA for tags in directories)


def dissect(data: bytes) -> Anatomy:
    """The whole file is the picture: raw formats do not tell data from words."""
    if data[:2] in (b"II", b"MM"):
        exif = data
    elif found := _CANON_EXIF.search(data, 0, _HEADER):
        exif = data[found.end() :][:_HEADER]
    else:
        shown = preview(data)
        exif = jpeg.dissect(shown).exif if shown else b""
    return Anatomy(picture=(data,), exif=exif)


def preview(data: bytes, least: int = 0) -> bytes | None:
    """The largest JPEG inside, if its long side has at least `least` px; it starts the bytes returned."""
    best, start = 0, None
    passed: set[int] = set()
    for found in _JPEG_START.finditer(data):
        width, height = jpeg.frame_size(data, found.start(), passed)
        if width * height > best and max(width, height) >= least:
            best, start = width * height, found.start()
    return None if start is None else data[start:]
