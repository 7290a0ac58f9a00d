"""What a user's words for people, figures and photos mean in the cache as it is now."""

import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

from mien.catalog import store
from mien.errors import UnknownName
from mien.people.anchors import Anchor, match_anchors
from mien.people.decisions import same_name

_SHORTEST_PREFIX = 4
_FIGURE_ID = re.compile(r"[0-9a-f]{16}-[0-9]+")


def find_person(connection: sqlite3.Connection, reference: str, who: Callable[[str], str] = str) -> str:
    """The id of the person a user means: by id, by name, by the first characters of an id (at least 4), or by a figure
    of theirs (id, or its first characters), even one that is nobody's: then its id is returned.

    An unnamed group goes by the id of a figure, which so means the same person once it has a name. `who`: whom the id
    of a person who was merged with another means.

    Raises `UnknownName` if there is none, or more than one.
    """
    begin = _as_id(reference)
    for person_id in (begin, who(begin)):
        if connection.execute("SELECT 1 FROM people WHERE person_id = ?", (person_id,)).fetchone():
            return person_id
    wanted = same_name(reference)
    named = connection.execute("SELECT person_id, name FROM people WHERE name IS NOT NULL")
    meant: list[str] = [person_id for person_id, name in named if same_name(name) == wanted]
    if not meant and _is_beginning(begin):
        rows = connection.execute("SELECT person_id FROM people WHERE substr(person_id, 1, ?) = ?", (len(begin), begin))
        meant = [person_id for (person_id,) in rows]
    meant = meant or _by_figure(connection, begin)
    if not meant:
        raise UnknownName("no-such-person", reference=reference)
    if len(meant) > 1:
        raise UnknownName("ambiguous-person", reference=reference, ids=", ".join(sorted(meant)))
    return meant[0]


def _as_id(reference: str) -> str:
    """What of a reference may be an id. What comes from a command line or a file's name need not even be text."""
    return reference if reference.isascii() else ""


def _is_beginning(reference: str) -> bool:
    """Whether an id may begin so. A figure's is whole with its number: …-1 does not mean …-10."""
    return len(reference) >= _SHORTEST_PREFIX and not _FIGURE_ID.fullmatch(reference)


def find_figure(connection: sqlite3.Connection, reference: str) -> str:
    """The id of a figure, by it or its first characters. Raises `UnknownName` if there is none, or more than one."""
    begin = _as_id(reference)
    meant = _figures(connection, begin) if begin else []
    if not meant:
        raise UnknownName("no-such-figure", reference=reference)
    if len(meant) > 1:
        raise UnknownName("ambiguous-figure", reference=reference, ids=", ".join(meant[:9]))
    return meant[0]


def find_photo(connection: sqlite3.Connection, reference: str) -> str:
    """The id of a photo, by the path of a file of it, its id, or first characters of that. Raises `UnknownName`."""
    path = os.path.abspath(Path(reference).expanduser())  # noqa: PTH100
    row = connection.execute(
        "SELECT photo_id FROM files WHERE path = ? AND state != 'missing' AND photo_id IS NOT NULL",
        (os.fsencode(path),),
    ).fetchone()
    if row is not None:
        return str(row[0])
    begin = _as_id(reference)
    meant = connection.execute(
        "SELECT photo_id FROM photos WHERE photo_id >= ?1 AND photo_id < ?1 || '~'"
        " AND photo_id IN (SELECT photo_id FROM files WHERE state != 'missing') LIMIT 2",
        (begin,),
    ).fetchall()
    if len(meant) != 1 or len(begin) < _SHORTEST_PREFIX:
        raise UnknownName("no-such-photo", reference=reference)
    return str(meant[0][0])


def members(connection: sqlite3.Connection, person_id: str) -> list[str]:
    """The figures of a person, those that stand for them first; of a figure that is nobody's, itself."""
    rows = connection.execute(
        "SELECT figure_id, key_rank FROM membership WHERE person_id = ? ORDER BY key_rank NULLS LAST, figure_id",
        (person_id,),
    ).fetchall()
    keys = [figure_id for figure_id, rank in rows if rank is not None]
    if not rows:
        return [person_id] if is_nobody(connection, person_id) else []
    # A photo may have gone missing since people were grouped.
    return keys if places(connection, keys) else [figure_id for figure_id, _ in rows]


def is_nobody(connection: sqlite3.Connection, figure_id: str) -> bool:
    """Whether this is a figure of whom grouping says nothing."""
    row = connection.execute(
        "SELECT 1 FROM figures WHERE figure_id = ?1 AND NOT EXISTS (SELECT 1 FROM membership WHERE figure_id = ?1)",
        (figure_id,),
    ).fetchone()
    return row is not None


def shown_as(connection: sqlite3.Connection, figures: Iterable[str]) -> dict[str, str]:
    """Figure → the person it is shown as."""
    return dict(
        connection.execute(
            "SELECT figure_id, person_id FROM membership WHERE figure_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(figures)),),
        ).fetchall()
    )


def places(connection: sqlite3.Connection, figures: Iterable[str]) -> dict[str, Anchor]:
    """Where those of `figures` stand that are in a photo of the library."""
    rows = connection.execute(
        """
        SELECT figure_id, photo_id, x0, y0, x1, y1, face_x0, face_y0, face_x1, face_y1, mask, perceptual_hash,
            (SELECT min(path) FROM files WHERE files.photo_id = photos.photo_id AND state != 'missing') AS first_path
        FROM figures JOIN evidence USING (figure_id) JOIN photos USING (photo_id)
        WHERE first_path IS NOT NULL AND figure_id IN (SELECT value FROM json_each(?))
        """,
        (json.dumps(list(figures)),),
    )
    return {
        figure_id: store.anchor_of(photo_id, numbers, mask, path, look)
        for figure_id, photo_id, *numbers, mask, look, path in rows
    }


def standing(connection: sqlite3.Connection, anchors: Iterable[Anchor]) -> dict[Anchor, str]:
    """The figures, seen or drawn by hand, that stand at those of these places where any does."""
    anchors = list(anchors)
    figures = {
        figure: place
        for photo_id in {anchor.photo_id for anchor in anchors}
        for figure, place in store.anchors(connection, photo_id)
    }
    return {anchor: figure for anchor, figure in match_anchors(anchors, figures).items() if figure is not None}


def look_of(connection: sqlite3.Connection, photo_id: str) -> tuple[str, str]:
    """The first path and the perceptual hash of a photo that was found."""
    path, look = connection.execute(
        "SELECT min(path), perceptual_hash FROM files JOIN photos USING (photo_id)"
        " WHERE photo_id = ? AND state != 'missing'",
        (photo_id,),
    ).fetchone()
    return os.fsdecode(path), look


def size_of(connection: sqlite3.Connection, photo_id: str) -> tuple[int, int]:
    """Width and height of a photo that was found, px."""
    width, height = connection.execute("SELECT width, height FROM photos WHERE photo_id = ?", (photo_id,)).fetchone()
    return width, height


def _by_figure(connection: sqlite3.Connection, reference: str) -> list[str]:
    """Those whom the figures with this beginning of an id show."""
    figures = _figures(connection, reference)
    shown = shown_as(connection, figures)
    return sorted({shown.get(figure, figure) for figure in figures})


def _figures(connection: sqlite3.Connection, reference: str) -> list[str]:
    if connection.execute("SELECT 1 FROM figures WHERE figure_id = ?", (reference,)).fetchone():
        return [reference]
    if not _is_beginning(reference):
        return []
    rows = connection.execute(
        "SELECT figure_id FROM figures WHERE figure_id >= ?1 AND figure_id < ?1 || '~' ORDER BY figure_id LIMIT 10",
        (reference,),
    )
    return [figure_id for (figure_id,) in rows]
