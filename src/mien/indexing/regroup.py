"""Who is who, made anew from the figures in the cache and the decisions in the journal."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np

import mien
from mien.catalog import store
from mien.catalog.cache import Catalog
from mien.catalog.decided import draw, put_about, put_nobody
from mien.catalog.embedding import put_record, record
from mien.catalog.library import Library
from mien.indexing import embedding
from mien.indexing.heritage import decided
from mien.people.anchors import Anchor, Box
from mien.people.article import group_article
from mien.people.baselines import group_average, group_hdbscan
from mien.people.decisions import DecidedPerson, Decisions
from mien.people.grouping import fingerprint, group
from mien.people.membership import Grouping, Membership, Person, keep_ids
from mien.people.sighting import Sighting

Method = Literal["default", "average", "hdbscan", "article"]

METHODS: dict[Method, Callable[[Sequence[Sighting], Decisions, Callable[[], None]], Grouping]] = {
    "default": group,
    "average": group_average,
    "hdbscan": group_hdbscan,
    "article": group_article,
}

VERSION = 1
"""Raised when a library should be grouped again although neither its figures nor its decisions changed."""

ATTEMPTS = 3


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


def regroup(library: Library, method: Method | None = None, watch: Callable[[], None] = lambda: None) -> None:
    """Group all figures anew, by what was decided until now; by default with the method chosen last.

    `watch` is called many times a second while that goes on; what it raises ends it, and nothing has changed.

    Safe while an index run goes on or somebody names people in another process: if decisions were added in the
    meantime, this is done again (if they never stop, then whoever adds them groups at the end); if figures were, the
    run that adds them groups at its end.
    """
    for attempt in range(1, ATTEMPTS + 1):
        with library.catalog.read() as connection:
            before = _state(library, connection, method)
            decisions, seen, used = decided(library), _seen(connection), _ids(connection)
            embedder = embedding.learn(library.folder, connection, seen, decisions)
            seen = embedding.described(connection, seen, embedder)
        grouping = keep_ids(METHODS[before.method](seen, decisions, watch), decisions.people, used)
        with library.catalog.read() as connection:
            change = _change(connection, grouping, decisions)
        with library.catalog.write() as connection:
            now, grouped = _state(library, connection, method), _mark(connection)
            decided_since = now.followed != before.followed
            if grouped == str(now) != str(before) or (decided_since and _followed(grouped) == now.followed):
                return  # another process was quicker, and knew more
            if decided_since and attempt < ATTEMPTS:
                continue
            _put(connection, change if grouped == change.since else _change(connection, grouping, decisions))
            put_record(connection, embedder)
            connection.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", [("grouped", str(before)), ("method", before.method)]
            )
            return


def is_current(library: Library) -> bool:
    """Whether the people in the cache are those of its figures and of all decisions."""
    with library.catalog.read() as connection:
        return _mark(connection) == str(_state(library, connection))


def follows_decisions(library: Library) -> bool:
    """Whether the people in the cache are as decided and grouped as they should be, save for figures new since then.

    Those are grouped by the index run that finds them.
    """
    with library.catalog.read() as connection:
        return _followed(_mark(connection)) == _state(library, connection).followed


def waiting(connection: sqlite3.Connection) -> int:
    """At how many places decisions point that lie in no photo of the library now. They hold as soon as it returns."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'waiting'").fetchone()
    return 0 if row is None else int(row[0])


def method_of(connection: sqlite3.Connection) -> Method:
    """How the people in the cache were grouped last."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'method'").fetchone()
    return "default" if row is None else row[0]


def sightings(connection: sqlite3.Connection, figures: Sequence[str] | None = None) -> list[Sighting]:
    """Every figure that an engine sees in a photo of the library; only those among `figures` (ids), if given.

    Their faces are as the embedder describes them by which people were grouped last.
    """
    return embedding.described(connection, _seen(connection, figures), record(connection))


def _seen(connection: sqlite3.Connection, figures: Sequence[str] | None = None) -> list[Sighting]:
    """The same with the built-in vectors."""
    rows = connection.execute(
        """
        SELECT figure_id, photo_id, x0, y0, x1, y1, face_x0, face_y0, face_x1, face_y1, mask, face_vector, face_usable,
            appearance, article, perceptual_hash,
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
            article=None if article is None else np.frombuffer(article, "<f8").astype(np.float64),
        )
        for figure_id, photo_id, *numbers, mask, vector, usable, appearance, article, look, path in rows
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


def _ids(connection: sqlite3.Connection) -> dict[str, int]:
    """The ids that unnamed people go by, and how many figures each has."""
    rows = connection.execute(
        "SELECT person_id, count(*) FROM membership JOIN people USING (person_id) WHERE name IS NULL GROUP BY person_id"
    )
    return dict(rows.fetchall())


def _change(connection: sqlite3.Connection, grouping: Grouping, decisions: Decisions) -> Change:
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
        since=_mark(connection),
        people_gone=list(known.keys() - people.keys()),
        people=[row for row in people.items() if row[0] not in known or known[row[0]] != row[1]],
        members_gone=list(there.keys() - wanted.keys() - by_hand.keys()),
        members=[row for figure, row in wanted.items() if there.get(figure) != row],
        decided=list(decisions.people.values()),
        nobody=[figure for figure, m in grouping.memberships.items() if m.person_id is None and m.source == "decided"],
        drawn=grouping.unplaced,
        photos=set(by_hand.values()),
    )


def _put(connection: sqlite3.Connection, change: Change) -> None:
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


@dataclass(frozen=True)
class _State:
    """Equal for equal input of grouping: which figures there are, and what else the people follow from."""

    generation: int
    method: Method
    followed: str

    def __str__(self) -> str:
        return f"{self.generation} {self.followed}"


def _state(library: Library, connection: sqlite3.Connection, method: Method | None = None) -> _State:
    method = method or method_of(connection)
    embedder = embedding.mark(library.folder)
    followed = f"{library.journal.head} {method} {VERSION} {mien.__version__} {fingerprint()} {embedder}"
    return _State(store.generation(connection), method, followed)


def _mark(connection: sqlite3.Connection) -> str | None:
    """The state that the people in the cache were made of, if they ever were."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'grouped'").fetchone()
    return None if row is None else str(row[0])


def _followed(mark: str | None) -> str:
    """What the people of this mark follow from, apart from the figures."""
    return (mark or "").partition(" ")[2]


def _moment(taken_at: str | None) -> datetime | None:
    """A date alone is no moment."""
    return None if taken_at is None or len(taken_at) == len("2026-01-01") else datetime.fromisoformat(taken_at)
