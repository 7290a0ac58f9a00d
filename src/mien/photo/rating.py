"""How many stars somebody gave a photo with another program."""

from mien.photo.containers import Anatomy
from mien.photo.containers.tiff import integer
from mien.photo.exif import Exif
from mien.photo.xmp import decoded, xmp_property

RATING = 0x4746
"""The tag of Microsoft's in EXIF's main directory: 0–5."""

MOST = 5

_PERCENT = {1: 1, 25: 2, 50: 3, 75: 4, 99: 5}
"""How Windows writes stars as `MicrosoftPhoto:Rating`."""


def rating(anatomy: Anatomy, exif: Exif) -> int | None:
    """1–5 stars by `xmp:Rating` (ISO 16684-1, 8.4), else by EXIF; None for none, and for -1: rejected."""
    said = xmp_property(decoded(anatomy.xmp), "xmp:Rating")
    stars = _number(said) if said else integer(exif.main, RATING)
    if stars is None or 0 <= stars <= MOST:
        return stars or None
    return _PERCENT.get(stars)


def _number(said: str) -> int | None:
    """Some programs write `4.0`."""
    try:
        return int(float(said))
    except (ValueError, OverflowError):
        return None
