"""Asking the library: who is in which photo, how they look, when and where."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from mien.catalog.library import Library
from mien.errors import UnknownName
from mien.indexing import columns
from mien.search import places, resembling
from mien.search.answering import Answer, answer
from mien.search.columns import person_key
from mien.search.conditions import Album
from mien.search.query import Query, Where
from mien.search.resembling import What
from mien.search.understanding import understand

LIMIT = 60
"""Results that are given unless more are asked for."""


def search(
    library: Library,
    text: str,
    *,
    limit: int = LIMIT,
    today: date | None = None,
    watch: Callable[[], None] = lambda: None,
) -> Answer:
    """The answer to a question in English or Chinese; what of it was not understood stands in the answer's query.

    `today` is what "last summer" is counted from. `watch`: see `columns.current`.
    """
    return ask(library, understand(text, names(library), today or date.today()), limit=limit, watch=watch)  # noqa: DTZ011


def ask(library: Library, query: Query, *, limit: int = LIMIT, watch: Callable[[], None] = lambda: None) -> Answer:
    """The answer to a question that is understood already."""
    return answer(album(library, watch), query, _contains, limit)


def more_like(
    library: Library, figure_id: str, what: What, *, limit: int = LIMIT, watch: Callable[[], None] = lambda: None
) -> Answer:
    """Other figures in the same garment, the same colour or the same outfit. Raises `UnknownName` for no figure."""
    known = album(library, watch)
    row = int(known.columns.rows_of([figure_id])[0]) if "-" in figure_id else -1
    if row < 0 or not known.showable[row]:
        raise UnknownName("no-such-figure", reference=figure_id)
    return resembling.more_like(known, row, what, limit)


def names(library: Library) -> Sequence[str]:
    """What people in the library are called."""
    with library.catalog.read() as connection:
        rows = connection.execute("SELECT DISTINCT name FROM people WHERE name IS NOT NULL ORDER BY name")
        return [name for (name,) in rows]


def somebody_dated(library: Library) -> tuple[str, int] | None:
    """A name that can be asked for, and the year of the newest photo of who is called so; None without a dated one."""
    with library.catalog.read() as connection:
        row = connection.execute(
            """
            SELECT name, CAST(substr(max(taken_at), 1, 4) AS INTEGER)
            FROM people JOIN membership USING (person_id) JOIN figures USING (figure_id) JOIN taken USING (photo_id)
            WHERE name = (
                SELECT min(name) FROM people LEFT JOIN about_people USING (person_id)
                WHERE name IS NOT NULL AND NOT coalesce(hidden, 0)
            )
            GROUP BY name
            """
        ).fetchone()
    return None if row is None else (row[0], row[1])


def paths(library: Library, photo_ids: Sequence[str]) -> dict[str, str]:
    """One file of each of these photos: one that is there now, if any is."""
    with library.catalog.read() as connection:
        rows = connection.execute(
            """
            SELECT photo_id, path FROM files WHERE photo_id IN (SELECT value FROM json_each(?)) AND state != 'missing'
            ORDER BY state = 'present', path DESC
            """,
            (json.dumps(list(photo_ids)),),
        )
        return {photo_id: os.fsdecode(path) for photo_id, path in rows}


def album(library: Library, watch: Callable[[], None] = lambda: None) -> Album:
    """What questions are answered from, as the library is now."""
    current = columns.current(library, watch)
    with library.catalog.read() as connection:
        people: dict[str, list[int]] = {}
        for name, person_id in connection.execute("SELECT name, person_id FROM people WHERE name IS NOT NULL"):
            people.setdefault(name, []).append(person_key(person_id))
        hidden = [person_key(i) for (i,) in connection.execute("SELECT person_id FROM about_people WHERE hidden")]
    return Album(current, columns.memberships(library), people, hidden)


def _contains(where: Where, latitudes: NDArray[np.float32], longitudes: NDArray[np.float32]) -> NDArray[np.bool_]:
    return places.contains(where.place, latitudes, longitudes)
