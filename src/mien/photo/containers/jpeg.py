"""JPEG (ITU-T T.81): marker segments, with EXIF, XMP, IPTC and ICC in its APP segments."""

import re
import struct

from mien.photo.containers.anatomy import Anatomy

_ENTROPY_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # neither a stuffed byte, nor a restart, nor padding
_SEGMENT = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")  # nor a marker that stands alone
_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_STANDALONE = frozenset({0x01, _SOI, *range(0xD0, 0xD8)})
_EXIF, _XMP = b"Exif\0", b"http://ns.adobe.com/xap/1.0/\0"
_ICC, _ADOBE, _PHOTOSHOP = b"ICC_PROFILE\0", b"Adobe", b"Photoshop 3.0\0"


def matches(data: bytes) -> bool:
    return data.startswith(b"\xff\xd8\xff")


def dissect(data: bytes) -> Anatomy:
    """What follows the end marker (an appended film, further pictures) is no part of the photo.

    An Adobe marker and a colour profile change the pixels and belong to the picture, wherever they stand.
    """
    view = memoryview(data)
    picture: list[memoryview] = []
    colour: list[memoryview] = []
    exif, xmp, iptc = bytearray(), b"", bytearray()
    scans = 0
    position = 2
    while (marked := _SEGMENT.search(data, position)) and data[marked.start() + 1] != _EOI:
        position, marker = marked.start(), data[marked.start() + 1]
        end = position + 2 + max(2, int.from_bytes(data[position + 2 : position + 4], "big"))
        segment, body = view[position:end], data[position + 4 : end] if marker in (0xE1, 0xE2, 0xED, 0xEE) else b""
        if marker == _SOS:
            found = _ENTROPY_END.search(data, end)
            end = found.start() if found else len(data)
            picture.append(view[position:end])
            scans += 1
        elif marker == 0xE1 and body.startswith(_EXIF):
            exif += body[6:]  # an EXIF block above 64 KB goes on in the next segment
        elif marker == 0xE1 and body.startswith(_XMP):
            xmp = xmp or body[len(_XMP) :]
        elif marker == 0xED and body.startswith(_PHOTOSHOP):
            iptc += body[len(_PHOTOSHOP) :]
        elif (marker == 0xE2 and body.startswith(_ICC)) or (marker == 0xEE and body.startswith(_ADOBE)):
            colour.append(segment)
        elif not (0xE0 <= marker <= 0xEF or marker == _COM):
            picture.append(segment)
        position = end
    if not picture:
        raise ValueError("no picture in this JPEG")
    words = image_resource(bytes(iptc), 0x0404)
    return Anatomy(picture=(*picture, *colour), exif=bytes(exif), xmp=xmp, iptc=words, scans=scans)


def frame_size(data: bytes, start: int, passed: set[int]) -> tuple[int, int]:
    """Width and height of the lossy JPEG that starts at `start`; 0, 0 if none does.

    `passed` holds the segments of JPEGs asked for before, and gets this one's: whose segments meet another's has
    the same frame, and also gives 0, 0. Without it, starts within starts take quadratic time.
    """
    position = start + 2
    while position + 9 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker in (0xC0, 0xC1, 0xC2):
            height, width = struct.unpack_from(">HH", data, position + 5)
            return width, height
        if marker in _STANDALONE or marker in (0x00, 0xFF, _EOI, _SOS):
            break
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        if position in passed:
            break
        passed.add(position)
    return 0, 0


def image_resource(data: bytes, wanted: int) -> bytes:
    """One of Photoshop's image resources (8BIM blocks); empty if it is not there."""
    position = 0
    while data[position : position + 4] == b"8BIM":
        number = int.from_bytes(data[position + 4 : position + 6], "big")
        name_length = data[position + 6] if position + 6 < len(data) else 0
        start = position + 6 + (name_length + 2) // 2 * 2  # a Pascal string, padded to an even length
        size = int.from_bytes(data[start : start + 4], "big")
        if number == wanted:
            return data[start + 4 : start + 4 + size]
        position = start + 4 + (size + 1) // 2 * 2
    return b""
