"""What the user asked to index, kept beside the journal: it cannot be derived again, and the cache may be deleted."""

import os
from collections.abc import Iterable
from pathlib import Path

from mien import durably
from mien.catalog.library import unusable
from mien.indexing.scan import is_system_file, is_system_folder

FILE = "roots.json"
LOCK = "roots.lock"

PATIENCE = 10.0
"""Seconds to wait for another program that writes it, which takes milliseconds."""


def known(folder: Path) -> tuple[str, ...]:
    """Absolute paths of the folders and files that the library in `folder` is to keep up with.

    A file that cannot be understood holds none: the user names them again, as for a new library.
    """
    try:
        paths = durably.read(folder / FILE)
    except OSError as error:
        raise unusable(folder, error) from error
    return tuple(path for path in paths if isinstance(path, str)) if isinstance(paths, list) else ()


def remember(folder: Path, paths: Iterable[str], gone: Iterable[str] = ()) -> None:
    """Keep up with `paths` too, and no longer with files that are `gone`. Several threads and programs may do so."""
    from filelock import FileLock

    try:
        with FileLock(folder / LOCK, timeout=PATIENCE):
            before = known(folder)
            now = outermost({*before, *paths}.difference(gone))
            if now != before:
                durably.write(folder / FILE, now)
    except OSError as error:  # also of a lock that is never given back
        raise unusable(folder, error) from error


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """`paths` without those that a walk of another one comes by, in the order of their bytes."""
    kept: dict[str, None] = {}
    for path in sorted(set(paths), key=os.fsencode):  # a folder sorts before what it holds
        if not any(root in kept and _comes_by(root, path) for root in map(str, Path(path).parents)):
            kept[path] = None
    return tuple(kept)


def _comes_by(root: str, path: str) -> bool:
    """Whether a walk of the folder `root`, above `path`, does not pass over it."""
    *folders, name = Path(path).relative_to(root).parts
    return not any(map(is_system_folder, [*folders, name])) and not is_system_file(name)
