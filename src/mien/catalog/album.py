"""What the library shows to the eye: the timeline, and the people in it. Quick however large the library is.

One tile stands for a photo, whichever of its files are there. Times are those by the clock on the wall.
"""

import itertools
import json
import os
import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Self

from mien.catalog import store
from mien.catalog.cache import Catalog
from mien.errors import MienError
from mien.people.anchors import Box

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


@dataclass(frozen=True)
class PersonCard:
    """One person: how many figures, in how many photos, their first and last time (ISO 8601, by the wall's clock).

    `key_figure` stands for them; None for a named person of whom no photo is in the library now.
    """

    person_id: str
    name: str | None
    figures: int
    photos: int
    first: str | None
    last: str | None
    key_figure: str | None


@dataclass(frozen=True)
class Seen:
    """A figure of a person: where it and its face are (0–1 of the upright photo), who says so, and how sure (0–1)."""

    figure_id: str
    box: Box
    face: Box | None
    source: Literal["decided", "inferred"]
    confidence: float


@dataclass(frozen=True)
class Appearance:
    """A photo in which a person is seen; as a rule they are seen once."""

    tile: Tile
    seen: tuple[Seen, ...]


# The file that speaks for its photo, by the same order as the view `taken`: a camera's word beats a file name's, a time
# a date; then the earliest, then the path.
_RANK = (
    "({0}.taken_at IS NULL, coalesce({0}.taken_source = 'filename', 0), coalesce(length({0}.taken_at) = 10, 0),"
    " coalesce({0}.wall_time, ''), {0}.path)"
)
_THERE = "files.photo_id IS NOT NULL AND files.state != 'missing'"
_SPEAKS = f"""{_THERE} AND NOT EXISTS (
    SELECT 1 FROM files AS other WHERE other.photo_id = files.photo_id AND other.state != 'missing'
        AND other.path != files.path AND {_RANK.format("other")} < {_RANK.format("files")}
)"""  # noqa: S608 (constants)
_TIME = "coalesce(files.wall_time, '')"
_TILE = f"""photos.photo_id, width, height, taken_at,
(SELECT count(*) FROM figures AS figure WHERE figure.photo_id = photos.photo_id),
NOT EXISTS (SELECT 1 FROM files AS other WHERE other.photo_id = photos.photo_id AND other.state = 'present'), {_TIME}"""  # noqa: S608 (a constant)


def timeline(connection: sqlite3.Connection, after: Place = NEWEST, limit: int = 60) -> list[Tile]:
    """The photos after this place, newest first; those without a time come last."""
    rows = connection.execute(
        f"""
        SELECT {_TILE} FROM files JOIN photos USING (photo_id)
        WHERE {_SPEAKS} AND {_TIME} <= ?1 AND ({_TIME}, files.photo_id) < (?1, ?2)
        ORDER BY {_TIME} DESC, files.photo_id DESC LIMIT ?3
        """,  # noqa: S608 (constants)
        (after.wall_time, after.photo_id, limit),
    )
    return [_tile(row) for row in rows]


def newer(connection: sqlite3.Connection, before: Place, limit: int) -> list[Tile]:
    """The photos next to this place on its newer side, in the timeline's order."""
    rows = connection.execute(
        f"""
        SELECT {_TILE} FROM files JOIN photos USING (photo_id)
        WHERE {_SPEAKS} AND {_TIME} >= ?1 AND ({_TIME}, files.photo_id) > (?1, ?2)
        ORDER BY {_TIME}, files.photo_id LIMIT ?3
        """,  # noqa: S608 (constants)
        (before.wall_time, before.photo_id, limit),
    ).fetchall()
    return [_tile(row) for row in reversed(rows)]


def place_of(connection: sqlite3.Connection, photo_id: str) -> Place | None:
    """Where a photo stands in the timeline; None for one that is not there."""
    row = connection.execute(
        f"SELECT {_TIME} FROM files WHERE photo_id = ? AND {_SPEAKS}",  # noqa: S608 (constants)
        (photo_id,),
    ).fetchone()
    return None if row is None else Place(row[0], photo_id)


def neighbours(connection: sqlite3.Connection, photo_id: str) -> Neighbours:
    """The photos on either side of this one; none for one that is not in the timeline."""
    place = place_of(connection, photo_id)
    if place is None:
        return Neighbours(None, None)

    one_newer, one_older = newer(connection, place, 1), timeline(connection, place, 1)
    return Neighbours(*(tiles[0].photo_id if tiles else None for tiles in (one_newer, one_older)))


def overview(catalog: Catalog) -> Overview:
    """What there is in all; kept until the library changes."""
    with catalog.read() as connection:
        return _overview(catalog, store.generation(connection))


@lru_cache(maxsize=4)
def _overview(catalog: Catalog, _generation: int) -> Overview:
    with catalog.read() as connection:
        times = _times(connection)
    months = Counter(wall_time[:7] for wall_time in times.values())
    return Overview(len(times), dict(sorted(months.items(), reverse=True)))


def problems(connection: sqlite3.Connection) -> list[Problem]:
    """The files that could not be read or understood, then the films, which are not supported yet; by path."""
    rows = connection.execute(
        """
        SELECT path, kind, error FROM files
        WHERE (error IS NOT NULL OR kind != 'photo') AND kind != 'other' AND state != 'missing' AND live_photo IS NULL
        ORDER BY kind, path
        """
    )
    return [Problem(os.fsdecode(path), kind, _reason(path, record)) for path, kind, record in rows]


def count_problems(connection: sqlite3.Connection) -> dict[Literal["photo", "video"], int]:
    """How many files of each kind `problems` tells of."""
    rows = connection.execute(
        """
        SELECT kind, count(*) FROM files
        WHERE (error IS NOT NULL OR kind != 'photo') AND kind != 'other' AND state != 'missing' AND live_photo IS NULL
        GROUP BY kind
        """
    )
    return {"photo": 0, "video": 0, **dict(rows.fetchall())}


def people(catalog: Catalog) -> tuple[PersonCard, ...]:
    """Everybody: named people first, then by how often they are seen. Kept until people are grouped anew."""
    with catalog.read() as connection:
        row = connection.execute("SELECT value FROM meta WHERE key = 'grouped'").fetchone()
        return _people(catalog, None if row is None else row[0])


@lru_cache(maxsize=4)
def _people(catalog: Catalog, _grouped: str | None) -> tuple[PersonCard, ...]:
    with catalog.read() as connection:
        times = _times(connection)
        names: dict[str, str | None] = dict(connection.execute("SELECT person_id, name FROM people"))
        members = connection.execute(
            "SELECT person_id, photo_id, figure_id, key_rank FROM membership JOIN figures USING (figure_id)"
        )
        photos: dict[str, list[str]] = defaultdict(list)
        keys: dict[str, tuple[int, str]] = {}
        for person_id, photo_id, figure_id, rank in members:
            if photo_id in times:
                photos[person_id].append(photo_id)
                if rank is not None or person_id not in keys:
                    key = (1000 if rank is None else rank, figure_id)
                    keys[person_id] = min(key, keys.get(person_id, key))
    cards = []
    for person_id, name in names.items():
        seen = photos[person_id]
        if not seen and name is None:
            continue
        distinct = set(seen)
        dated = [wall_time for photo_id in distinct if (wall_time := times[photo_id])]
        cards.append(
            PersonCard(
                person_id, name, len(seen), len(distinct), min(dated, default=None), max(dated, default=None),
                keys[person_id][1] if seen else None,
            )
        )  # fmt: skip
    cards.sort(key=lambda card: (card.name is None, -card.figures, card.first or "~", card.person_id))
    return tuple(cards)


def person(catalog: Catalog, person_id: str) -> PersonCard | None:
    return next((card for card in people(catalog) if card.person_id == person_id), None)


def person_of(connection: sqlite3.Connection, figure_id: str) -> str | None:
    """Whom this figure shows, as far as anybody knows."""
    row = connection.execute("SELECT person_id FROM membership WHERE figure_id = ?", (figure_id,)).fetchone()
    return None if row is None else str(row[0])


def appearances(
    connection: sqlite3.Connection, person_id: str, after: Place = NEWEST, limit: int = 60
) -> list[Appearance]:
    """The photos after this place in which a person is seen, newest first."""
    rows = connection.execute(
        f"""
        SELECT {_TILE}, figures.figure_id, x0, y0, x1, y1, face_x0, face_y0, face_x1, face_y1, source, confidence
        FROM membership JOIN figures USING (figure_id) JOIN photos USING (photo_id)
            JOIN files ON files.photo_id = photos.photo_id
        WHERE person_id = ?1 AND {_SPEAKS} AND ({_TIME}, files.photo_id) < (?2, ?3)
        ORDER BY {_TIME} DESC, files.photo_id DESC, x0, figures.figure_id
        """,  # noqa: S608 (constants)
        (person_id, after.wall_time, after.photo_id),
    )
    by_photo = itertools.groupby(rows, key=lambda row: row[:7])
    return [
        Appearance(_tile(tile), tuple(_seen(row) for row in group)) for tile, group in itertools.islice(by_photo, limit)
    ]


def side_by_side(connection: sqlite3.Connection, one: str, other: str) -> int:
    """In how many photos two people are both seen."""
    (number,) = connection.execute(
        """
        SELECT count(*) FROM (
            SELECT photo_id FROM membership JOIN figures USING (figure_id) WHERE person_id = ?
            INTERSECT
            SELECT photo_id FROM membership JOIN figures USING (figure_id) WHERE person_id = ?
        )
        """,
        (one, other),
    ).fetchone()
    return int(number)


def _times(connection: sqlite3.Connection) -> dict[str, str]:
    """Every photo's wall time, "" where none is known. Reads an index alone, save for photos that have copies."""
    every = f"SELECT photo_id, {_TIME} FROM files WHERE {_THERE} ORDER BY {_TIME}, photo_id"  # noqa: S608 (constants)
    copied = f"""
        SELECT photo_id, {_TIME} FROM files WHERE {_SPEAKS} AND photo_id IN (
            SELECT photo_id FROM files WHERE photo_id IS NOT NULL GROUP BY photo_id HAVING count(*) > 1
        )
    """  # noqa: S608 (constants)
    return dict(connection.execute(every)) | dict(connection.execute(copied))


def _reason(path: bytes, record: str | None) -> str:
    if record is None:
        return MienError("video-unsupported", file=os.fsdecode(path)).message()
    return MienError.from_record(json.loads(record)).message()


def _tile(row: tuple[object, ...]) -> Tile:
    photo_id, width, height, taken_at, figures, offline, wall_time = row
    return Tile(photo_id, width, height, taken_at, figures, bool(offline), Place(wall_time, photo_id))  # type: ignore[arg-type]


def _seen(row: tuple[object, ...]) -> Seen:
    figure_id, *places, source, confidence = row[7:]
    box, face = tuple(places[:4]), None if places[4] is None else tuple(places[4:])
    return Seen(figure_id, box, face, source, confidence)  # type: ignore[arg-type]
