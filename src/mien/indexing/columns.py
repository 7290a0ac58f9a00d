"""The columns that questions are answered from: made of the catalog's rows, kept current, and kept in a file."""

import io
import json
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from mien import durably
from mien.catalog import store
from mien.catalog.library import Library
from mien.search import cells, columns_file
from mien.search.columns import Columns, FigureSeen, Person, PhotoSeen, day_number, person_key
from mien.traits import lexicon

WORTH_KEEPING: Final = 0.01
"""A file is written when more than this share of the photos changed since the last: the rest is quickly read again."""

_AT_ONCE = 5_000
_DATE = len("2024-05-01")
_FEW = 500
"""Photos; of more than that, what was taken when is read of all at once."""


@dataclass(frozen=True, eq=False)
class Kept:
    """Columns of the tables `made` as they were after the change `serial`; `unsaved`: how many photos and figures
    changed since those that are in the file."""

    columns: Columns
    made: str
    serial: int
    unsaved: int = 0


_kept: WeakKeyDictionary[Library, Kept] = WeakKeyDictionary()
_lock = threading.Lock()


def current(library: Library, watch: Callable[[], None] = lambda: None) -> Columns:
    """The columns of what the catalog holds now.

    Next to nothing if nothing changed; else what changed is read again. Where there are none yet, or those of another
    edition, all is read: about a minute for a million figures. `watch` is called many times a second meanwhile.
    """
    with _lock, library.catalog.read() as connection:
        (made,), serial = store.marks(connection), _serial(connection)
        kept = _kept.get(library) or _stored(library, str(made))
        if kept is None or kept.made != made or kept.serial > serial:
            kept = Kept(_all(connection, watch), str(made), serial)
            _store(library, kept)
        elif kept.serial < serial:
            kept = _renewed(connection, kept, serial, watch)
            if kept.unsaved > WORTH_KEEPING * len(kept.columns.photo_ids):
                _store(library, kept)
                kept = Kept(kept.columns, kept.made, kept.serial)
        _kept[library] = kept
        return kept.columns


def memberships(library: Library) -> NDArray[np.uint8]:
    """`cells.memberships`, kept in a file: read in no time, and once a process."""
    return _memberships(_folder(library))


@lru_cache(maxsize=4)
def _memberships(folder: Path) -> NDArray[np.uint8]:
    sample = lexicon.memberships(cells.centres(np.arange(0, cells.CELLS, 331)))
    made_of = f"{cells.BITS} {cells.RIVALRY} {sorted(cells.COMMON.items())} {lexicon.source()}".encode()
    mark = sha256(made_of + np.round(sample, 6).tobytes()).hexdigest()[:16]
    file = folder / f"colours-{mark}.npy"
    with suppress(OSError, ValueError, EOFError):
        table: NDArray[np.uint8] = np.load(file)
        if table.shape == (cells.CELLS, len(cells.names())):
            return table
    table = cells.memberships()
    content = io.BytesIO()
    np.save(content, table)
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        durably.replace(file, content.getvalue())
    return table


def _renewed(connection: sqlite3.Connection, kept: Kept, serial: int, watch: Callable[[], None]) -> Kept:
    """With what changed since."""
    rows = connection.execute("SELECT what, id FROM changes WHERE serial > ?", (kept.serial,)).fetchall()
    photos = [i for what, i in rows if what == "photo"]
    figures = [i for what, i in rows if what == "person"]
    columns = kept.columns
    if photos:
        columns = columns.without(photos).joined(*_columns(connection, sorted(photos), watch))
    if figures:
        places = columns.rows_of(figures)
        there = np.flatnonzero(places >= 0)
        people = _people(connection, [figures[i] for i in there.tolist()])
        columns = columns.known(places[there], people)
    return Kept(columns, kept.made, serial, kept.unsaved + len(photos) + len(figures))


def _all(connection: sqlite3.Connection, watch: Callable[[], None]) -> Columns:
    photos = [photo_id for (photo_id,) in connection.execute("SELECT photo_id FROM photos ORDER BY photo_id")]
    return Columns.of([]).joined(*_columns(connection, photos, watch))


def _columns(connection: sqlite3.Connection, photos: Sequence[str], watch: Callable[[], None]) -> Iterator[Columns]:
    """Of those of these photos that are in the library, some at a time."""
    taken = dict(_taken(connection)) if len(photos) > _FEW else {}
    for start in range(0, len(photos), _AT_ONCE):
        part = photos[start : start + _AT_ONCE]
        seen = list(_photos(connection, part, taken if len(photos) > _FEW else dict(_taken(connection, part))))
        figures = _figures(connection, part)
        yield Columns.of([(photo, figures[photo.photo_id]) for photo in seen])
        watch()


def _taken(
    connection: sqlite3.Connection, photos: Sequence[str] | None = None
) -> Iterator[tuple[str, tuple[str, str]]]:
    """When photos were taken: all, or these; one at a time, as a join would look through all files."""
    query = "SELECT photo_id, taken_at, wall_time FROM taken"
    found = (
        [connection.execute(query)]
        if photos is None
        else (connection.execute(f"{query} WHERE photo_id = ?", (photo,)) for photo in photos)
    )
    for rows in found:
        for photo_id, taken_at, wall_time in rows:
            yield photo_id, (taken_at, wall_time)


def _photos(
    connection: sqlite3.Connection, photos: Sequence[str], taken: Mapping[str, tuple[str, str]]
) -> Iterator[PhotoSeen]:
    rows = connection.execute(
        """
        SELECT photo_id, width, height,
            (SELECT latitude || ' ' || longitude FROM files WHERE files.photo_id = photos.photo_id
                AND state != 'missing' AND latitude IS NOT NULL ORDER BY path LIMIT 1)
        FROM photos WHERE photo_id IN (SELECT value FROM json_each(?))
            AND EXISTS (SELECT 1 FROM files WHERE files.photo_id = photos.photo_id AND state != 'missing')
        """,
        (json.dumps(photos),),
    )
    for photo_id, width, height, place in rows:
        latitude, longitude = (None, None) if place is None else map(float, place.split())
        yield PhotoSeen(photo_id, width / height, *_clock(taken.get(photo_id)), latitude, longitude)


def _clock(taken: tuple[str, str] | None) -> tuple[int | None, int | None]:
    """Day and hour by the clock on the wall; no hour if only a date is known."""
    if taken is None:
        return None, None
    taken_at, wall_time = taken
    day = day_number(date.fromisoformat(wall_time[:10]))
    return day, int(wall_time[11:13]) if len(taken_at) > _DATE else None


def _figures(connection: sqlite3.Connection, photos: Sequence[str]) -> Mapping[str, Sequence[FigureSeen]]:
    rows = connection.execute(
        """
        SELECT photo_id, figures.figure_id, x0, y0, x1, y1, traits, person_id, confidence, nobody.figure_id IS NULL
        FROM figures LEFT JOIN membership USING (figure_id) LEFT JOIN nobody USING (figure_id)
        WHERE photo_id IN (SELECT value FROM json_each(?))
        """,
        (json.dumps(photos),),
    )
    found: dict[str, list[FigureSeen]] = defaultdict(list)
    for photo_id, figure_id, x0, y0, x1, y1, traits, person_id, confidence, is_somebody in rows:
        number = int(figure_id.rpartition("-")[2])
        person = _person(person_id, confidence, is_somebody)
        found[photo_id].append(FigureSeen(number, (x0, y0, x1, y1), json.loads(traits), person))
    return found


def _people(connection: sqlite3.Connection, figures: Sequence[str]) -> list[Person]:
    """Who these figures, all of which are known, are now."""
    rows = connection.execute(
        """
        SELECT figure_id, person_id, confidence FROM membership WHERE figure_id IN (SELECT value FROM json_each(?))
        """,
        (json.dumps(figures),),
    )
    members = {figure_id: (person_id, confidence) for figure_id, person_id, confidence in rows}
    nobody = {figure_id for (figure_id,) in connection.execute("SELECT figure_id FROM nobody")}
    return [_person(*members.get(figure, (None, None)), figure not in nobody) for figure in figures]


def _person(person_id: str | None, confidence: float | None, is_somebody: bool) -> Person:
    if person_id is None or confidence is None:
        return Person(is_somebody=bool(is_somebody))
    return Person(person_key(person_id), confidence, bool(is_somebody))


def _serial(connection: sqlite3.Connection) -> int:
    """Of the last change, whether or not another one of the same row took its place since."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetchone()
    return 0 if row is None else int(row[0])


def _folder(library: Library) -> Path:
    return library.blobs.folder / "search"


def _stored(library: Library, made: str) -> Kept | None:
    """What is in the newest file that is of these tables."""
    for file in sorted(_folder(library).glob("columns-*.bin"), reverse=True):
        if (found := columns_file.read(file)) is not None and found[1]["made"] == made:
            return Kept(found[0], made, found[1]["serial"])
    return None


def _store(library: Library, kept: Kept) -> None:
    """Keep the columns in a file, and no older ones; without room for them, all is read anew the next time."""
    file = _folder(library) / f"columns-{kept.serial:016}.bin"
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        columns_file.write(file, kept.columns, {"made": kept.made, "serial": kept.serial})
        unfinished = file.parent.glob(".columns-*")  # by a process that was killed
        for old in {*file.parent.glob("columns-*.bin"), *unfinished} - {file}:
            with suppress(PermissionError):  # on Windows, while it is read
                old.unlink(missing_ok=True)
