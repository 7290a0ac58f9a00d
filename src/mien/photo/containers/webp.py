"""WebP: RIFF chunks (RFC 9649)."""

from mien.photo.containers.anatomy import Anatomy

_PICTURE = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})


def matches(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def dissect(data: bytes) -> Anatomy:
    view = memoryview(data)
    picture: list[memoryview | bytes] = []
    exif = xmp = b""
    position = 12
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while position + 8 <= end:
        kind, length = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "little")
        body = view[position + 8 : position + 8 + length]
        if kind in _PICTURE:
            picture += [kind, body]
        elif kind == b"EXIF":
            exif = bytes(body).removeprefix(b"Exif\0\0")
        elif kind == b"XMP ":
            xmp = bytes(body)
        position += 8 + length + length % 2
    if not picture:
        raise ValueError("no picture in this WebP")
    return Anatomy(picture=tuple(picture), exif=exif, xmp=xmp)
