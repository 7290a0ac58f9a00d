"""Files that are not where they were: deleted, or on a drive that is not plugged in now."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from mien.catalog.store import FileStat, KnownFile, State


def within(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or lies somewhere in it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


class Places:
    """Folders and files, for quick questions about many paths."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = set(paths)
        self._outermost: dict[str, str | None] = {}

    def __contains__(self, path: str) -> bool:
        """Whether `path` is one of the places or lies in one."""
        return path in self._paths or self.outermost(os.path.dirname(path)) is not None  # noqa: PTH120

    def outermost(self, folder: str) -> str | None:
        """The highest of the places that is `folder` or holds it."""
        if folder not in self._outermost:
            parent = os.path.dirname(folder)  # noqa: PTH120
            above = self.outermost(parent) if parent != folder else None
            self._outermost[folder] = above or (folder if folder in self._paths else None)
        return self._outermost[folder]


def volume_at(path: str) -> str:
    """The volume that a file at `path` would lie on: that of the nearest folder above it which exists."""
    place = Path(path)
    for folder in place.parents:
        try:
            return str(folder.stat().st_dev)
        except OSError:
            continue
    return ""


def judge(
    absent: Iterable[KnownFile],
    known: Mapping[str, KnownFile],
    seen: Mapping[str, FileStat],
    roots: Iterable[str],
    closed: Iterable[str],
) -> dict[str, State]:
    """Whether each of the files that a scan did not find is "missing" (deleted) or "offline" (its drive is away).

    A file counts as deleted only if there is proof that the volume it was on is there, where it was: the nearest
    folder above it is on that volume, and its root exists and is not empty. All else is kept as offline.

    Args:
        absent: files that were expected and not found.
        known: all files of the cache, by path.
        seen: what was found, by path.
        roots: what the user asked to index, now and before.
        closed: folders that could not be looked into.
    """
    unknown, places, before = Places(closed), Places(roots), _numbers_before(known, seen)
    volumes: dict[str, str] = {}
    alive: dict[str, bool] = {}
    verdict: dict[str, State] = {}
    for file in absent:
        path = file.stat.path
        folder = os.path.dirname(path)  # noqa: PTH120 (plain strings: there may be a million)
        if folder not in volumes:
            volumes[folder] = volume_at(path)
        root = places.outermost(folder) or folder
        if root not in alive:
            alive[root] = _holds_any(root, known, seen)
        here = volumes[folder]
        gone = alive[root] and file.stat.volume in before.get(here, {here}) and path not in unknown
        verdict[path] = "missing" if gone else "offline"
    return verdict


def _numbers_before(known: Mapping[str, KnownFile], seen: Mapping[str, FileStat]) -> dict[str, set[str]]:
    """Volume → under which numbers its files are known: a restart, or another stick, gives the numbers out anew."""
    before: dict[str, set[str]] = defaultdict(set)
    for path, stat in seen.items():
        if path in known:
            before[stat.volume].add(known[path].stat.volume)
    return before


def _holds_any(root: str, known: Mapping[str, KnownFile], seen: Mapping[str, FileStat]) -> bool:
    """Whether `root` is there and is more than the empty place where a drive would be."""
    if not Path(root).is_dir():
        return False
    if any(within(path, root) for path in seen):
        return True
    # The scan may have looked into one corner of the root only.
    return any(within(path, root) and Path(path).exists() for path in known)
