"""Naming: a human's word is kept in the journal, and the people shown follow it.

`name` and `undo` return when they do. In a large library that takes a minute, so whoever cannot wait uses `say` and
`take_back`, which return at once, and has `up_to_date` called then.
"""

import contextlib
import json
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mien.catalog.journal import Entry
from mien.catalog.library import Library
from mien.errors import LibraryError, UnknownName
from mien.indexing import anticipating
from mien.indexing.heritage import decided
from mien.indexing.regroup import follows_decisions, grouping_of, regroup
from mien.people.anchors import Anchor
from mien.people.decisions import DecidedPerson, replay, undo_decision
from mien.people.membership import Person
from mien.people.naming import find_person, name_decision, tidy


@dataclass(frozen=True)
class Named:
    """The decision, and the person as it now is."""

    decision: Entry
    person: Person


def up_to_date(library: Library) -> None:
    """Before people are shown: have them follow all decisions, if a process was killed between the two.

    Figures that an index run is just adding are left to its own grouping.
    """
    if not follows_decisions(library):
        regroup(library)


def name(library: Library, reference: str, said: str) -> Named:
    """Call the person that `reference` means (see `find_person`) `said`; or the figure whose id it is, if that was
    held to be nobody. Raises `UnknownName` and `LibraryError`.

    The decision holds even if what follows it is cut short.
    """
    up_to_date(library)
    with library.catalog.read() as connection:  # one state throughout, whatever an index run is doing
        try:
            person_id = find_person(grouping_of(library.catalog), reference).person_id
        except UnknownName as error:
            if error.code != "no-such-person":
                raise
            person_id = reference
        body, _ = _decision(library, connection, person_id, said)
    decision = library.journal.append("name", body)
    _follow(library)
    return Named(decision, find_person(grouping_of(library.catalog), decision.body["person_id"]))


def undo(library: Library, decision: str | None = None) -> Entry:
    """Take back the last decision that still holds, which is returned. Raises `UnknownName` if there is none.

    With `decision`, also if it is not the one with this id.
    """
    taken_back, _ = _take_back(library, decision)
    _follow(library)
    return taken_back


def say(library: Library, person_id: str, said: str) -> Entry:
    """Like `name`, but the people follow later; until then all who were held to be this person go by the name.

    `person_id` may be that of a figure who is held to be nobody: too little is seen of it to tell, but a human can.
    The decision is returned; its body has the `person_id` that the person has now.
    """
    with library.catalog.read() as connection:
        body, seen = _decision(library, connection, person_id, said)
    decision = library.journal.append("name", body)
    with contextlib.suppress(LibraryError):  # it holds, however it is shown
        anticipating.show_name(library, person_id, decision, seen)
    return decision


def take_back(library: Library, decision: str | None = None) -> Entry:
    """Like `undo`, but the people follow later; until then only the names do."""
    taken_back, entry = _take_back(library, decision)
    with contextlib.suppress(LibraryError):
        anticipating.show_undo(library, entry)
    return taken_back


def namesake(library: Library, person_id: str, said: str) -> DecidedPerson | None:
    """The other person whom naming this one `said` would make them. Raises `UnknownName` for what is no name."""
    others = replay(library.journal.entries()).named(tidy(said))
    return next((other for other in others if other.person_id != person_id), None)


def _decision(
    library: Library, connection: sqlite3.Connection, person_id: str, said: str
) -> tuple[dict[str, Any], list[str]]:
    """The body of the decision, and the figures that it is held to have been made by."""
    person = _person(connection, person_id)
    # Key figures first; a photo may have gone missing since people were grouped.
    places = _places(connection, person.key_figures) or _places(connection, person.figures)
    if not places and person.name is None:
        raise UnknownName("no-such-person", reference=person_id)
    return name_decision(person, decided(library), said, places, seen=list(places)), list(places)


def _person(connection: sqlite3.Connection, person_id: str) -> Person:
    """As grouping left them; whenever they were seen does not matter here."""
    row = connection.execute("SELECT name FROM people WHERE person_id = ?", (person_id,)).fetchone()
    if row is None:
        if is_nobody(connection, person_id):
            return Person(person_id, None, (person_id,), (person_id,), None, None)
        raise UnknownName("no-such-person", reference=person_id)
    members = connection.execute(
        "SELECT figure_id, key_rank FROM membership WHERE person_id = ? ORDER BY key_rank NULLS LAST, figure_id",
        (person_id,),
    ).fetchall()
    keys = tuple(figure_id for figure_id, rank in members if rank is not None)
    return Person(person_id, row[0], tuple(figure_id for figure_id, _ in members), keys, None, None)


def is_nobody(connection: sqlite3.Connection, figure_id: str) -> bool:
    """Whether this is a figure of whom grouping says nothing."""
    row = connection.execute(
        "SELECT 1 FROM figures WHERE figure_id = ?1 AND NOT EXISTS (SELECT 1 FROM membership WHERE figure_id = ?1)",
        (figure_id,),
    ).fetchone()
    return row is not None


def _places(connection: sqlite3.Connection, figures: Sequence[str]) -> dict[str, Anchor]:
    """Where those of `figures` stand that an engine sees in a photo of the library."""
    rows = connection.execute(
        """
        SELECT figure_id, photo_id, x0, y0, x1, y1, face_x0, face_y0, face_x1, face_y1, mask, perceptual_hash,
            (SELECT min(path) FROM files WHERE files.photo_id = photos.photo_id AND state != 'missing') AS first_path
        FROM figures JOIN evidence USING (figure_id) JOIN photos USING (photo_id)
        WHERE ordinal IS NOT NULL AND first_path IS NOT NULL
            AND figure_id IN (SELECT value FROM json_each(?))
        """,
        (json.dumps(list(figures)),),
    )
    return {
        figure_id: Anchor(
            photo_id, (x0, y0, x1, y1), mask, None if face[0] is None else tuple(face), os.fsdecode(path), look
        )
        for figure_id, photo_id, x0, y0, x1, y1, *face, mask, look, path in rows
    }


def _take_back(library: Library, decision: str | None) -> tuple[Entry, Entry]:
    """What was taken back, and the decision that does."""
    entries = library.journal.entries()
    body = undo_decision(entries, decision)
    entry = library.journal.append("undo", body)
    return next(e for e in entries if e.id == body["of"]), entry


def _follow(library: Library) -> None:
    """Have the people follow a decision that was just written. Raises `LibraryError` that says that it holds."""
    try:
        regroup(library)
    except LibraryError as error:
        raise LibraryError("decision-kept", reason=error.message()) from error
