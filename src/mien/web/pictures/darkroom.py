"""Where originals are opened for the screen: what the studio's process runs. It imports no network."""

from collections.abc import Sequence
from pathlib import Path

from mien.photo.limits import Limits
from mien.photo.photo import Photo
from mien.photo.reading import read_photo
from mien.photo.thumbnail import thumbnail
from mien.web.pictures.cutouts import Piece, cut_out
from mien.web.pictures.portraits import SIDE, Box, cut

PREVIEW = 2048
"""px of a preview's long side, at most."""

LARGEST = 4096
"""px of a photo's long side out of which portraits are cut; enough for the faces of a group."""

LIMITS = Limits(max_memory=700 << 20)
"""What would need more is refused rather than ended half way; its thumbnail stands in."""


def preview(photo_id: str, paths: Sequence[str]) -> bytes | None:
    """The photo as an upright sRGB JPEG with a long side of at most `PREVIEW` px; None if no file holds it any more."""
    # Reading halves: with half as much again allowed, a photo that is just too large is not halved too often.
    photo = _find(photo_id, paths, long_side=PREVIEW * 3 // 2)
    return None if photo is None else thumbnail(photo, PREVIEW)


def small(photo_id: str, paths: Sequence[str]) -> bytes | None:
    """The photo's thumbnail, as indexing makes it; None if no file holds the photo any more."""
    photo = _find(photo_id, paths, long_side=PREVIEW)
    return None if photo is None else thumbnail(photo)


def portraits(photo_id: str, paths: Sequence[str], squares: Sequence[Box]) -> list[bytes] | None:
    """Each square of the photo (0–1) as a JPEG; None if no file holds it any more."""
    narrowest = min((max(x1 - x0, y1 - y0) for x0, y0, x1, y1 in squares), default=1.0)
    photo = _find(photo_id, paths, long_side=PREVIEW if narrowest * PREVIEW >= SIDE / 2 else LARGEST)
    return None if photo is None else [cut(photo.pixels, square) for square in squares]


def cutouts(photo_id: str, paths: Sequence[str], pieces: Sequence[Piece]) -> list[bytes] | None:
    """Each piece of the photo as a PNG; None if no file holds it any more."""
    photo = _find(photo_id, paths, long_side=PREVIEW)
    return None if photo is None else [cut_out(photo.pixels, piece) for piece in pieces]


def _find(photo_id: str, paths: Sequence[str], long_side: int) -> Photo | None:
    """The photo from the first file that still holds it. Raises what the last one that cannot be read raises."""
    failure: Exception | None = None
    for path in paths:
        try:
            photo = read_photo(Path(path), long_side=long_side, limits=LIMITS)
        except Exception as error:
            failure = error
            continue
        if photo.key == photo_id:  # else the file was edited, and the next index run will tell
            return photo
    if failure is not None:
        raise failure
    return None
