"""A photo file → `Photo`. Every failure is an `UnreadablePhoto` that says what to do."""

import stat
from pathlib import Path

from PIL import Image

from mien.errors import UnreadablePhoto
from mien.photo.containers import dissect
from mien.photo.decoding import Task, decode
from mien.photo.key import photo_key
from mien.photo.limits import Limits
from mien.photo.metadata import metadata
from mien.photo.perceptual import perceptual_hash
from mien.photo.photo import Photo

LONG_SIDE = 2048
"""Enough for people and faces in groups; an everyday photo is decoded at a half or a quarter of its size."""


def read_photo(
    source: Path | bytes, *, long_side: int | None = LONG_SIDE, limits: Limits | None = None, name: str | None = None
) -> Photo:
    """Read a photo file, or the bytes of one; `name` is the file's name, for its time and for messages.

    The pixels have the full size if their long side is at most `long_side` px (or it is None), else they are halved
    as often as needed: their long side is then above `long_side` / 2, up to rounding. Of animations and
    documents with several pages this is the first picture. A JPEG that is cut off is read as long as half of
    it is there (`Metadata.truncated`). Raises `UnreadablePhoto`, and nothing else, for what is in the file.
    """
    limits = limits or Limits()
    if isinstance(source, Path):
        data, file, name = read_file(source, limits), str(source), name or source.name
    else:
        data, name = source, name or ""
        file = name or "?"
        _check_size(len(data), file, limits)
    try:
        anatomy = dissect(data)
        decoded = decode(data, name, Task(file, anatomy, long_side, limits))
        return Photo(
            key=photo_key(data, anatomy),
            metadata=metadata(
                anatomy,
                file_format=decoded.format,
                width=decoded.width,
                height=decoded.height,
                name=name,
                truncated=decoded.truncated,
            ),
            pixels=decoded.pixels,
            perceptual_hash=perceptual_hash(decoded.pixels),
        )
    except UnreadablePhoto:
        raise
    except MemoryError as error:
        raise UnreadablePhoto("photo-out-of-memory", file=file) from error
    except Image.DecompressionBombError as error:
        raise UnreadablePhoto("photo-too-many-pixels", file=file, limit=limits.max_pixels // 10**6) from error
    except Exception as error:  # decoders raise nearly everything on broken input
        raise UnreadablePhoto("photo-damaged", file=file, reason=str(error) or type(error).__name__) from error


def read_file(path: Path, limits: Limits | None = None) -> bytes:
    """All bytes of a photo file. Raises `UnreadablePhoto` if it is missing, locked, empty, too large or no file."""
    limits = limits or Limits()
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            raise UnreadablePhoto("photo-not-file", file=path)
        _check_size(status.st_size, str(path), limits)
        with path.open("rb") as file:
            return file.read(status.st_size)  # a file that grows meanwhile is read again in the next run
    except (FileNotFoundError, ValueError) as error:  # a path that no system has is a `ValueError`
        raise UnreadablePhoto("photo-missing", file=path) from error
    except PermissionError as error:
        raise UnreadablePhoto("photo-forbidden", file=path) from error
    except OSError as error:
        raise UnreadablePhoto("photo-unreachable", file=path, reason=error.strerror or str(error)) from error


def _check_size(size: int, file: str, limits: Limits) -> None:
    if size == 0:
        raise UnreadablePhoto("photo-empty", file=file)
    if size > limits.max_bytes:
        raise UnreadablePhoto("photo-too-large", file=file, size=size >> 20, limit=limits.max_bytes >> 20)
