"""What a file says of its photo."""

from collections.abc import Callable
from typing import TypeVar

from mien.photo.capture_time import capture_time
from mien.photo.containers import Anatomy
from mien.photo.containers.tiff import number
from mien.photo.exif import FOCAL_LENGTH_35MM, MAKE, MODEL, Exif
from mien.photo.photo import Metadata
from mien.photo.place import place
from mien.photo.rating import rating
from mien.photo.xmp import decoded

_LONGEST_LENS = 10_000.0  # mm
_Fact = TypeVar("_Fact")


def metadata(
    anatomy: Anatomy, *, file_format: str, width: int, height: int, name: str = "", truncated: bool = False
) -> Metadata:
    """Read everything that matters here. `width` and `height` are of the upright photo, `name` the file's name.

    Broken metadata say less; they never raise.
    """
    exif = Exif.read(anatomy)
    return Metadata(
        format=file_format,
        width=width,
        height=height,
        orientation=exif.orientation,
        taken=_if_legible(lambda: capture_time(anatomy, exif, name)),
        place=_if_legible(lambda: place(exif.gps, decoded(anatomy.xmp))),
        camera=camera(exif.text(MAKE), exif.text(MODEL)),
        focal_length_35mm=_focal_length(exif),
        rating=_if_legible(lambda: rating(anatomy, exif)),
        truncated=truncated,
    )


def camera(maker: str, model: str) -> str | None:
    """Maker and model in one, the maker not said twice (`Canon` + `Canon EOS 5D` → `Canon EOS 5D`)."""
    first_word = maker.partition(" ")[0]
    if model and first_word and model.lower().startswith(first_word.lower()):
        return model
    return f"{maker} {model}".strip() or None


def _if_legible(read: Callable[[], _Fact | None]) -> _Fact | None:
    """A picture is not to be lost over what is said of it, whatever no one has foreseen there."""
    try:
        return read()
    except Exception:
        return None


def _focal_length(exif: Exif) -> float | None:
    length = number(exif.photo, FOCAL_LENGTH_35MM)
    return float(length) if length is not None and 0 < length < _LONGEST_LENS else None
