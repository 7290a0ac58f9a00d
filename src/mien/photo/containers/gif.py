"""GIF89a: blocks, with XMP in an application extension."""

from mien.photo.containers.anatomy import Anatomy

_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_GRAPHIC_CONTROL, _APPLICATION = 0xF9, 0xFF


def matches(data: bytes) -> bool:
    return data.startswith((b"GIF87a", b"GIF89a"))


def dissect(data: bytes) -> Anatomy:
    """Every frame belongs to the picture; comments, loop counts and other extensions do not."""
    view = memoryview(data)
    position = 13 + _colour_table(data[10])
    picture = [view[6:position]]
    xmp = b""
    while position < len(data) and data[position] != _TRAILER:
        start, kind = position, data[position]
        if kind == _IMAGE:
            position = _skip_blocks(data, position + 11 + _colour_table(data[position + 9]))
            picture.append(view[start:position])
        elif kind == _EXTENSION:
            position = _skip_blocks(data, position + 2)
            if data[start + 1] == _GRAPHIC_CONTROL:
                picture.append(view[start:position])
            elif data[start + 1] == _APPLICATION and data[start + 3 : start + 14] == b"XMP DataXMP":
                xmp = data[start + 14 : position]
        else:
            position += 1
    if len(picture) < 2:
        raise ValueError("no picture in this GIF")
    return Anatomy(picture=tuple(picture), xmp=xmp)


def _colour_table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_blocks(data: bytes, position: int) -> int:
    while position < len(data) and data[position]:
        position += data[position] + 1
    return position + 1
