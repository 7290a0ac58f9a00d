"""Folders that the library is to keep up with no longer: what was derived of their photos goes, what was said stays."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mien.catalog import store
from mien.catalog.library import Library
from mien.errors import LibraryError
from mien.indexing import heritage, presence, roots, upkeep
from mien.indexing.regroup import is_current, regroup


@dataclass(frozen=True)
class Forgotten:
    """What the library keeps up with no longer.

    Attributes:
        folders: the folders and files that it was asked for.
        files: how many files it knew in them.
        photos: how many photos left the library; one that is also elsewhere stays.
    """

    folders: tuple[str, ...]
    files: int
    photos: int


def folders(library: Library) -> tuple[str, ...]:
    """The folders and files that the library was asked for; its own uploads, which stay in any case, are none."""
    return tuple(root for root in roots.known(library.folder) if not presence.within(root, str(library.uploads)))


def forget(library: Library, path: Path | str) -> Forgotten:
    """Keep up no longer with the folder or file `path`, or with all that the library was asked for in it.

    Originals stay as they are, and need not be there. May be ended at any moment; called again, it goes on.
    Raises `LibraryError` if the library knows no such folder ("folder-unknown", "no-folders"), and while an index run
    is under way.
    """
    path = os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111
    with library.indexing():
        library.catalog.renew()
        known = folders(library)
        gone = (path,) if path in known else tuple(root for root in known if presence.within(root, path))
        is_inside = not gone and presence.Places(known).outermost(path) is not None
        files = [] if is_inside else _files(library, path, {*known}.difference(gone))
        if not gone and not files:
            listed = ", ".join(known)
            raise LibraryError("folder-unknown", path=path, known=listed) if known else LibraryError("no-folders")
        before = _photos(library)
        heritage.record(library)  # while the paths still tell which photo is an edit of which
        roots.remember(library.folder, (), gone)
        upkeep.drop_files(library, files)
        upkeep.tidy(library)
        while not is_current(library):
            regroup(library)
    return Forgotten(gone, len(files), before - _photos(library))


def _files(library: Library, path: str, others: Iterable[str]) -> list[str]:
    """The known files in `path` that belong neither to another folder in it nor to the library itself."""
    kept = presence.Places([str(library.uploads), *(root for root in others if presence.within(root, path))])
    with library.catalog.read() as connection:
        return [file for file in store.known_files(connection) if presence.within(file, path) and file not in kept]


def _photos(library: Library) -> int:
    with library.catalog.read() as connection:
        (photos,) = connection.execute("SELECT count(*) FROM photos").fetchone()
    return int(photos)
