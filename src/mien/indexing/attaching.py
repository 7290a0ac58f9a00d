"""Shows at once who is in a photo that was just added, by what is known of the people in the cache.

It reads the vectors of all known faces, once, and writes a few rows. The next grouping of everybody stays due, and has
the last word.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.catalog import store
from mien.catalog.library import Library
from mien.indexing.heritage import edited
from mien.indexing.recall import sightings
from mien.indexing.regroup import mark_of, method_of
from mien.people.attaching import KnownFaces, attach
from mien.people.decisions import Decisions, replay
from mien.people.evidence import SHARP
from mien.people.membership import Membership
from mien.people.moments import GAP

MOST_PHOTOS = 50
"""Of more new photos the people are shown when everybody is grouped: they would not be worth their time one by one."""

MOST_SINCE = 200
"""Figures attached since people were grouped that are looked at: the last ones."""

MOST_AROUND = 300
"""Figures of the same moment that are looked at: those nearest in time."""

_NUMBERS = 128  # in a built-in face vector
_ROWS = 10_000  # read at a time


@dataclass
class Attaching:
    """Remembers the known faces between photos, until people are grouped anew."""

    library: Library

    def __post_init__(self) -> None:
        self._marks: tuple[object, ...] = ()
        self._faces = KnownFaces.of(np.zeros((0, _NUMBERS), np.float32), np.zeros(0, np.intp))
        self._sharp = 0  # of them, as `chance` counts
        self._figures: list[str] = []
        self._since: list[str] = []

    def prepare(self) -> None:
        """Read the known faces now, while there is nothing else to do: a quarter of a second for 100,000."""
        with self.library.catalog.read() as connection:
            self._load(connection)

    def attach(self, photos: Collection[str], watch: Callable[[], None] = lambda: None) -> int:
        """Show who is in these photos (keys), as far as nobody has said yet. Returns how many figures got a person.

        Nothing is done for more than `MOST_PHOTOS`, nor where nobody was grouped yet, or by another method.
        """
        if not 0 < len(photos) <= MOST_PHOTOS:
            return 0
        with self.library.catalog.read() as connection:
            mark = mark_of(connection)
            if mark is None or method_of(connection) != "default":
                return 0
            new = _ids(connection, _NEW, photos)
            if not new:
                return 0
            self._load(connection)
            arriving = sightings(connection, new)
            there = _ids(connection, _OF_PHOTOS, photos) + _ids(connection, _AROUND, photos, GAP, MOST_AROUND)
            near = self._faces.near(_vectors(connection, new))
            known = sorted({*there, *self._since[-MOST_SINCE:], *(self._figures[i] for i in near.tolist())} - set(new))
            shown = _shown(connection, known)
            around = sightings(connection, known)
            decisions = self._decisions()
        found = attach(arriving, around, shown, decisions, watch, self._sharp)
        with self.library.catalog.write() as connection:
            if mark_of(connection) != mark:
                return 0  # people were grouped meanwhile
            _put(connection, found, mark)
        attached = [figure for figure, member in found.items() if member.person_id is not None]
        self._since += attached
        return len(attached)

    def _decisions(self) -> Decisions:
        """What holds, but for edits that only the decisions' own paths tell: to find those, all files are looked at."""
        edits = self.library.journal.heirs()
        return replay(self.library.journal.entries(), edited(self.library, edits) if edits else {})

    def _load(self, connection: sqlite3.Connection) -> None:
        """Read the known faces, unless they are those of the same grouping."""
        grouped, _, followed = (mark_of(connection) or "").partition(" ")
        marks = (*store.marks(connection), grouped.partition("+")[0], followed)
        if marks == self._marks:
            return
        (most,) = connection.execute("SELECT count(*) FROM membership").fetchone()
        vectors, person = np.empty((most, _NUMBERS), np.float32), np.empty(most, np.intp)
        rows = connection.execute(
            "SELECT figure_id, person_id, face_usable, face_vector FROM evidence JOIN membership USING (figure_id)"
            " WHERE face_vector IS NOT NULL"
        )
        people: dict[str, int] = {}
        self._figures, self._since, self._sharp = [], [], 0
        while part := rows.fetchmany(_ROWS):
            here = slice(len(self._figures), len(self._figures) + len(part))
            vectors[here] = np.frombuffer(b"".join([row[3] for row in part]), "<f4").reshape(-1, _NUMBERS)
            person[here] = [people.setdefault(row[1], len(people)) for row in part]
            self._sharp += sum(row[2] >= SHARP for row in part)
            self._figures += [row[0] for row in part]
        known = len(self._figures)
        self._faces, self._marks = KnownFaces.of(vectors[:known], person[:known]), marks


_NEW = """
    SELECT figure_id FROM figures WHERE photo_id IN (SELECT value FROM json_each(?1)) AND ordinal IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM membership WHERE membership.figure_id = figures.figure_id)
"""

_OF_PHOTOS = "SELECT figure_id FROM figures WHERE photo_id IN (SELECT value FROM json_each(?1))"

_AROUND = """
    SELECT figure_id FROM (
        SELECT DISTINCT other.photo_id AS photo_id, abs(julianday(other.wall_time) - julianday(mine.wall_time)) AS away
        FROM files AS mine JOIN files AS other ON coalesce(other.wall_time, '')
            BETWEEN strftime('%Y-%m-%dT%H:%M:%f', mine.wall_time, '-' || ?2 || ' seconds')
            AND strftime('%Y-%m-%dT%H:%M:%f', mine.wall_time, '+' || ?2 || ' seconds') || '999'
        WHERE mine.photo_id IN (SELECT value FROM json_each(?1)) AND length(mine.taken_at) > 10
            AND other.photo_id IS NOT NULL AND other.state != 'missing'
    ) JOIN figures USING (photo_id) WHERE ordinal IS NOT NULL ORDER BY away, figure_id LIMIT ?3
"""


def _ids(connection: sqlite3.Connection, query: str, photos: Collection[str], *rest: object) -> list[str]:
    return [row[0] for row in connection.execute(query, (json.dumps(sorted(photos)), *rest))]


def _vectors(connection: sqlite3.Connection, figures: Sequence[str]) -> NDArray[np.float32]:
    """The built-in face vectors of those of `figures` that have one: (m, 128)."""
    rows = connection.execute(
        "SELECT face_vector FROM evidence WHERE face_vector IS NOT NULL AND face_usable > 0"
        " AND figure_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(figures)),),
    )
    return np.frombuffer(b"".join(row[0] for row in rows), "<f4").astype(np.float32).reshape(-1, _NUMBERS)


def _shown(connection: sqlite3.Connection, figures: Sequence[str]) -> dict[str, str]:
    rows = connection.execute(
        "SELECT figure_id, person_id FROM membership WHERE figure_id IN (SELECT value FROM json_each(?))",
        (json.dumps(figures),),
    )
    return dict(rows.fetchall())


def _put(connection: sqlite3.Connection, found: dict[str, Membership], mark: str) -> None:
    there = [(figure, m.person_id, m.source, m.confidence) for figure, m in found.items() if m.person_id is not None]
    connection.executemany("INSERT OR IGNORE INTO people VALUES (?, NULL)", [(row[1],) for row in there])
    connection.executemany(
        "INSERT OR IGNORE INTO membership (figure_id, person_id, source, confidence) SELECT ?1, ?2, ?3, ?4"
        " WHERE EXISTS (SELECT 1 FROM figures WHERE figure_id = ?1)",
        there,
    )
    # The people still follow the same decisions, but are those of no grouping: the next one is compared with them anew.
    grouped, _, followed = mark.partition(" ")
    now = f"{grouped.partition('+')[0]}+{store.generation(connection)} {followed}"
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('grouped', ?)", (now,))
