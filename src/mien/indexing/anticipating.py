"""What a decision plainly says is shown at once; what follows from it, when people are grouped anew.

Grouping a large library takes a minute. Until then a named group goes by its name as a whole, as grouping will nearly
always leave it. The cache is marked as not following the decisions, so that whatever is shown here is grouped over.
"""

import json
import sqlite3
from collections.abc import Collection

from mien.catalog import store
from mien.catalog.journal import Entry
from mien.catalog.library import Library
from mien.people.decisions import replay


def show_name(library: Library, was: str, decision: Entry, seen: Collection[str]) -> None:
    """Have the person whose id `was` this be who the `name` decision says; the figures `seen` are decided."""
    person_id, name = decision.body["person_id"], decision.body["name"]
    with library.catalog.write() as connection:
        connection.execute("INSERT OR REPLACE INTO people VALUES (?, ?)", (person_id, name))
        if was != person_id:
            connection.execute(
                "UPDATE membership SET person_id = ?1, key_rank = CASE WHEN EXISTS"
                " (SELECT 1 FROM membership WHERE person_id = ?1) THEN NULL ELSE key_rank END WHERE person_id = ?2",
                (person_id, was),
            )
            connection.execute("DELETE FROM people WHERE person_id = ?", (was,))
        connection.execute(
            "INSERT INTO membership (figure_id, person_id, source, confidence)"
            " SELECT value, ?, 'decided', 1 FROM json_each(?) WHERE true"
            " ON CONFLICT DO UPDATE SET source = excluded.source, confidence = excluded.confidence",
            (person_id, json.dumps(list(seen))),
        )
        _mark(connection, decision)


def show_undo(library: Library, undo: Entry) -> None:
    """Have everybody go by the name that holds after `undo`; groups that were joined come apart later."""
    names = {person.person_id: person.name for person in replay(library.journal.entries()).people.values()}
    with library.catalog.write() as connection:
        known = connection.execute("SELECT person_id, name FROM people WHERE name IS NOT NULL").fetchall()
        connection.executemany(
            "UPDATE people SET name = ?2 WHERE person_id = ?1",
            [(person_id, names.get(person_id)) for person_id, name in known if names.get(person_id) != name],
        )
        _mark(connection, undo)


def _mark(connection: sqlite3.Connection, decision: Entry) -> None:
    """The people are those of no grouping now (see `regroup`): the next one is compared with all of them."""
    mark = f"{store.generation(connection)} until {decision.id} is followed"
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('grouped', ?)", (mark,))
