"""How the cache shows what was decided: of people beside their names, of figures that are nobody or drawn by hand.

Writers are called inside `Catalog.write`.
"""

import sqlite3
from collections.abc import Iterable
from datetime import date

from mien.catalog import store
from mien.catalog.derived import DerivedFigure
from mien.people.anchors import Anchor
from mien.people.decisions import DecidedPerson


def put_person(connection: sqlite3.Connection, person: DecidedPerson) -> None:
    """What is known of one person."""
    connection.execute("INSERT OR REPLACE INTO people VALUES (?, ?)", (person.person_id, person.name))
    connection.execute("DELETE FROM about_people WHERE person_id = ?", (person.person_id,))
    _put_about(connection, [person])


def shown_people(connection: sqlite3.Connection) -> list[DecidedPerson]:
    """Everybody of whom something is shown, a name or what stands beside it; without their places."""
    rows = connection.execute(
        "SELECT person_id, people.name, born, coalesce(contact, 0), coalesce(hidden, 0)"
        " FROM people LEFT JOIN about_people USING (person_id)"
        " WHERE name IS NOT NULL OR about_people.person_id IS NOT NULL"
    )
    return [
        DecidedPerson(person_id, name, frozenset(), born and date.fromisoformat(born), bool(contact), bool(hidden))
        for person_id, name, born, contact, hidden in rows
    ]


def put_about(connection: sqlite3.Connection, people: Iterable[DecidedPerson]) -> None:
    """What is known of all people beside their names."""
    connection.execute("DELETE FROM about_people")
    _put_about(connection, people)


def put_nobody(connection: sqlite3.Connection, figures: Iterable[str]) -> None:
    """Those of `figures` that are known, and no others, are nobody."""
    connection.execute("DELETE FROM nobody")
    connection.executemany(
        "INSERT INTO nobody SELECT figure_id FROM figures WHERE figure_id = ?", [(figure,) for figure in figures]
    )


def draw(connection: sqlite3.Connection, anchor: Anchor) -> str:
    """Make a figure by hand where one stands in a known photo; its id."""
    (shape,) = connection.execute(
        "SELECT CAST(width AS REAL) / height FROM photos WHERE photo_id = ?", (anchor.photo_id,)
    ).fetchone()
    width, height = anchor.box[2] - anchor.box[0], anchor.box[3] - anchor.box[1]
    aspect_ratio = width / height * shape if height > 0 else 0.0
    traits = {"height_ratio": round(height, 4), "aspect_ratio": round(aspect_ratio, 4)}
    figure_id = store.mint(connection, anchor.photo_id)
    store.put_figure(connection, figure_id, DerivedFigure(anchor, 1.0, None, traits, None, None), None)
    return figure_id


def _put_about(connection: sqlite3.Connection, people: Iterable[DecidedPerson]) -> None:
    connection.executemany(
        "INSERT INTO about_people VALUES (?, ?, ?, ?)",
        [
            (p.person_id, p.is_hidden, p.is_contact, None if p.born is None else p.born.isoformat())
            for p in people
            if p.is_hidden or p.is_contact or p.born is not None
        ],
    )
