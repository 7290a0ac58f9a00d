"""Which files are there: a walk that opens none of them."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mien.catalog.library import JOURNAL, MARKER
from mien.catalog.store import FileStat

SYSTEM_FOLDERS = frozenset(
    name.casefold()
    for name in (
        "@eaDir", "@Recycle", "@Recently-Snapshot", "#recycle", "#snapshot", "$RECYCLE.BIN", "__MACOSX", "lost+found",
        "RECYCLER", "System Volume Information",
    )
)  # fmt: skip
"""What NAS boxes, Windows and archives leave between photos: thumbnails, bins, snapshots."""

SYSTEM_FILES = ("._", ".trashed-", ".pending-")
"""AppleDouble companions; photos that Android has put into the bin or has not finished writing."""


@dataclass(frozen=True)
class Scan:
    """What a walk found.

    Attributes:
        files: path → what the file system says of it, in the order of the paths' bytes.
        closed: folders and files that could not be looked into.
    """

    files: dict[str, FileStat]
    closed: tuple[str, ...]


def scan(paths: Iterable[str]) -> Scan:
    """Find all files under absolute `paths` (files or folders).

    Links are followed, but no folder is walked twice. Hidden and system folders and whole libraries are passed over,
    unless one is named in `paths` itself.
    """
    files: dict[str, FileStat] = {}
    closed: list[str] = []
    walked: set[tuple[int, int]] = set()
    for path in sorted(set(paths), key=os.fsencode):
        for found in _look(path, walked):
            if isinstance(found, FileStat):
                files[found.path] = found
            else:
                closed.append(found)
    ordered = sorted(files, key=os.fsencode)
    return Scan({path: files[path] for path in ordered}, tuple(closed))


def _look(path: str, walked: set[tuple[int, int]]) -> Iterator[FileStat | str]:
    """The files at or under `path`; a plain string is a place that could not be looked into."""
    folders: list[str] = []
    try:
        status = Path(path).stat()
    except OSError:
        yield path
        return
    if Path(path).is_dir():
        folders.append(path)
    else:
        yield FileStat(path, status.st_size, status.st_mtime_ns, str(status.st_dev), str(status.st_ino))
    while folders:
        folder = folders.pop()
        inside: list[str] = []
        try:
            status = Path(folder).stat()
            if (status.st_dev, status.st_ino) in walked:
                continue
            walked.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as iterator:
                entries = sorted(iterator, key=lambda entry: os.fsencode(entry.name))
        except OSError:
            yield folder
            continue
        if {MARKER, JOURNAL} <= {entry.name for entry in entries}:
            continue
        for entry in entries:
            try:
                if entry.is_dir():
                    if not _is_system_folder(entry.name):
                        inside.append(entry.path)
                elif entry.is_file() and not entry.name.startswith(SYSTEM_FILES):
                    found = entry.stat()
                    # The folder's device number stands for its files': Windows gives none with a listing.
                    yield FileStat(entry.path, found.st_size, found.st_mtime_ns, str(status.st_dev), str(entry.inode()))
            except OSError:
                yield entry.path
        folders.extend(reversed(inside))


def _is_system_folder(name: str) -> bool:
    return name.startswith(".") or name.casefold() in SYSTEM_FOLDERS
