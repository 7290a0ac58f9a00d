"""What a decision plainly says is shown at once; what follows from it, when people are grouped anew.

Grouping a large library takes a minute. Until then a group that is said to be somebody is them as a whole, as grouping
will nearly always leave it. The cache is marked as not following the decisions, so that whatever is shown here is
grouped over.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from mien.catalog import store
from mien.catalog.decided import draw, put_person, shown_people
from mien.catalog.journal import Entry
from mien.catalog.library import Library
from mien.indexing.meaning import standing
from mien.people.anchors import Anchor
from mien.people.decisions import DecidedPerson, person_of
from mien.people.ledger import Held, Ledger
from mien.people.retelling import Told
from mien.people.statements import Statement


def show(library: Library, statement: Statement, entry: Entry, ledger: Ledger, groups: Collection[str] = ()) -> None:
    """Show what `statement` says, which `entry` made and `ledger` holds.

    `groups`: the ids of people and groups who as a whole are its person now.
    """
    statement = statement.follow(ledger.heirs)
    with library.catalog.write() as connection:
        person_id = None if statement.person_id is None else ledger.who(statement.person_id)
        person = None if person_id is None else person_of(ledger, person_id)
        if person_id is not None and person is not None:
            put_person(connection, person)
            joining = set() if statement.kind == "split" else {*groups, *statement.merged}
            for was in sorted(joining - {person_id}):
                _join(connection, was, person_id)
        figures = _settle(connection, statement.anchors, ledger)
        if statement.kind == "reject":
            _release(connection, figures.values())
        elif statement.kind == "different":
            _part(connection, [figures[a] for a in statement.anchors if a in figures])
        _mark(connection, entry)


def show_again(library: Library, statements: Iterable[Statement], entry: Entry, told: Told) -> None:
    """Show what holds after `entry`, which took back or brought back these. Joined groups come apart later."""
    people, ledger = told.decisions.people, told.ledger
    with library.catalog.write() as connection:
        for shown in shown_people(connection):
            now = people.get(shown.person_id, DecidedPerson(shown.person_id, None, frozenset()))
            if replace(now, anchors=frozenset(), heights=()) != shown:
                put_person(connection, now)
        for statement in statements:
            statement = statement.follow(ledger.heirs)
            if (person := people.get(statement.person_id or "")) is not None:
                put_person(connection, person)
            _settle(connection, statement.anchors, ledger)
        _mark(connection, entry)


def _join(connection: sqlite3.Connection, was: str, person_id: str) -> None:
    """All who were `was` are `person_id`."""
    connection.execute(
        "UPDATE membership SET person_id = ?1, key_rank = CASE WHEN EXISTS"
        " (SELECT 1 FROM membership WHERE person_id = ?1) THEN NULL ELSE key_rank END WHERE person_id = ?2",
        (person_id, was),
    )
    connection.execute("DELETE FROM people WHERE person_id = ?", (was,))
    connection.execute("DELETE FROM about_people WHERE person_id = ?", (was,))


def _settle(connection: sqlite3.Connection, anchors: Sequence[Anchor], ledger: Ledger) -> dict[Anchor, str]:
    """Have the figures at these places be as the ledger has it; which figures they are."""
    held, figures = ledger.holds(anchors), standing(connection, anchors)
    for anchor, holds in held.items():
        figure = figures.get(anchor)
        if figure is None and (holds.is_drawn or holds.owner is not None) and _is_there(connection, anchor.photo_id):
            figure = figures[anchor] = draw(connection, anchor)
        if figure is not None:
            _settle_figure(connection, figure, holds)
    return figures


def _settle_figure(connection: sqlite3.Connection, figure: str, holds: Held) -> None:
    connection.execute("DELETE FROM nobody WHERE figure_id = ?", (figure,))
    if holds.owner is not None:
        connection.execute(
            "INSERT INTO membership (figure_id, person_id, source, confidence) VALUES (?, ?, 'decided', 1)"
            " ON CONFLICT DO UPDATE SET source = excluded.source, confidence = excluded.confidence,"
            " key_rank = CASE WHEN person_id = excluded.person_id THEN key_rank END, person_id = excluded.person_id",
            (figure, holds.owner),
        )
        return
    connection.execute("UPDATE membership SET source = 'inferred' WHERE figure_id = ?", (figure,))
    if not holds.is_drawn:
        connection.execute("DELETE FROM figures WHERE figure_id = ? AND ordinal IS NULL", (figure,))
    if holds.is_nobody:
        _release(connection, [figure])
        connection.execute("INSERT INTO nobody SELECT figure_id FROM figures WHERE figure_id = ?", (figure,))


def _release(connection: sqlite3.Connection, figures: Iterable[str]) -> None:
    """Who these figures are is open now."""
    connection.execute(
        "DELETE FROM membership WHERE source = 'inferred' AND figure_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(figures)),),
    )


def _part(connection: sqlite3.Connection, figures: Sequence[str]) -> None:
    """Of two figures that are shown as one person, have the less sure one be open."""
    rows = connection.execute(
        "SELECT figure_id, person_id FROM membership WHERE figure_id IN (SELECT value FROM json_each(?))"
        " ORDER BY source = 'decided', confidence, figure_id",
        (json.dumps(list(figures)),),
    ).fetchall()
    if len(rows) > 1 and rows[0][1] == rows[1][1]:
        _release(connection, [rows[0][0]])


def _is_there(connection: sqlite3.Connection, photo_id: str) -> bool:
    row = connection.execute("SELECT 1 FROM files WHERE photo_id = ? AND state != 'missing'", (photo_id,)).fetchone()
    return row is not None


def _mark(connection: sqlite3.Connection, decision: Entry) -> None:
    """The people are those of no grouping now (see `regroup`): the next one is compared with all of them."""
    mark = f"{store.generation(connection)} until {decision.id} is followed"
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('grouped', ?)", (mark,))
