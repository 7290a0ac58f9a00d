"""What an index run did, and what the library holds after it."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass

from mien.catalog.library import Library
from mien.catalog.listing import count
from mien.errors import MienError
from mien.indexing.settling import waiting
from mien.photo import sidecars


@dataclass(frozen=True)
class Summary:
    """One run.

    Attributes:
        files: files of any kind found under the paths.
        pictures: how many of these are photos, readable or not.
        new, changed, unchanged, moved: of these files.
        missing: files that were deleted since the last run.
        offline: files whose drive or folder is not there now; all that is known of them is kept.
        absent: paths asked for that are not there now, though they once were.
        closed: folders that could not be looked into.
        read: files that were opened in this run, once for each engine.
        refined: how many of these were opened for the better engine, which parses photos again.
        photos, figures, faces, people: what the whole library holds now.
        waiting: named figures whose photos are not in the library now; their names hold as soon as those return.
        videos: films under the paths, which are not supported yet; moving halves of Live Photos do not count.
        errors: the photos under the paths that could not be read or understood, each with its reason.
        seconds: of the whole run.
        lost: why the engine that the library goes by could not be used; new photos were then parsed by the one that is
            built in.
        no_pictures: files asked for by their names that hold none.
    """

    files: int
    pictures: int
    new: int
    changed: int
    unchanged: int
    moved: int
    missing: int
    offline: int
    absent: tuple[str, ...]
    closed: tuple[str, ...]
    read: int
    photos: int
    figures: int
    faces: int
    people: int
    waiting: int
    videos: int
    errors: tuple[tuple[str, MienError], ...]
    seconds: float
    refined: int = 0
    lost: MienError | None = None
    no_pictures: tuple[str, ...] = ()

    @property
    def seconds_per_photo(self) -> float | None:
        """Of those read in this run."""
        return self.seconds / self.read if self.read else None


def holdings(library: Library, paths: Iterable[str]) -> tuple[dict[str, int], tuple[tuple[str, MienError], ...]]:
    """What the library holds, how many photos and videos are among the files `paths`, and failures there."""
    scope = set(paths)
    with library.catalog.read() as connection:
        counts = count(connection) | {"waiting": waiting(connection)}
        for name, kind in (("pictures", "photo"), ("videos", "video")):
            rows = connection.execute("SELECT path FROM files WHERE kind = ? AND live_photo IS NULL", (kind,))
            counts[name] = sum(os.fsdecode(path) in scope for (path,) in rows)
        failed = connection.execute("SELECT path, error FROM files WHERE error IS NOT NULL ORDER BY path").fetchall()
    errors = tuple(
        (name, MienError.from_record(json.loads(record)))
        for path, record in failed
        if (name := os.fsdecode(path)) in scope
    )
    return counts, errors


def no_pictures(library: Library, asked: Iterable[str]) -> tuple[str, ...]:
    """Which of these paths are files that are no photos or films, nor what other programs write beside them."""
    query = "SELECT 1 FROM files WHERE path = ? AND kind = 'other'"
    with library.catalog.read() as connection:
        found = [path for path in asked if connection.execute(query, (os.fsencode(path),)).fetchone()]
    return tuple(sorted(path for path in found if not path.lower().endswith(sidecars.SUFFIX)))
