"""What a run stores beside the photos' contents: where files are now, and what is no longer kept.

Everything goes in short transactions, so that people can be named meanwhile; a run may be killed between any two.
"""

import itertools
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from mien.catalog import store
from mien.catalog.library import Library
from mien.catalog.store import FileStat, State
from mien.indexing import plan as planning
from mien.indexing import presence

BATCH = 300
"""Rows of one transaction: 5 ms where files moved, 40 ms where photos and their figures are dropped."""

FORGET_AFTER = timedelta(days=30)
"""What was derived of a deleted photo is kept this long, should it return; what was said of it is kept for ever."""

Item = TypeVar("Item")


def accept(
    library: Library, plan: planning.Plan, gone: Mapping[str, State], films: Mapping[str, str | None]
) -> set[str]:
    """Store what the walk alone tells. Returns the files that a run was killed over."""

    def pair(connection: sqlite3.Connection, paths: Iterable[str]) -> None:
        store.put_live(connection, {path: films[path] for path in paths if path in films})

    def move(connection: sqlite3.Connection, batch: Iterable[tuple[str, FileStat]]) -> None:
        for old, stat in batch:
            store.put_stat(connection, old, stat, reread=plan.work.get(stat.path) == "read")
            pair(connection, [stat.path])
        store.bump(connection)

    def confirm(connection: sqlite3.Connection, batch: Iterable[FileStat]) -> None:
        for stat in batch:
            store.put_stat(connection, stat.path, stat)
        store.bump(connection)

    # Films first: it is by the moves and losses stored after them that a next run would know which to pair again.
    _in_batches(library, films, pair)
    _in_batches(library, plan.moved.items(), move)
    _in_batches(library, plan.confirmed, confirm)
    put_states(library, gone)
    with library.catalog.read() as connection:
        return store.inflight(connection)


def put_states(library: Library, states: Mapping[str, State]) -> None:
    """Store whether these known files are there."""

    def put(connection: sqlite3.Connection, batch: Iterable[tuple[str, State]]) -> None:
        store.put_states(connection, dict(batch))
        store.bump(connection)

    _in_batches(library, states.items(), put)


def left_behind(
    library: Library, found: Iterable[str], known: planning.Library, gone: Mapping[str, State]
) -> dict[str, State]:
    """Old paths of photos that this run found elsewhere, and which are really gone from there: they have moved."""
    with library.catalog.read() as connection:
        now = store.known_files(connection)
    arrived = {now[path].photo_id for path in set(found) - known.files.keys() if path in now} - {None}
    moved: dict[str, State] = {
        path: "missing"
        for path, file in known.files.items()
        if file.photo_id in arrived and gone.get(path, file.state) != "missing"
        if not os.path.lexists(path) and presence.volume_at(path) == file.stat.volume
    }
    put_states(library, moved)
    return moved


def drop_files(library: Library, paths: Iterable[str]) -> None:
    """Forget these known files; `tidy` then drops what was kept of their photos."""

    def drop(connection: sqlite3.Connection, batch: Iterable[str]) -> None:
        store.drop_files(connection, batch)
        store.bump(connection)

    _in_batches(library, paths, drop)


def tidy(library: Library) -> None:
    """Drop what is kept of photos that no file holds any more, such as those before an edit, and by older networks.

    Only for the holder of the indexing lock, once all it wrote is in the tables: a blob is written before its row.
    """
    with library.catalog.read() as connection:
        forgotten = store.missing_before(connection, datetime.now(UTC) - FORGET_AFTER)
    _in_batches(library, forgotten, store.drop_files)
    with library.catalog.read() as connection:
        orphans = store.orphans(connection)
    _in_batches(library, orphans, store.drop_photos)
    library.blobs.sweep()
    with library.catalog.read() as connection:
        wanted = store.blobs(connection)
    for kind, names in wanted.items():
        for name in library.blobs.names(kind) - names:
            library.blobs.drop(kind, name)


def _in_batches(
    library: Library, items: Iterable[Item], write: Callable[[sqlite3.Connection, list[Item]], None]
) -> None:
    rest = iter(items)
    while batch := list(itertools.islice(rest, BATCH)):
        with library.catalog.write() as connection:
            write(connection, batch)
