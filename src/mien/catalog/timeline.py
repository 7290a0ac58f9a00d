"""The timeline: every photo once, the newest first. Quick however large the library is.

One tile stands for a photo, whichever of its files are there. Times are those by the clock on the wall.
"""

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Self

from mien.catalog import listing, store
from mien.catalog.cache import Catalog

UNDATED = ""
"""The month of photos that nobody knows the time of."""


@dataclass(frozen=True, order=True)
class Place:
    """A photo's place in the timeline, which goes from the greatest to the least.

    Attributes:
        wall_time: ISO 8601 without a zone; of a date alone its noon; "" if none is known.
    """

    wall_time: str
    photo_id: str

    def __str__(self) -> str:
        return f"{self.wall_time}~{self.photo_id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The place that `str` wrote. Raises `ValueError`."""
        wall_time, mark, photo_id = text.partition("~")
        if not mark:
            raise ValueError(f"not a place in the timeline: {text}")
        return cls(wall_time, photo_id)

    @classmethod
    def before(cls, month: str) -> Self:
        """The place before the newest photo of a month ("2024-05" or `UNDATED`)."""
        return cls(f"{month}~" if month else "", "~")


NEWEST = Place("~", "")
"""The place before all photos."""


@dataclass(frozen=True)
class Tile:
    """One photo. `width` and `height` in px, upright; `taken_at` is ISO 8601, a date alone where only that is known.

    `offline`: none of the drives that hold it is there now. `figures`: how many people are seen in it.
    """

    photo_id: str
    width: int
    height: int
    taken_at: str | None
    figures: int
    offline: bool
    place: Place

    @property
    def month(self) -> str:
        """Year and month ("2024-05"), or `UNDATED`."""
        return self.place.wall_time[:7]


@dataclass(frozen=True)
class Overview:
    """What there is in all.

    Attributes:
        photos: how many there are.
        months: month ("2024-05", `UNDATED`) → how many photos; in the timeline's order.
    """

    photos: int
    months: dict[str, int]


@dataclass(frozen=True)
class Neighbours:
    """The ids of the photos before and after one in the timeline."""

    newer: str | None
    older: str | None


@dataclass(frozen=True)
class Problem:
    """A file that is not in the timeline, or not understood: `reason` says why, in the user's language."""

    path: str
    kind: Literal["photo", "video"]
    reason: str


_RANK = (
    "({0}.taken_at IS NULL, coalesce({0}.taken_source = 'filename', 0), coalesce(length({0}.taken_at) = 10, 0),"
    " coalesce({0}.wall_time, ''), {0}.path)"
)
_THERE = "files.photo_id IS NOT NULL AND files.state != 'missing'"
SPEAKS = f"""{_THERE} AND NOT EXISTS (
    SELECT 1 FROM files AS other WHERE other.photo_id = files.photo_id AND other.state != 'missing'
        AND other.path != files.path AND {_RANK.format("other")} < {_RANK.format("files")}
)"""  # noqa: S608 (constants)
"""Of a photo's files that which speaks for it, by the same order as the view `taken`: a camera's word beats a file
name's, a time a date; then the earliest, then the path."""

TIME = "coalesce(files.wall_time, '')"

TILE = f"""photos.photo_id, width, height, taken_at,
(SELECT count(*) FROM figures AS figure WHERE figure.photo_id = photos.photo_id AND figure.figure_id NOT IN nobody),
NOT EXISTS (SELECT 1 FROM files AS other WHERE other.photo_id = photos.photo_id AND other.state = 'present'), {TIME}"""  # noqa: S608 (a constant)
"""What `tile_of` reads, of `photos` and `files`."""

_IS_PROBLEM = """
(error IS NOT NULL OR kind != 'photo') AND kind != 'other' AND state != 'missing' AND live_photo IS NULL"""


def older(connection: sqlite3.Connection, after: Place = NEWEST, limit: int = 60) -> list[Tile]:
    """The photos after this place, newest first; those without a time come last."""
    rows = connection.execute(
        f"""
        SELECT {TILE} FROM files JOIN photos USING (photo_id)
        WHERE {SPEAKS} AND {TIME} <= ?1 AND ({TIME}, files.photo_id) < (?1, ?2)
        ORDER BY {TIME} DESC, files.photo_id DESC LIMIT ?3
        """,  # noqa: S608 (constants)
        (after.wall_time, after.photo_id, limit),
    )
    return [tile_of(row) for row in rows]


def newer(connection: sqlite3.Connection, before: Place, limit: int) -> list[Tile]:
    """The photos next to this place on its newer side, in the timeline's order."""
    rows = connection.execute(
        f"""
        SELECT {TILE} FROM files JOIN photos USING (photo_id)
        WHERE {SPEAKS} AND {TIME} >= ?1 AND ({TIME}, files.photo_id) > (?1, ?2)
        ORDER BY {TIME}, files.photo_id LIMIT ?3
        """,  # noqa: S608 (constants)
        (before.wall_time, before.photo_id, limit),
    ).fetchall()
    return [tile_of(row) for row in reversed(rows)]


def tiles(connection: sqlite3.Connection, photo_ids: Iterable[str]) -> dict[str, Tile]:
    """The tiles of these photos; those that are not in the timeline are left out."""
    wanted = json.dumps(list(photo_ids))
    rows = connection.execute(
        f"""
        SELECT {TILE} FROM files JOIN photos USING (photo_id)
        WHERE {SPEAKS} AND files.photo_id IN (SELECT value FROM json_each(?))
        """,  # noqa: S608 (constants)
        (wanted,),
    )
    return {tile.photo_id: tile for tile in map(tile_of, rows)}


def place_of(connection: sqlite3.Connection, photo_id: str) -> Place | None:
    """Where a photo stands in the timeline; None for one that is not there."""
    row = connection.execute(
        f"SELECT {TIME} FROM files WHERE photo_id = ? AND {SPEAKS}",  # noqa: S608 (constants)
        (photo_id,),
    ).fetchone()
    return None if row is None else Place(row[0], photo_id)


def neighbours(connection: sqlite3.Connection, photo_id: str) -> Neighbours:
    """The photos on either side of this one; none for one that is not in the timeline."""
    place = place_of(connection, photo_id)
    if place is None:
        return Neighbours(None, None)

    one_newer, one_older = newer(connection, place, 1), older(connection, place, 1)
    return Neighbours(*(tiles[0].photo_id if tiles else None for tiles in (one_newer, one_older)))


def overview(catalog: Catalog) -> Overview:
    """What there is in all; kept until the library changes."""
    with catalog.read() as connection:
        return _overview(catalog, store.marks(connection, "generation"))


@lru_cache(maxsize=4)
def _overview(catalog: Catalog, _marks: tuple[object, ...]) -> Overview:
    with catalog.read() as connection:
        times = wall_times(connection)
    months = Counter(wall_time[:7] for wall_time in times.values())
    return Overview(len(times), dict(sorted(months.items(), reverse=True)))


def problems(connection: sqlite3.Connection) -> list[Problem]:
    """The files that could not be read or understood, then the films, which are not supported yet; by path."""
    rows = connection.execute(
        f"SELECT path, kind, error FROM files WHERE {_IS_PROBLEM} ORDER BY kind, path"  # noqa: S608 (a constant)
    )
    return [Problem(os.fsdecode(path), kind, listing.reason(path, record)) for path, kind, record in rows]


def count_problems(connection: sqlite3.Connection) -> dict[Literal["photo", "video"], int]:
    """How many files of each kind `problems` tells of."""
    rows = connection.execute(f"SELECT kind, count(*) FROM files WHERE {_IS_PROBLEM} GROUP BY kind")  # noqa: S608 (a constant)
    return {"photo": 0, "video": 0, **dict(rows.fetchall())}


def count_within(connection: sqlite3.Connection, path: str) -> int:
    """How many photos are in the folder or file `path`."""
    inside = os.fsencode(path.rstrip(os.sep) + os.sep)
    (number,) = connection.execute(
        f"""
        SELECT count(DISTINCT photo_id) FROM files
        WHERE {_THERE} AND (path = ? OR path >= ? AND path < ?)
        """,  # noqa: S608 (a constant)
        (os.fsencode(path), inside, inside[:-1] + bytes([inside[-1] + 1])),
    ).fetchone()
    return int(number)


def wall_times(connection: sqlite3.Connection) -> dict[str, str]:
    """Every photo's wall time, "" where none is known. Reads an index alone, save for photos that have copies."""
    every = f"SELECT photo_id, {TIME} FROM files WHERE {_THERE} ORDER BY {TIME}, photo_id"  # noqa: S608 (constants)
    copied = f"""
        SELECT photo_id, {TIME} FROM files WHERE {SPEAKS} AND photo_id IN (
            SELECT photo_id FROM files WHERE photo_id IS NOT NULL GROUP BY photo_id HAVING count(*) > 1
        )
    """  # noqa: S608 (constants)
    return dict(connection.execute(every)) | dict(connection.execute(copied))


def tile_of(row: tuple[object, ...]) -> Tile:
    """The tile of a row of `TILE`."""
    photo_id, width, height, taken_at, figures, offline, wall_time = row
    return Tile(photo_id, width, height, taken_at, figures, bool(offline), Place(wall_time, photo_id))  # type: ignore[arg-type]
