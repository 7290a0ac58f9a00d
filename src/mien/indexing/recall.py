"""What the cache holds of figures and people, as grouping sees them and as it left them."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from mien.catalog import store
from mien.catalog.cache import Catalog
from mien.catalog.embedding import record
from mien.indexing import embedding
from mien.people.membership import Grouping, Membership, Person
from mien.people.sighting import Sighting
from mien.traits.outfit import outfit


def sightings(connection: sqlite3.Connection, figures: Sequence[str] | None = None) -> list[Sighting]:
    """Every figure that an engine sees in a photo of the library; only those among `figures` (ids), if given.

    Their faces are as the embedder describes them by which people were grouped last.
    """
    return embedding.described(connection, seen(connection, figures), record(connection))


def seen(connection: sqlite3.Connection, figures: Sequence[str] | None = None) -> list[Sighting]:
    """The same with the built-in vectors."""
    rows = connection.execute(
        """
        SELECT figure_id, photo_id, x0, y0, x1, y1, face_x0, face_y0, face_x1, face_y1, mask, face_vector, face_usable,
            appearance, article, traits, perceptual_hash,
            (SELECT min(path) FROM files WHERE files.photo_id = photos.photo_id AND state != 'missing') AS first_path
        FROM figures JOIN evidence USING (figure_id) JOIN photos USING (photo_id)
        WHERE ordinal IS NOT NULL AND first_path IS NOT NULL
            AND (?1 IS NULL OR figure_id IN (SELECT value FROM json_each(?1)))
        ORDER BY figure_id
        """,
        (None if figures is None else json.dumps(figures),),
    )
    taken = _taken(connection, figures)
    return [
        Sighting(
            figure_id=figure_id,
            place=store.anchor_of(photo_id, numbers, mask, path, look),
            taken=_moment(taken.get(photo_id)),
            face_vector=None if vector is None else np.frombuffer(vector, "<f4").astype(np.float32),
            face_usable=usable,
            appearance=None if appearance is None else np.frombuffer(appearance, "<f4").astype(np.float32),
            garments=outfit(json.loads(traits)),
            article=None if article is None else np.frombuffer(article, "<f8").astype(np.float64),
        )
        for figure_id, photo_id, *numbers, mask, vector, usable, appearance, article, traits, look, path in rows
    ]


def _taken(connection: sqlite3.Connection, figures: Sequence[str] | None) -> dict[str, str]:
    """When photos were taken: all, or those of `figures`; one at a time, as a join would look through all files."""
    if figures is None:
        return dict(connection.execute("SELECT photo_id, taken_at FROM taken").fetchall())
    photos = connection.execute(
        "SELECT DISTINCT photo_id FROM figures WHERE figure_id IN (SELECT value FROM json_each(?))",
        (json.dumps(figures),),
    ).fetchall()
    found = (connection.execute("SELECT photo_id, taken_at FROM taken WHERE photo_id = ?", row) for row in photos)
    return dict(row for rows in found for row in rows)


def grouping_of(catalog: Catalog) -> Grouping:
    """The people in the cache, as grouping left them."""
    with catalog.read() as connection:
        members = connection.execute(
            """
            SELECT figure_id, person_id, source, confidence, key_rank, taken_at
            FROM membership JOIN figures USING (figure_id) JOIN people USING (person_id)
            LEFT JOIN taken USING (photo_id)
            ORDER BY wall_time NULLS LAST, photo_id, figure_id
            """
        ).fetchall()
        names = dict(connection.execute("SELECT person_id, name FROM people"))
    figures: dict[str, list[str]] = defaultdict(list)
    keys: dict[str, list[tuple[int, str]]] = defaultdict(list)
    times: dict[str, list[datetime]] = defaultdict(list)
    memberships = {}
    for figure_id, person_id, source, confidence, rank, taken in members:
        memberships[figure_id] = Membership(person_id, source, confidence)
        figures[person_id].append(figure_id)
        if rank is not None:
            keys[person_id].append((rank, figure_id))
        if (at := _moment(taken)) is not None:
            times[person_id].append(at)
    people = [
        Person(
            person_id=i,
            name=name,
            figures=tuple(figures[i]),
            key_figures=tuple(figure_id for _, figure_id in sorted(keys[i])),
            first=times[i][0] if times[i] else None,
            last=times[i][-1] if times[i] else None,
        )
        for i, name in names.items()
    ]
    return Grouping(memberships, tuple(sorted(people, key=lambda p: (-len(p.figures), p.person_id))), {})


def ids_in_use(connection: sqlite3.Connection) -> dict[str, int]:
    """The ids that unnamed people go by, and how many figures each has."""
    rows = connection.execute(
        "SELECT person_id, count(*) FROM membership JOIN people USING (person_id) WHERE name IS NULL GROUP BY person_id"
    )
    return dict(rows.fetchall())


def _moment(taken_at: str | None) -> datetime | None:
    """A date alone is no moment."""
    return None if taken_at is None or len(taken_at) == len("2026-01-01") else datetime.fromisoformat(taken_at)
