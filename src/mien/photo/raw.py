"""Camera raw files → pixels: the camera's own full-size picture, else LibRaw's (the extra `raw`)."""

import io
from pathlib import PurePath

from mien.errors import UnreadablePhoto
from mien.photo.containers import raw
from mien.photo.formats import RAW_SUFFIXES
from mien.photo.pixels import Picture

LEAST_PREVIEW = 1024
"""A smaller preview (px, long side) would hide people who are in the raw data."""


def may_be_raw(data: bytes, name: str) -> bool:
    """Whether content or name speak of a raw file."""
    return raw.matches(data) or PurePath(name).suffix.lower() in RAW_SUFFIXES


def preview(data: bytes) -> bytes | None:
    """The camera's own rendering, a JPEG, if it is large enough to stand for the photo."""
    return raw.preview(data, LEAST_PREVIEW)


def develop(data: bytes, file: str) -> Picture:
    """Develop the sensor's data: sRGB uint8 (h, w, 3), upright.

    Raises `UnreadablePhoto` if the extra is not installed or LibRaw cannot read the file.
    """
    try:
        import rawpy
    except ImportError:
        raise UnreadablePhoto("photo-raw-needs-extra", file=file) from None
    try:
        with rawpy.imread(io.BytesIO(data)) as opened:
            developed: Picture = opened.postprocess(use_camera_wb=True, output_bps=8)
    except rawpy.LibRawError as error:
        raise UnreadablePhoto("photo-damaged", file=file, reason=error) from error
    return developed
