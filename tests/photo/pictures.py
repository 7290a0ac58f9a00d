"""Small picture files, made on the fly."""

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
Tags = dict[int, Any]
_SOFTWARE = 0x0131

STORED = {
    1: lambda upright: upright,
    2: np.fliplr,
    3: lambda upright: np.rot90(upright, 2),
    4: np.flipud,
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: np.rot90(upright, 2).transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, -1),
}
"""How an upright picture is stored under each EXIF orientation (first row and column: CIPA DC-008, table 5)."""


def corners(width: int = 96, height: int = 64) -> Pixels:
    """Four quarters: red, green, blue, white; no turn or mirror of it looks like another."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[: height // 2, : width // 2] = 200, 30, 30
    pixels[: height // 2, width // 2 :] = 30, 160, 30
    pixels[height // 2 :, : width // 2] = 30, 30, 200
    return pixels


def exif(main: Tags | None = None, photo: Tags | None = None, gps: Tags | None = None) -> Image.Exif:
    block = Image.Exif()
    block.update({_SOFTWARE: "Mien's tests", **(main or {})})  # Pillow takes a block without main tags for none
    block.get_ifd(0x8769).update(photo or {})
    block.get_ifd(0x8825).update(gps or {})
    stored = Image.Exif()
    stored.load(block.tobytes())  # else Pillow leaves the inner directories out of a TIFF
    return stored


def encoded(pixels: Pixels | Image.Image, file_format: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(np.ascontiguousarray(pixels))
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_png_chunks(png: bytes, *chunks: bytes) -> bytes:
    """Put chunks right behind the header."""
    return png[:33] + b"".join(chunks) + png[33:]


def with_jpeg_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """Put a segment right behind the start marker."""
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + jpeg[2:]


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + kind + body


def difference(one: Pixels, other: Pixels) -> float:
    """Mean absolute difference of two pictures of one size."""
    assert one.shape == other.shape
    return float(np.abs(one.astype(int) - other).mean())
