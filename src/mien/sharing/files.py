"""Copies as new files: each whole or not there, none in the place of another."""

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from mien.errors import MienError


def numbered(suffix: str) -> Iterator[str]:
    """Neutral names, which say nothing of the photo: photo-001.jpg, photo-002.jpg, …"""
    number = 0
    while True:
        number += 1
        yield f"photo-{number:03}{suffix}"


def lies_in(place: Path, folder: Path) -> bool:
    """Whether `place`, which may not be there yet, is `folder` or lies somewhere in it, by whatever name or link."""
    try:
        known = folder.stat()
    except OSError:  # not there now, so nothing is in it
        return False
    way = place.expanduser().resolve()
    return any(_is(above, known) for above in (way, *way.parents))


def _is(path: Path, known: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), known)
    except OSError:
        return False


def write_new(folder: Path, names: Iterator[str], content: bytes) -> Path:
    """Write `content` into `folder`, which is made if need be, under the first of `names` that is free.

    Whoever is stopped leaves no half file under such a name, and a file that is there is never written over.
    Raises `MienError` if it cannot be written, or all names are taken.
    """
    new = folder / f".{uuid.uuid4().hex}.part"
    last = folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with new.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            for name in names:
                last = folder / name
                if not os.path.lexists(last) and _named(new, last):
                    return last
        finally:
            new.unlink(missing_ok=True)
    except OSError as error:
        raise MienError("file-unwritable", file=last, reason=error.strerror or error) from error
    raise MienError("file-there", file=last)


def _named(new: Path, file: Path) -> bool:
    """Give a finished file its name, unless that was taken just now."""
    try:
        os.link(new, file)
    except FileExistsError:
        return False
    except OSError:  # a file system without links: the name is taken first, then filled as a whole
        try:
            file.open("xb").close()
        except FileExistsError:
            return False
        try:
            new.replace(file)
        except BaseException:
            with contextlib.suppress(OSError):
                file.unlink()
            raise
    return True
