"""Which files are there: a walk that opens none of them."""

import os
import stat
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from mien.catalog.library import JOURNAL, MARKER
from mien.catalog.store import FileStat
from mien.indexing import pseudo

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


WATCH_EVERY = 1000
"""Files of a folder between two calls of the watch."""


@dataclass(frozen=True)
class Scan:
    """What a walk found.

    Attributes:
        files: path → what the file system says of it, in the order of the paths' bytes.
        closed: folders and files that could not be looked into.
    """

    files: dict[str, FileStat]
    closed: tuple[str, ...]


def scan(paths: Iterable[str], watch: Callable[[], None] = lambda: None) -> Scan:
    """Find all files under absolute `paths` (files or folders).

    `watch` is called now and then; what it raises ends the walk.

    Links are followed, but no folder is walked twice: where it can be reached without a link, that is its name.
    Hidden and system folders and whole libraries are passed over, unless one is named in `paths` itself; what is in
    no real file system is passed over in any case.
    """
    unreal = pseudo.volumes()
    files: dict[str, FileStat] = {}
    closed: list[str] = []
    real, linked = deque[str](), deque[str]()
    for path in sorted(set(paths), key=os.fsencode):
        try:
            status = Path(path).stat()
        except OSError:
            closed.append(path)
            continue
        if status.st_dev in unreal:
            continue
        if stat.S_ISDIR(status.st_mode):
            (linked if Path(path).is_symlink() else real).append(path)
        else:
            files[path] = FileStat(path, status.st_size, status.st_mtime_ns, str(status.st_dev), str(status.st_ino))
    walked: set[tuple[int, int] | str] = set()
    while real or linked:
        watch()
        folder = (real or linked).popleft()
        try:
            status = Path(folder).stat()
            if status.st_dev in unreal or (identity := _identity(folder, status)) in walked:
                continue
            walked.add(identity)
            with os.scandir(folder) as iterator:
                entries = sorted(iterator, key=lambda entry: os.fsencode(entry.name))
        except OSError:
            closed.append(folder)
            continue
        if {MARKER, JOURNAL} <= {entry.name for entry in entries}:
            continue
        for entry in entries:
            try:
                if entry.is_dir():
                    if not is_system_folder(entry.name):
                        (linked if entry.is_symlink() else real).append(entry.path)
                elif entry.is_file() and not is_system_file(entry.name):
                    found = entry.stat()
                    if found.st_dev in unreal:
                        continue
                    # The folder's device number stands for its files': Windows gives none with a listing.
                    files[entry.path] = FileStat(
                        entry.path, found.st_size, found.st_mtime_ns, str(status.st_dev), str(entry.inode())
                    )
                    if not len(files) % WATCH_EVERY:
                        watch()
            except OSError:
                closed.append(entry.path)
    ordered = sorted(files, key=os.fsencode)
    return Scan({path: files[path] for path in ordered}, tuple(closed))


def _identity(folder: str, status: os.stat_result) -> tuple[int, int] | str:
    """What a folder is under any name. Some network drives number nothing."""
    return (status.st_dev, status.st_ino) if status.st_ino else os.path.realpath(folder)


def is_system_folder(name: str) -> bool:
    """Whether a walk passes over a folder of this name."""
    return name.startswith(".") or name.casefold() in SYSTEM_FOLDERS


def is_system_file(name: str) -> bool:
    """Whether a walk passes over a file of this name."""
    return name.startswith(SYSTEM_FILES)
