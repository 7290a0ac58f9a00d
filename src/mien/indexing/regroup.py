"""Who is who, made anew from the figures in the cache and the decisions in the journal."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import mien
from mien.catalog import store
from mien.catalog.embedding import put_record
from mien.catalog.library import Library
from mien.indexing import embedding
from mien.indexing.heritage import decided
from mien.indexing.recall import ids_in_use, seen
from mien.indexing.settling import change_of, put
from mien.people.article import group_article
from mien.people.baselines import group_average, group_hdbscan
from mien.people.decisions import Decisions
from mien.people.grouping import fingerprint, group
from mien.people.membership import Grouping, keep_ids
from mien.people.sighting import Sighting

Method = Literal["default", "average", "hdbscan", "article"]

METHODS: dict[Method, Callable[[Sequence[Sighting], Decisions, Callable[[], None]], Grouping]] = {
    "default": group,
    "average": group_average,
    "hdbscan": group_hdbscan,
    "article": group_article,
}

VERSION = 2
"""Raised when a library should be grouped again although neither its figures nor its decisions changed."""

ATTEMPTS = 3


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
            decisions, known, used = decided(library), seen(connection), ids_in_use(connection)
            embedder = embedding.learn(library.folder, connection, known, decisions)
            known = embedding.described(connection, known, embedder)
        grouping = keep_ids(METHODS[before.method](known, decisions, watch), decisions.people, used)
        with library.catalog.read() as connection:
            change = change_of(connection, grouping, decisions, mark_of(connection))
        with library.catalog.write() as connection:
            now, grouped = _state(library, connection, method), mark_of(connection)
            decided_since = now.followed != before.followed
            if grouped == str(now) != str(before) or (decided_since and _followed(grouped) == now.followed):
                return  # another process was quicker, and knew more
            if decided_since and attempt < ATTEMPTS:
                continue
            is_meant = grouped == change.since
            put(connection, change if is_meant else change_of(connection, grouping, decisions, grouped))
            put_record(connection, embedder)
            connection.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", [("grouped", str(before)), ("method", before.method)]
            )
            return


def is_current(library: Library) -> bool:
    """Whether the people in the cache are those of its figures and of all decisions."""
    with library.catalog.read() as connection:
        return mark_of(connection) == str(_state(library, connection))


def follows_decisions(library: Library) -> bool:
    """Whether the people in the cache are as decided and grouped as they should be, save for figures new since then.

    Those are grouped by the index run that finds them.
    """
    with library.catalog.read() as connection:
        return _followed(mark_of(connection)) == _state(library, connection).followed


def keep_following(library: Library, since: str, entry: str) -> None:
    """What was decided after the entry `since`, up to `entry` (ids), says nothing of who anybody is: if the people
    followed what was decided before, they still do."""
    with library.catalog.write() as connection:
        mark = mark_of(connection)
        if _followed(mark) == _state(library, connection, head=since).followed:
            followed = _state(library, connection, head=entry).followed
            generation = (mark or "").partition(" ")[0]
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('grouped', ?)", (f"{generation} {followed}",))


def method_of(connection: sqlite3.Connection) -> Method:
    """How the people in the cache were grouped last."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'method'").fetchone()
    return "default" if row is None else row[0]


@dataclass(frozen=True)
class _State:
    """Equal for equal input of grouping: which figures there are, and what else the people follow from."""

    generation: int
    method: Method
    followed: str

    def __str__(self) -> str:
        return f"{self.generation} {self.followed}"


def _state(
    library: Library, connection: sqlite3.Connection, method: Method | None = None, head: str | None = None
) -> _State:
    """As of the journal's entry `head`, by default its last."""
    method = method or method_of(connection)
    embedder = embedding.mark(library.folder)
    head = library.journal.head if head is None else head
    followed = f"{head} {method} {VERSION} {mien.__version__} {fingerprint()} {embedder}"
    return _State(store.generation(connection), method, followed)


def mark_of(connection: sqlite3.Connection) -> str | None:
    """The state that the people in the cache were made of, if they ever were."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'grouped'").fetchone()
    return None if row is None else str(row[0])


def _followed(mark: str | None) -> str:
    """What the people of this mark follow from, apart from the figures."""
    return (mark or "").partition(" ")[2]
