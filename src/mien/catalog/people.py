"""The people of the library: everybody, and the photos that each is seen in. Quick however large the library is."""

import itertools
import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from mien.catalog import store
from mien.catalog.cache import Catalog
from mien.catalog.timeline import NEWEST, SPEAKS, TILE, TIME, Place, Tile, tile_of, wall_times
from mien.people.anchors import Box
from mien.people.decisions import same_name


@dataclass(frozen=True)
class PersonCard:
    """One person: how many figures, in how many photos, their first and last time (ISO 8601, by the wall's clock).

    `key_figure` stands for them; None for a named person of whom no photo is in the library now. `hidden`: kept from
    lists; `contact`: may be seen in what is shared; `born`: ISO date.
    """

    person_id: str
    name: str | None
    figures: int
    photos: int
    first: str | None
    last: str | None
    key_figure: str | None
    hidden: bool = False
    contact: bool = False
    born: str | None = None


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


def everybody(catalog: Catalog, *, hidden: bool = False) -> tuple[PersonCard, ...]:
    """Everybody: named people first, then by how often they are seen. With `hidden`, the hidden ones, too.

    Kept until people are grouped anew.
    """
    with catalog.read() as connection:
        cards = _everybody(catalog, store.marks(connection, "grouped"))
    return cards if hidden else tuple(card for card in cards if not card.hidden)


@lru_cache(maxsize=4)
def _everybody(catalog: Catalog, _marks: tuple[object, ...]) -> tuple[PersonCard, ...]:
    with catalog.read() as connection:
        times = wall_times(connection)
        called: dict[str, str | None] = dict(connection.execute("SELECT person_id, name FROM people"))
        about = {
            person_id: (bool(hidden), bool(contact), born)
            for person_id, hidden, contact, born in connection.execute("SELECT * FROM about_people")
        }
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
    for person_id, name in called.items():
        seen = photos[person_id]
        if not seen and name is None:
            continue
        distinct = set(seen)
        dated = [wall_time for photo_id in distinct if (wall_time := times[photo_id])]
        cards.append(
            PersonCard(
                person_id, name, len(seen), len(distinct), min(dated, default=None), max(dated, default=None),
                keys[person_id][1] if seen else None, *about.get(person_id, (False, False, None)),
            )
        )  # fmt: skip
    cards.sort(key=lambda card: (card.name is None, -card.figures, card.first or "~", card.person_id))
    return tuple(cards)


def person(catalog: Catalog, person_id: str) -> PersonCard | None:
    """One of them, hidden or not."""
    return next((card for card in everybody(catalog, hidden=True) if card.person_id == person_id), None)


def names(connection: sqlite3.Connection) -> list[str]:
    """What people are called."""
    rows = connection.execute("SELECT DISTINCT name FROM people WHERE name IS NOT NULL")
    return sorted((name for (name,) in rows), key=same_name)


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
        SELECT {TILE}, figures.figure_id, x0, y0, x1, y1, face_x0, face_y0, face_x1, face_y1, source, confidence
        FROM membership JOIN figures USING (figure_id) JOIN photos USING (photo_id)
            JOIN files ON files.photo_id = photos.photo_id
        WHERE person_id = ?1 AND {SPEAKS} AND ({TIME}, files.photo_id) < (?2, ?3)
        ORDER BY {TIME} DESC, files.photo_id DESC, x0, figures.figure_id
        """,  # noqa: S608 (constants)
        (person_id, after.wall_time, after.photo_id),
    )
    by_photo = itertools.groupby(rows, key=lambda row: row[:7])
    return [
        Appearance(tile_of(tile), tuple(_seen(row) for row in group))
        for tile, group in itertools.islice(by_photo, limit)
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


def _seen(row: tuple[object, ...]) -> Seen:
    figure_id, *places, source, confidence = row[7:]
    box, face = tuple(places[:4]), None if places[4] is None else tuple(places[4:])
    return Seen(figure_id, box, face, source, confidence)  # type: ignore[arg-type]
