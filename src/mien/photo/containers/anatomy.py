"""The value that every container reader gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Anatomy:
    """The parts of one image file.

    Attributes:
        picture: the bytes that decide the pixels, among them an embedded colour profile; the whole file where
            its format is not known or its structure is broken.
        exif: a TIFF structure, from its byte-order mark on; empty where there is none.
        xmp: an XMP packet. iptc: IPTC-IIM data sets. texts: PNG's keywords and texts.
        scans: how many passes over the picture its decoder makes, where the format has them (JPEG).
        oriented: whether the picture itself says how it is turned (HEIF, AVIF), so that EXIF's word does not count.
    """

    picture: tuple[bytes | memoryview, ...]
    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""
    texts: Mapping[str, str] = field(default_factory=dict)
    oriented: bool = False
    scans: int = 1
