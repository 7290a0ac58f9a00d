"""The right container reader for a file."""

import struct

from mien.photo.containers import boxes, gif, jpeg, png, raw, tiff, webp
from mien.photo.containers.anatomy import Anatomy

_READERS = (
    (jpeg.matches, jpeg.dissect),
    (png.matches, png.dissect),
    (webp.matches, webp.dissect),
    (gif.matches, gif.dissect),
    (raw.matches, raw.dissect),
    (tiff.matches, tiff.dissect),
    (boxes.matches_heif, boxes.dissect_heif),
    (boxes.matches_jp2, boxes.dissect_jp2),
)


def dissect(data: bytes) -> Anatomy:
    """The parts of an image file. Never raises: what cannot be taken apart is all picture."""
    for matches, reader in _READERS:
        try:
            if matches(data):
                return reader(data)
        except (ValueError, IndexError, OverflowError, struct.error):
            continue
    return Anatomy(picture=(data,))
