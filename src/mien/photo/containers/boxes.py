"""Boxes of the ISO base media format (ISO/IEC 14496-12): HEIF and AVIF pictures, JPEG 2000, QuickTime films."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from mien.photo.containers.anatomy import Anatomy

_HEIF_BRANDS = (
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1", b"avif", b"avis",
)  # fmt: skip
_JP2_EXIF = (b"JpgTiffExif->JP2", bytes.fromhex("0537cdab9d0c4431a72afa561f2a113e"))
_JP2_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_MOST_EXTENTS = 1 << 16  # of a file; pieces of no size cost none of its bytes. libheif itself takes 32 for an item
_TEXT_ITEMS = frozenset({b"Exif", b"mime", b"uri "})


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """The boxes between `start` and `end`: their kind and where their content starts and ends."""
    end = len(data) if end is None else min(end, len(data))
    while start + 8 <= end:
        size, kind = int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8]
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        elif size == 0:
            size = end - start
        if size < head:
            return
        yield kind, start + head, min(start + size, end)
        start += size


def find(data: bytes, *path: bytes, start: int = 0, end: int | None = None) -> tuple[int, int] | None:
    """Where the content of the box at `path` (outermost kind first) starts and ends."""
    for kind in path:
        for found, inner, outer in boxes(data, start, end):
            if found == kind:
                start, end = inner, outer
                break
        else:
            return None
    return start, len(data) if end is None else end


def matches_heif(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS


@dataclass(frozen=True)
class _Item:
    kind: bytes
    content_type: bytes
    extents: tuple[tuple[int, int], ...]


def dissect_heif(data: bytes) -> Anatomy:
    """All image items but thumbnails, with their properties (size, decoder set-up, colour, turn and mirror)."""
    found = find(data, b"meta")
    if found is None:
        raise ValueError("no pictures in this file")
    inside = {kind: (start, end) for kind, start, end in boxes(data, found[0] + 4, found[1])}
    items = _items(data, inside)
    if b"iprp" not in inside or not any(item.kind not in _TEXT_ITEMS for item in items.values()):
        raise ValueError("no pictures in this file")
    thumbnails = _thumbnails(data, *inside.get(b"iref", (0, 0)))
    view = memoryview(data)
    picture: list[bytes | memoryview] = [view[slice(*inside[b"iprp"])]]
    exif = xmp = b""
    total = 0
    for number in sorted(items):
        item = items[number]
        total += sum(end - start for start, end in item.extents)
        if total > 2 * len(data):
            raise ValueError("items overlap")
        if item.kind not in _TEXT_ITEMS:
            if number not in thumbnails:
                picture += [item.kind, *(view[start:end] for start, end in item.extents)]
            continue
        content = b"".join(data[start:end] for start, end in item.extents)
        if item.kind == b"Exif":
            exif = exif or content[4 + int.from_bytes(content[:4], "big") :].removeprefix(b"Exif\0\0")
        elif item.content_type == b"application/rdf+xml":
            xmp = xmp or content
    # Only these turn a picture; but Pillow also heeds XMP in an AVIF that has neither them nor EXIF.
    properties = find(data, b"ipco", start=inside[b"iprp"][0], end=inside[b"iprp"][1])
    turned = properties is not None and any(kind in (b"irot", b"imir") for kind, _, _ in boxes(data, *properties))
    oriented = turned or bool(exif) or data[8:12] not in (b"avif", b"avis")
    return Anatomy(picture=tuple(picture), exif=exif, xmp=xmp, oriented=oriented)


def _items(data: bytes, inside: dict[bytes, tuple[int, int]]) -> dict[int, _Item]:
    """Item number → what it is (`iinf`) and where its bytes are (`iloc`)."""
    extents = _extents(data, *inside[b"iloc"], inside.get(b"idat", (0, 0))[0]) if b"iloc" in inside else {}
    start, end = inside.get(b"iinf", (0, 0))
    items: dict[int, _Item] = {}
    for kind, entry, entry_end in boxes(data, start + (6 if data[start : start + 1] == b"\0" else 8), end):
        if kind != b"infe" or data[entry] < 2:
            continue
        wide = 4 if data[entry] == 3 else 2
        number = int.from_bytes(data[entry + 4 : entry + 4 + wide], "big")
        described = entry + 6 + wide
        texts = data[described + 4 : entry_end].split(b"\0")
        content_type = texts[1] if len(texts) > 1 else b""
        items[number] = _Item(data[described : described + 4], content_type, extents.get(number, ()))
    return items


def _extents(data: bytes, start: int, end: int, inline: int) -> dict[int, tuple[tuple[int, int], ...]]:
    """Item number → the spans of its bytes in the file (8.11.3). `inline` is where `idat`'s content starts."""
    version, position = data[start], start + 6
    offset_size, length_size, base_size, index_size = (
        data[start + 4] >> 4, data[start + 4] & 15, data[start + 5] >> 4, data[start + 5] & 15,
    )  # fmt: skip
    wide = 4 if version == 2 else 2

    def take(size: int) -> int:
        nonlocal position
        if position + size > end:
            raise ValueError("item locations are cut off")
        position += size
        return int.from_bytes(data[position - size : position], "big")

    spans: dict[int, tuple[tuple[int, int], ...]] = {}
    total = 0
    for _ in range(take(wide)):
        number = take(wide)
        base = inline if version and take(2) & 15 == 1 else 0
        take(2)
        base += take(base_size)
        extents = []
        count = take(2)
        total += count
        if total > _MOST_EXTENTS:
            raise ValueError("items in too many pieces")
        for _ in range(count):
            if version:
                take(index_size)
            first = base + take(offset_size)
            extents.append((first, first + take(length_size)))
        spans[number] = tuple(extents)
    return spans


def _thumbnails(data: bytes, start: int, end: int) -> set[int]:
    """The numbers of the items that are thumbnails of others (`iref`'s `thmb`)."""
    wide = 4 if data[start : start + 1] == b"\1" else 2
    return {
        int.from_bytes(data[entry : entry + wide], "big")
        for kind, entry, _ in boxes(data, start + 4, end)
        if kind == b"thmb"
    }


def matches_jp2(data: bytes) -> bool:
    return data.startswith(b"\0\0\0\x0cjP  ")


def dissect_jp2(data: bytes) -> Anatomy:
    """The header (size, colour, palette) and the code stream; EXIF and XMP stand in `uuid` boxes."""
    view = memoryview(data)
    picture: list[memoryview] = []
    exif = xmp = b""
    for kind, start, end in boxes(data):
        if kind in (b"jp2h", b"jp2c"):
            picture.append(view[start:end])
        elif kind == b"uuid" and data[start : start + 16] in _JP2_EXIF:
            exif = exif or data[start + 16 : end].removeprefix(b"Exif\0\0")
        elif kind == b"uuid" and data[start : start + 16] == _JP2_XMP:
            xmp = xmp or data[start + 16 : end]
    if not picture:
        raise ValueError("no picture in this JPEG 2000 file")
    return Anatomy(picture=tuple(picture), exif=exif, xmp=xmp)


def film_seconds(moov: bytes) -> float | None:
    """How long a QuickTime or MP4 film runs, from the content of its `moov` box."""
    found = find(moov, b"mvhd")
    if found is None:
        return None
    long = moov[found[0] : found[0] + 1] == b"\1"
    try:
        scale, duration = struct.unpack_from(">IQ" if long else ">II", moov, found[0] + (20 if long else 12))
    except struct.error:
        return None
    return duration / scale if scale else None


def quicktime_key(moov: bytes, wanted: bytes) -> bytes | None:
    """The value of a QuickTime metadata key (`moov/meta`'s `keys` and `ilst`)."""
    meta = find(moov, b"meta")
    if meta is None:
        return None
    start = meta[0] if moov[meta[0] + 4 : meta[0] + 8] in (b"hdlr", b"keys", b"ilst") else meta[0] + 4
    keys, values = find(moov, b"keys", start=start, end=meta[1]), find(moov, b"ilst", start=start, end=meta[1])
    if keys is None or values is None:
        return None
    names = [moov[inner:outer] for _, inner, outer in boxes(moov, keys[0] + 8, keys[1])]
    for kind, inner, outer in boxes(moov, *values):
        index = int.from_bytes(kind, "big") - 1
        found = find(moov, b"data", start=inner, end=outer)
        if found and 0 <= index < len(names) and names[index] == wanted:
            return moov[found[0] + 8 : found[1]]
    return None
