"""TIFF 6.0 and BigTIFF: directories of tags, as they hold pictures and as EXIF uses them."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from mien.photo.containers.anatomy import Anatomy

Value = bytes | tuple[int, ...] | tuple[float, ...]
"""Bytes for texts and undefined types; else the numbers. A fraction with the denominator 0 is NaN."""

_MOST_TAGS = 4096  # of one directory; more is a broken file
_MOST_BYTES = 64 << 20  # of one directory's values together; tags may share their bytes
_COST_OF_NUMBERS = 8  # a Python number takes many times its bytes
_BYTES_OF_TYPE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_TEXTS = (1, 2, 7)
_CODE_OF_TYPE = {3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q"}

_STRIP_OFFSETS, _STRIP_BYTES, _TILE_OFFSETS, _TILE_BYTES = 273, 279, 324, 325
_XMP, _IPTC = 700, 33723
_PICTURE_TAGS = frozenset(
    {256, 257, 258, 259, 262, 266, 277, 278, 284, 292, 293, 317, 318, 319, 320, 322, 323, 332, 338, 339, 347}
    | {512, 519, 520, 521, 529, 530, 531, 532, 34675}
)
"""Size, depth, compression, colour and layout; 34675 is the colour profile. No offsets, no orientation."""


@dataclass(frozen=True)
class Structure:
    """A TIFF structure whose directories can be read: `first` is the offset of the first one."""

    data: bytes
    order: str  # struct's byte order: "<" or ">"
    big: bool
    first: int

    @classmethod
    def of(cls, data: bytes) -> "Structure":
        """Raises `ValueError` where `data` does not start like a TIFF structure (whatever its magic number)."""
        order = {b"II": "<", b"MM": ">"}.get(data[:2])
        if order is None or len(data) < 8:
            raise ValueError("not a TIFF structure")
        big = struct.unpack_from(order + "H", data, 2)[0] == 43
        if big and len(data) < 16:
            raise ValueError("not a BigTIFF structure")
        return cls(data, order, big, struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)[0])

    def directory(self, offset: int) -> dict[int, Value]:
        """The tags of the directory at `offset`. Broken ones are passed over; never raises."""
        count_code, entry_size, offset_code = ("Q", 20, "Q") if self.big else ("H", 12, "I")
        head = struct.calcsize("=" + count_code)
        if not 0 < offset <= len(self.data) - head:
            return {}
        (count,) = struct.unpack_from(self.order + count_code, self.data, offset)
        tags: dict[int, Value] = {}
        budget = _MOST_BYTES
        for i in range(min(count, _MOST_TAGS)):
            entry = offset + head + i * entry_size
            if entry + entry_size > len(self.data):
                break
            tag, kind, length = struct.unpack_from(self.order + "HH" + offset_code, self.data, entry)
            start, size = entry + 4 + struct.calcsize("=" + offset_code), length * _BYTES_OF_TYPE.get(kind, 0)
            if size > struct.calcsize("=" + offset_code):
                (start,) = struct.unpack_from(self.order + offset_code, self.data, start)
            cost = size if kind in _TEXTS else size * _COST_OF_NUMBERS
            if tag not in tags and 0 < size <= len(self.data) - start and cost <= budget:
                budget -= cost
                tags[tag] = self._value(kind, length, self.data[start : start + size])
        return tags

    def _value(self, kind: int, length: int, raw: bytes) -> Value:
        if kind in _CODE_OF_TYPE:
            return struct.unpack(f"{self.order}{length}{_CODE_OF_TYPE[kind]}", raw)
        if kind in (5, 10):
            numbers = struct.unpack(f"{self.order}{2 * length}{'I' if kind == 5 else 'i'}", raw)
            return tuple(n / d if d else float("nan") for n, d in zip(numbers[::2], numbers[1::2], strict=True))
        return raw


def number(tags: Mapping[int, Value], tag: int) -> float | None:
    """The first number of a tag; None where there is none."""
    value = tags.get(tag)
    return value[0] if value else None


def integer(tags: Mapping[int, Value], tag: int) -> int | None:
    """The first number of a tag, if it is an integer; None where there is none."""
    value = number(tags, tag)
    return value if isinstance(value, int) else None


def integers(tags: Mapping[int, Value], tag: int) -> tuple[int, ...]:
    """All numbers of a tag, as integers; empty where it is absent or holds fractions."""
    value = tags.get(tag, ())
    return tuple(n for n in value if isinstance(n, int)) if isinstance(value, tuple) else tuple(value)


def matches(data: bytes) -> bool:
    return data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def dissect(data: bytes) -> Anatomy:
    """The first picture only, as that is what is shown. Its tags and strips count, not where they lie."""
    structure = Structure.of(data)
    tags = structure.directory(structure.first)
    tiled = _TILE_OFFSETS in tags
    offsets = integers(tags, _TILE_OFFSETS if tiled else _STRIP_OFFSETS)
    sizes = integers(tags, _TILE_BYTES if tiled else _STRIP_BYTES)
    inside = all(offset + size <= len(data) for offset, size in zip(offsets, sizes, strict=False))
    picture: tuple[bytes | memoryview, ...] = (data,)
    if offsets and len(offsets) == len(sizes) and inside and sum(sizes) <= len(data):
        described = repr([(tag, tags[tag]) for tag in sorted(_PICTURE_TAGS & tags.keys())]).encode()
        view = memoryview(data)
        picture = (described, *(view[offset : offset + size] for offset, size in zip(offsets, sizes, strict=True)))
    return Anatomy(picture, exif=data, xmp=_raw(tags, _XMP), iptc=_raw(tags, _IPTC))


def _raw(tags: Mapping[int, Value], tag: int) -> bytes:
    value = tags.get(tag, b"")
    return value if isinstance(value, bytes) else b""
