"""Writes who is who into the cache: only what changed since."""

import json
import sqlite3
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from mien.catalog import store
from mien.catalog.decided import draw, put_about, put_nobody
from mien.people.anchors import Anchor, Box
from mien.people.decisions import DecidedPerson, Decisions
from mien.people.membership import Grouping


@dataclass(frozen=True)
class Change:
    """What a new grouping changes in the cache: ids of rows to delete, and rows to write.

    Attributes:
        since: the `grouped` mark of what it was compared with; it holds for nothing else.
        decided: everybody of whom anything was decided.
        nobody: all figures that were said to be nobody.
        drawn: places that decisions point at and no engine sees → the person; figures are drawn by hand there.
        photos: those that have drawn figures now.
    """

    since: str | None
    people_gone: Sequence[str]
    people: Sequence[tuple[str, str | None]]
    members_gone: Sequence[str]
    members: Sequence[tuple[str, str, str, float, int | None]]
    decided: Sequence[DecidedPerson]
    nobody: Sequence[str]
    drawn: Mapping[Anchor, str | None]
    photos: Set[str]


def waiting(connection: sqlite3.Connection) -> int:
    """At how many places decisions point that lie in no photo of the library now. They hold as soon as it returns."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'waiting'").fetchone()
    return 0 if row is None else int(row[0])


def change_of(connection: sqlite3.Connection, grouping: Grouping, decisions: Decisions, since: str | None) -> Change:
    """What the cache lacks of `grouping`, and what it has too much."""
    people = {person.person_id: person.name for person in grouping.people}
    known = dict(connection.execute("SELECT person_id, name FROM people"))
    ranks = {figure: rank for person in grouping.people for rank, figure in enumerate(person.key_figures)}
    wanted = {
        figure: (figure, member.person_id, member.source, member.confidence, ranks.get(figure))
        for figure, member in grouping.memberships.items()
        if member.person_id is not None
    }
    there = {row[0]: row for row in connection.execute("SELECT * FROM membership")}
    by_hand = dict(connection.execute("SELECT figure_id, photo_id FROM figures WHERE ordinal IS NULL"))
    return Change(
        since=since,
        people_gone=list(known.keys() - people.keys()),
        people=[row for row in people.items() if row[0] not in known or known[row[0]] != row[1]],
        members_gone=list(there.keys() - wanted.keys() - by_hand.keys()),
        members=[row for figure, row in wanted.items() if there.get(figure) != row],
        decided=list(decisions.people.values()),
        nobody=[figure for figure, m in grouping.memberships.items() if m.person_id is None and m.source == "decided"],
        drawn=grouping.unplaced,
        photos=set(by_hand.values()),
    )


def put(connection: sqlite3.Connection, change: Change) -> None:
    """Have the people in the cache be those that `change` leads to."""
    connection.executemany("DELETE FROM people WHERE person_id = ?", [(i,) for i in change.people_gone])
    connection.executemany("INSERT OR REPLACE INTO people VALUES (?, ?)", change.people)
    connection.executemany("DELETE FROM membership WHERE figure_id = ?", [(i,) for i in change.members_gone])
    put_about(connection, change.decided)
    put_nobody(connection, change.nobody)
    drawn = _draw(connection, change.drawn, change.photos)
    connection.executemany(
        "DELETE FROM membership WHERE figure_id = ?", [(figure,) for figure, shown in drawn.items() if not shown]
    )
    connection.executemany(
        "INSERT OR REPLACE INTO membership SELECT ?1, ?2, ?3, ?4, ?5"
        " WHERE EXISTS (SELECT 1 FROM figures WHERE figure_id = ?1)",
        [*change.members, *((figure, shown, "decided", 1.0, None) for figure, shown in drawn.items() if shown)],
    )
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('waiting', ?)", (len(change.drawn) - len(drawn),))


def _draw(
    connection: sqlite3.Connection, unplaced: Mapping[Anchor, str | None], photos: Set[str]
) -> dict[str, str | None]:
    """Give each place that decisions point at and no engine sees a figure drawn by hand: its id → the person.

    Those that `photos` have and nobody points at any more are deleted.
    """
    present = {
        photo_id
        for (photo_id,) in connection.execute(
            "SELECT photo_id FROM files WHERE photo_id IN (SELECT value FROM json_each(?)) AND state != 'missing'",
            (json.dumps(sorted({anchor.photo_id for anchor in unplaced})),),
        )
    }
    drawn = {
        _place(anchor): figure_id
        for photo_id in photos | present
        for figure_id, anchor in store.anchors(connection, photo_id, by_hand=True)
    }
    people: dict[str, str | None] = {}
    for anchor in sorted((a for a in unplaced if a.photo_id in present), key=_place):
        figure_id = drawn.get(_place(anchor)) or draw(connection, anchor)
        people[figure_id] = unplaced[anchor]
    connection.executemany(
        "DELETE FROM figures WHERE figure_id = ?",
        [(figure_id,) for figure_id in drawn.values() if figure_id not in people],
    )
    return people


def _place(anchor: Anchor) -> tuple[str, Box, bytes]:
    return anchor.photo_id, anchor.box, anchor.mask
