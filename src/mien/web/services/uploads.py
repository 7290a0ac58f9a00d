"""Photos that are given to the library itself: new files in its own folder, each of them whole or not there at all."""

import contextlib
import errno
import filecmp
import itertools
import os
import re
import shutil
import threading
import time
import unicodedata
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from typing import IO

from mien.catalog.library import Library
from mien.errors import LibraryError, MienError, UnreadablePhoto
from mien.photo.formats import PHOTO_SUFFIXES, RAW_SUFFIXES
from mien.photo.reading import read_file, read_photo

ARRIVING = ".arriving"
"""Where files lie until they are whole and known to be photos. Index runs pass over hidden folders."""

ABANDONED = 86_400.0
"""Seconds after which an unfinished file belongs to nobody any more."""

LONGEST_STEM = 120
"""Bytes of UTF-8; file systems take 255 in all."""

SUFFIXES = {
    "JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "GIF": ".gif", "WEBP": ".webp", "TIFF": ".tif", "BMP": ".bmp",
    "AVIF": ".avif", "HEIF": ".heic", "JPEG2000": ".jp2", "PSD": ".psd",
}  # fmt: skip
"""Format → how such files are called; the others keep the name they come with."""

RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\..*)?", re.IGNORECASE)
"""Names that mean devices on Windows, whatever follows a dot."""


Version = tuple[int, int]
"""A file's size in bytes, and when it was changed last, in ns: index runs take it as read while both are the same."""


@dataclass(frozen=True)
class Examined:
    """What a file turned out to be. `photo_id`: the photo's key."""

    photo_id: str
    format: str


@dataclass(frozen=True)
class Kept:
    """Where a photo is now; `known`: it was in the library before, and is not kept twice."""

    path: Path
    known: bool


def examine(path: str, name: str) -> Examined:
    """Read the photo in the file at `path`, which was called `name`; for a worker. Raises `UnreadablePhoto`."""
    try:
        photo = read_photo(read_file(Path(path)), name=name)
    except UnreadablePhoto as error:
        raise UnreadablePhoto(error.code, **{**error.values, "file": name or "?"}) from error
    return Examined(photo.key, photo.metadata.format)


class Uploads:
    """The library's own photos. For several threads."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[Path, Version]] = {}
        self._orphans: list[Path] | None = None
        self._is_tidy = False

    def expect(self) -> Path:
        """Where a file may arrive."""
        return self.library.uploads / ARRIVING / uuid.uuid4().hex

    def receive(self, source: IO[bytes], arrived: Path) -> None:
        """Write all of `source` into the file `arrived`, which is new. Raises `MienError`."""
        folder = arrived.parent
        with _disk(folder):
            _make(folder)
            self._tidy(folder)
            with os.fdopen(os.open(arrived, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600), "wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
                file.flush()
                os.fsync(file.fileno())

    def drop(self, arrived: Path) -> None:
        """Remove what has arrived; a photo that was kept has another name by now."""
        with contextlib.suppress(OSError):  # on Windows, while a worker still has it open; tidied another day
            arrived.unlink(missing_ok=True)

    def keep(self, arrived: Path, name: str, examined: Examined) -> Kept:
        """Keep a photo that has arrived and was called `name`, unless it is in the library. Raises `MienError`."""
        there = self._there(examined.photo_id)  # without the lock: for a drive that sleeps only its visitor waits
        if there is not None:
            return Kept(there, known=True)
        with self._lock, _disk(self.library.uploads):
            there = self._kept_before(examined.photo_id) or self._orphan(arrived)
            folder = self.library.uploads / f"{datetime.now():%Y-%m}"  # noqa: DTZ005
            path = there or _place(arrived, folder, name, examined.format)
            self._kept[examined.photo_id] = path, _version(path)
            return Kept(path, known=there is not None)

    def _there(self, photo_id: str) -> Path | None:
        """A file of the library that holds the photo, unless it was changed since it was read."""
        with self.library.catalog.read() as connection:
            rows = connection.execute(
                "SELECT path, state, size, mtime_ns FROM files WHERE photo_id = ? AND state != 'missing'"
                " ORDER BY state DESC, path",
                (photo_id,),
            ).fetchall()
        for name, state, *read in rows:
            path = Path(os.fsdecode(name))
            try:
                is_there = _version(path) == tuple(read)
            except OSError:
                is_there = state == "offline"
            if is_there:
                return path
        return None

    def _kept_before(self, photo_id: str) -> Path | None:
        """Where the photo was kept since the start, which index runs may not know yet."""
        path, version = self._kept.get(photo_id, (None, None))
        with contextlib.suppress(OSError):
            return path if path is not None and _version(path) == version else None
        return None

    def _orphan(self, arrived: Path) -> Path | None:
        """The same file, if a server kept it that was killed before it was indexed."""
        if self._orphans is None:
            with self.library.catalog.read() as connection:
                known = {os.fsdecode(path) for (path,) in connection.execute("SELECT path FROM files")}
            self._orphans = [path for path in self.library.uploads.glob("[!.]*/*") if str(path) not in known]
        for path in self._orphans:
            with contextlib.suppress(OSError):
                if filecmp.cmp(path, arrived, shallow=False):
                    return path
        return None

    def _tidy(self, folder: Path) -> None:
        """Remove what killed servers left, once."""
        if self._is_tidy:
            return
        self._is_tidy = True
        for leftover in folder.iterdir():
            with contextlib.suppress(OSError):
                if time.time() - leftover.stat().st_mtime > ABANDONED:
                    leftover.unlink()


def stem_of(name: str) -> str:
    """What is left of a file's name, without its suffix, that every file system takes and nobody is misled by.

    Gone are control and formatting characters (such as those that turn the direction of writing around), what is
    special on Windows, and dots that hide a file.
    """
    stem = PurePath(re.split(r"[/\\]", name)[-1]).stem
    legible = (c for c in unicodedata.normalize("NFC", stem) if c.isspace() or unicodedata.category(c)[0] != "C")
    plain = re.sub(r'[<>:"/\\|?*]', "-", re.sub(r"\s+", " ", "".join(legible)))
    short = plain.encode()[:LONGEST_STEM].decode(errors="ignore").strip(". ")
    if RESERVED.fullmatch(short):
        short = f"_{short}"
    return short or "photo"


def suffix_of(name: str, file_format: str) -> str:
    """The suffix of a file in this format (Pillow's name for it) that was called `name`."""
    said = PurePath(name).suffix.lower()
    if file_format == "RAW":
        return said if said in RAW_SUFFIXES else ".dng"
    right = SUFFIXES.get(file_format, f".{file_format.lower()}")
    return said if right not in PHOTO_SUFFIXES and said in PHOTO_SUFFIXES else right


def _version(path: Path) -> Version:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


_BINARY = getattr(os, "O_BINARY", 0)


def _place(arrived: Path, folder: Path, name: str, file_format: str) -> Path:
    """Give a file that is whole a name in `folder` that no file has."""
    _make(folder)
    stem, suffix = stem_of(name), suffix_of(name, file_format)
    for number in itertools.count(1):
        path = folder / f"{stem}{f' ({number})' if number > 1 else ''}{suffix}"
        if _name(arrived, path):
            break
    if os.name == "posix":  # elsewhere folders cannot be synced
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return path


def _make(folder: Path) -> None:
    """A folder among the uploads, for the owner only; `mkdir` has no mode for those above."""
    for level in (folder.parent, folder):
        level.mkdir(mode=0o700, exist_ok=True)


def _name(file: Path, path: Path) -> bool:
    """Give `file` the name `path`; False if something has it."""
    try:
        os.link(file, path)  # unlike a rename, never over another file
    except FileExistsError:
        return False
    except (OSError, NotImplementedError, AttributeError) as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENOENT):
            raise
        return _name_without_links(file, path)
    return True


def _name_without_links(file: Path, path: Path) -> bool:
    """The same by a rename, which goes over other files: that over which it goes is our own."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    try:
        os.replace(file, path)  # noqa: PTH105
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return True


@contextlib.contextmanager
def _disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise MienError("disk-full", folder=folder) from error
        raise LibraryError("library-unusable", folder=folder, reason=error.strerror or error) from error
