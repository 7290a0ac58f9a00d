"""Reviewing: the questions about people that are worth an answer, and what answers do.

The questions are made of the grouping in the cache and kept beside it. While people do not follow the decisions yet
(see `anticipating`), the kept ones are given, less those that were answered or that no longer make sense.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mien.catalog import store
from mien.catalog.library import Library
from mien.errors import UnknownName
from mien.indexing import deciding
from mien.indexing.deciding import Decided
from mien.indexing.heritage import decided
from mien.indexing.recall import grouping_of, sightings
from mien.indexing.regroup import follows_decisions
from mien.people.anchors import Box
from mien.people.evidence import Reason
from mien.people.questions import Question
from mien.people.questions import questions as ask
from mien.people.reasons import in_words
from mien.traits.traits import Traits, from_json

VERSION = 1
"""Raised when the same people are to be asked about in another way."""

KEPT = 200
"""Questions that are made at a time; answering so many changes what is worth asking."""

Said = Literal["same", "different", "unsure"]
"""Whether the two figures of a question are one person."""

_SHORTEST_PREFIX = 4


@dataclass(frozen=True)
class Shown:
    """One of the two figures of a question.

    Attributes:
        person_id: who it is shown as; None for nobody. `name`: what that person is called.
        photo_id, path: its photo, and one file of it.
        taken_at: ISO 8601, as in `listing.PhotoRow`.
        box: where it is, 0–1 of the upright photo, which has `width` and `height` px.
    """

    figure_id: str
    person_id: str | None
    name: str | None
    photo_id: str
    path: str
    taken_at: str | None
    box: Box
    width: int
    height: int


@dataclass(frozen=True)
class Asked:
    """A question, and the two figures that it is about as they are shown now; `why` is in the user's language."""

    question: Question
    figure: Shown
    other: Shown
    why: str

    @property
    def question_id(self) -> str:
        return self.question.question_id


def questions(library: Library, limit: int = 20, watch: Callable[[], None] = lambda: None) -> tuple[Asked, ...]:
    """What to ask, the most helpful question first, at most `limit` (and `KEPT`).

    Takes seconds in a large library if people were grouped since it was asked last, else next to nothing.
    `watch` is called many times a second meanwhile; what it raises ends it.
    """
    if follows_decisions(library):
        prepare(library, watch)
    return prepared(library, limit)


def prepared(library: Library, limit: int = 20) -> tuple[Asked, ...]:
    """The same, of the questions that were made last, whatever has changed since; at once."""
    with library.catalog.read() as connection:
        kept = [_read(data) for (data,) in connection.execute("SELECT data FROM questions ORDER BY rank")]
        return _shown(connection, kept)[:limit]


def is_prepared(library: Library) -> bool:
    """Whether the questions are about the people in the cache."""
    with library.catalog.read() as connection:
        return _is_prepared(connection)


def prepare(library: Library, watch: Callable[[], None] = lambda: None) -> None:
    """Make the questions anew, unless they are about the people in the cache. `watch` is called many times a second;
    what it raises ends this."""
    with library.catalog.read() as connection:
        if _is_prepared(connection):
            return
        mark = _mark(connection)
        found = ask(sightings(connection), grouping_of(library.catalog), decided(library), KEPT, watch)
    rows = [(rank, q.question_id, json.dumps(asdict(q), ensure_ascii=False)) for rank, q in enumerate(found)]
    with library.catalog.write() as connection:
        connection.execute("DELETE FROM questions")
        connection.executemany("INSERT OR IGNORE INTO questions VALUES (?, ?, ?)", rows)
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('asked', ?)", (mark,))


def question(library: Library, question_id: str) -> Asked:
    """The question that is meant by its id, or the beginning of it. Raises `UnknownName` if it is not asked now."""
    with library.catalog.read() as connection:
        rows = connection.execute(
            "SELECT data FROM questions WHERE substr(question_id, 1, ?) = ?", (len(question_id), question_id)
        ).fetchall()
        meant = _shown(connection, [_read(data) for (data,) in rows]) if len(question_id) >= _SHORTEST_PREFIX else ()
    if len(meant) != 1:
        raise UnknownName("no-such-question", reference=question_id)
    return meant[0]


def answer(library: Library, question_id: str, said: Said, *, follow: bool = True) -> Decided:
    """Whether the two figures of a question are one person. For `follow` see `deciding`, for what it raises too."""
    return settle(library, question(library, question_id), said, follow=follow)


def settle(library: Library, asked: Asked, said: Said, *, follow: bool = True) -> Decided:
    """The same for a question that was shown, whether or not it would be asked still."""
    figure, other, person_id = asked.figure.figure_id, asked.other.figure_id, asked.other.person_id
    if said == "unsure":
        done = deciding.unsure(library, figure, other, follow=follow)
    elif asked.question.kind == "doubt" and person_id is not None:
        if said == "same":
            done = deciding.confirm(library, [figure], person_id, follow=follow)
        else:
            done = deciding.reject(library, figure, follow=follow)
    elif said == "same":
        done = deciding.same(library, figure, other, follow=follow)
    else:
        done = deciding.different(library, figure, other, follow=follow)
    with library.catalog.write() as connection:
        connection.execute("DELETE FROM questions WHERE question_id = ?", (asked.question_id,))
    return done


def _is_prepared(connection: sqlite3.Connection) -> bool:
    return store.marks(connection, "asked")[1] == _mark(connection)


def _mark(connection: sqlite3.Connection) -> str:
    """Of questions about the people in the cache as they are now."""
    return f"{VERSION} {store.marks(connection, 'grouped')[1]}"


def _read(data: str) -> Question:
    record: dict[str, Any] = json.loads(data)
    reasons = tuple(Reason(r["kind"], r["log_odds"], r["facts"]) for r in record.pop("reasons"))
    return Question(**{**record, "person_ids": tuple(record["person_ids"])}, reasons=reasons)


def _shown(connection: sqlite3.Connection, asked: Sequence[Question]) -> tuple[Asked, ...]:
    """Those that make sense still: both figures are there, and were not joined, or parted, meanwhile."""
    figures, traits = _figures(connection, sorted({figure for q in asked for figure in (q.figure, q.other)}))
    found = []
    for q in asked:
        one, other = figures.get(q.figure), figures.get(q.other)
        if one is None or other is None:
            continue
        is_one = one.person_id is not None and one.person_id == other.person_id
        if is_one == (q.kind == "doubt"):
            found.append(Asked(q, one, other, in_words(q.reasons, traits.get(q.figure), traits.get(q.other))))
    return tuple(found)


def _figures(
    connection: sqlite3.Connection, figure_ids: Sequence[str]
) -> tuple[Mapping[str, Shown], Mapping[str, Traits]]:
    """Those of these figures that are in a photo of the library, and what can be said of them."""
    rows = connection.execute(
        """
        SELECT figure_id, person_id, name, photo_id, taken_at, x0, y0, x1, y1, width, height, traits,
            (SELECT min(path) FROM files WHERE files.photo_id = photos.photo_id AND state != 'missing') AS path
        FROM figures JOIN photos USING (photo_id) LEFT JOIN membership USING (figure_id)
            LEFT JOIN people USING (person_id) LEFT JOIN taken USING (photo_id)
        WHERE path IS NOT NULL AND figure_id IN (SELECT value FROM json_each(?))
        """,
        (json.dumps(figure_ids),),
    )
    shown, traits = {}, {}
    for figure_id, person_id, name, photo_id, taken_at, x0, y0, x1, y1, width, height, described, path in rows:
        shown[figure_id] = Shown(
            figure_id, person_id, name, photo_id, os.fsdecode(path), taken_at, (x0, y0, x1, y1), width, height
        )
        if described != "{}":
            traits[figure_id] = from_json(json.loads(described))
    return shown, traits
