"""Small pictures for the eye."""

import cv2

from mien.photo.photo import Photo
from mien.photo.shrinking import shrink

_QUALITY = 85


def thumbnail(photo: Photo, long_side: int = 512) -> bytes:
    """The photo as an upright sRGB JPEG without metadata, its long side at most `long_side` px; never enlarged."""
    height, width = photo.pixels.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    pixels = shrink(photo.pixels, max(1, round(width * scale)), max(1, round(height * scale)))
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return encoded.tobytes()
