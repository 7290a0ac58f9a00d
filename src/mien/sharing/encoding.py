"""A fresh file of a copy: its pixels and nothing else. No metadata, no place, no names, no thumbnail, no profile."""

import io
from typing import Literal

import cv2
import numpy as np
from PIL import Image as Pillow

from mien.photo.shrinking import shrink
from mien.sharing.shapes import Mask
from mien.vision.geometry import Image

Format = Literal["jpeg", "png"]
FORMATS: tuple[Format, ...] = ("jpeg", "png")
SUFFIX: dict[Format, str] = {"jpeg": ".jpg", "png": ".png"}

QUALITY = 92
LONGEST = {"jpeg": 65_500, "png": 2**31 - 1}
"""px of a side, at most (libjpeg's JPEG_MAX_DIMENSION; PNG's third edition, 11.2.1)."""
PREVIEW = 1280
"""px of a preview's long side, at most."""
_RIM = (255, 176, 0)


def format_of(original: str) -> Format:
    """What a copy of a photo in this format (`Metadata.format`) is kept in: without loss if that was."""
    return "png" if original in ("PNG", "BMP", "GIF", "QOI") else "jpeg"


def holding(pixels: Image, wanted: Format) -> Format:
    """The wanted format, unless the picture is too long for it, as scans and panoramas may be."""
    return wanted if max(pixels.shape) <= LONGEST[wanted] else "png"


def encoded(pixels: Image, file_format: Format) -> bytes:
    """A file of sRGB pixels, uint8 (h, w, 3), made from nothing but them."""
    if file_format == "png":
        buffer = io.BytesIO()
        Pillow.fromarray(pixels).save(buffer, "PNG", compress_level=4)
        return buffer.getvalue()
    _, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return data.tobytes()


def preview(pixels: Image, hidden: Mask, long_side: int = PREVIEW) -> bytes:
    """A small JPEG of a copy, with an outline around what is hidden."""
    height, width = hidden.shape
    scale = min(1.0, long_side / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = shrink(pixels, *size).copy()
    mask = cv2.resize(hidden.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    rim = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    small[rim > 0] = _RIM
    return encoded(small, "jpeg")
