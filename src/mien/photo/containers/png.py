"""PNG (W3C, third edition): chunks."""

import contextlib
import zlib

from mien.photo.containers.anatomy import Anatomy

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PICTURE = frozenset({b"IHDR", b"PLTE", b"tRNS", b"iCCP"})
_LONGEST_TEXT = 1 << 20  # of one text once inflated
_LARGEST_PROFILE = 1 << 20  # once inflated; Pillow refuses larger ones, and the picture with them
_MOST_TEXT = 8 << 20  # of all of them


def matches(data: bytes) -> bool:
    return data.startswith(_SIGNATURE)


def dissect(data: bytes) -> Anatomy:
    """Checksums are not looked at. All IDAT chunks count as one: how they are cut does not change the picture."""
    view = memoryview(data)
    picture: list[memoryview | bytes] = []
    image_data: list[memoryview] = []
    exif = kind = b""
    texts: dict[str, str] = {}
    room = _MOST_TEXT
    position = len(_SIGNATURE)
    while position + 8 <= len(data) and kind != b"IEND":
        length, kind = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        body = view[position + 8 : position + 8 + length]
        if kind == b"IDAT":
            image_data.append(body)
        elif kind in _PICTURE:
            picture += [kind, body]
        elif kind == b"eXIf":
            exif = bytes(body)
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            keyword, text = _text(kind, bytes(body), min(_LONGEST_TEXT, room))
            room -= len(text)
            texts.setdefault(keyword, text)
        position += 12 + length
    if not image_data:
        raise ValueError("no picture in this PNG")
    return Anatomy(
        picture=(*picture, b"".join(image_data)),
        exif=exif or _raw_profile(texts, "exif", "APP1").removeprefix(b"Exif\0\0"),
        xmp=texts.get("XML:com.adobe.xmp", "").encode() or _raw_profile(texts, "xmp"),
        iptc=_raw_profile(texts, "iptc"),
        texts=texts,
    )


def still(data: bytes) -> bytes:
    """The still picture alone, in sound chunks: without animation, metadata, a broken profile and what follows.

    Raises `OSError` if this is no PNG with a picture.
    """
    if not matches(data):
        raise OSError("not a PNG")
    try:
        *named, image_data = dissect(data).picture
    except ValueError as error:
        raise OSError(str(error)) from error
    chunks = [(bytes(kind), bytes(body)) for kind, body in zip(named[::2], named[1::2], strict=True)]
    chunks = [(kind, body) for kind, body in chunks if kind != b"iCCP" or _is_profile(body)]
    chunks += [(b"IDAT", bytes(image_data)), (b"IEND", b"")]
    return _SIGNATURE + b"".join(
        len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big") for kind, body in chunks
    )


def _is_profile(body: bytes) -> bool:
    name, _, rest = body.partition(b"\0")
    inflater = zlib.decompressobj()
    try:
        inflater.decompress(rest[1:], _LARGEST_PROFILE)
    except zlib.error:
        return False
    return 0 < len(name) < 80 and rest[:1] == b"\0" and not inflater.unconsumed_tail


def _text(kind: bytes, body: bytes, longest: int) -> tuple[str, str]:
    keyword, _, rest = body.partition(b"\0")
    compressed = kind == b"zTXt" or (kind == b"iTXt" and rest[:1] == b"\x01")
    if kind == b"zTXt":
        rest = rest[1:]
    elif kind == b"iTXt":
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]  # language, translated keyword
    if compressed:
        try:
            rest = zlib.decompressobj().decompress(rest, longest) if longest else b""
        except zlib.error:
            rest = b""
    encoding = "utf-8" if kind == b"iTXt" else "latin-1"
    return keyword.decode("latin-1"), rest[:longest].decode(encoding, "replace")


def _raw_profile(texts: dict[str, str], *kinds: str) -> bytes:
    """A block of metadata as ImageMagick writes it: a name, a length, and hexadecimal digits."""
    for kind in kinds:
        digits = "".join(texts.get(f"Raw profile type {kind}", "").split()[2:])
        with contextlib.suppress(ValueError):
            if profile := bytes.fromhex(digits[: len(digits) // 2 * 2]):
                return profile
    return b""
