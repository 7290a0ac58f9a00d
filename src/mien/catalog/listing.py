"""What the library holds, as plain rows: the command line's contract, field by field."""

import json
import os
import sqlite3
from dataclasses import dataclass
from typing import Any

from mien.catalog.cache import Catalog
from mien.errors import MienError

PxBox = tuple[float, float, float, float]

ALL = -1
"""A limit that is none."""

DIGITS = 4
"""Of scores and confidences: what lies behind is noise."""


@dataclass(frozen=True)
class PhotoRow:
    """One file path. `error` is the reason, in the user's language, why it is not (wholly) understood.

    Videos and files that cannot be read have an error and no `photo_id`. `offline`: its drive is not there now.
    """

    photo: str
    photo_id: str | None
    width: int | None
    height: int | None
    taken_at: str | None
    taken_source: str | None
    figures: int
    error: str | None
    offline: bool


@dataclass(frozen=True)
class FaceBox:
    """Box in px of the upright photo at its full size; score 0–1."""

    box: PxBox
    score: float


@dataclass(frozen=True)
class FigureRow:
    """One figure, seen in one file. Boxes in px of the upright photo at its full size; scores and confidences 0–1.

    `person_source`: "decided" by somebody, or "inferred", with `person_confidence`. All that begins with `person` is
    None for a figure that grouping knows nothing about.
    """

    photo: str
    photo_id: str
    figure_id: str
    box: PxBox
    score: float
    person_id: str | None
    person_name: str | None
    person_source: str | None
    person_confidence: float | None
    face: FaceBox | None
    traits: dict[str, Any]


@dataclass(frozen=True)
class PersonRow:
    """One person: how many figures, in how many distinct photos, and the capture times of the first and last of them.

    A named person keeps its row when no photo of it is in the library now. `hidden`: kept from lists; `contact`: may be
    seen in what is shared; `born`: ISO date.
    """

    person_id: str
    name: str | None
    figures: int
    photos: int
    first: str | None
    last: str | None
    hidden: bool
    contact: bool
    born: str | None


def photos(catalog: Catalog, *, limit: int = ALL, offset: int = 0) -> list[PhotoRow]:
    """One row per file path, by capture time, then path; those without a time last."""
    with catalog.read() as connection:
        rows = connection.execute(
            """
            SELECT path, photo_id, width, height, taken_at, taken_source,
                (SELECT count(*) FROM figures WHERE figures.photo_id = files.photo_id AND figure_id NOT IN nobody),
                error, state, kind
            FROM (
                SELECT * FROM files WHERE state != 'missing' AND kind != 'other' AND live_photo IS NULL
                ORDER BY wall_time NULLS LAST, path LIMIT ? OFFSET ?
            ) AS files LEFT JOIN photos USING (photo_id)
            ORDER BY wall_time NULLS LAST, path
            """,
            (limit, offset),
        ).fetchall()
    return [
        PhotoRow(
            photo=os.fsdecode(path),
            photo_id=photo_id,
            width=width,
            height=height,
            taken_at=taken_at,
            taken_source=source,
            figures=n,
            error=reason(path, error) if error is not None or kind == "video" else None,
            offline=state == "offline",
        )
        for path, photo_id, width, height, taken_at, source, n, error, state, kind in rows
    ]


def figures(
    catalog: Catalog,
    *,
    person_id: str | None = None,
    photo_id: str | None = None,
    limit: int = ALL,
    offset: int = 0,
) -> list[FigureRow]:
    """One row per figure and file path, of one person or photo if asked; by capture time, path and place."""
    asked = {"person_id": person_id, "photo_id": photo_id}
    conditions = "".join(f" AND {column} = :{column}" for column, value in asked.items() if value is not None)
    with catalog.read() as connection:
        rows = connection.execute(
            f"""
            SELECT path, photo_id, figure_id, width, height, x0, y0, x1, y1, score, person_id, name,
                source, confidence, face_x0, face_y0, face_x1, face_y1, face_score, traits
            FROM files JOIN photos USING (photo_id) JOIN figures USING (photo_id)
            LEFT JOIN membership USING (figure_id) LEFT JOIN people USING (person_id)
            WHERE state != 'missing' AND figure_id NOT IN nobody {conditions}
            ORDER BY wall_time NULLS LAST, path, ordinal NULLS LAST, figure_id LIMIT :limit OFFSET :offset
            """,  # noqa: S608 (of constants)
            {**asked, "limit": limit, "offset": offset},
        ).fetchall()
    return [_figure(row) for row in rows]


def people(catalog: Catalog, *, hidden: bool = False, limit: int = ALL, offset: int = 0) -> list[PersonRow]:
    """One row per person; most figures first, then by first appearance. With `hidden`, the hidden ones, too."""
    with catalog.read() as connection:
        rows = connection.execute(_PEOPLE, (hidden, limit, offset))
        return [
            PersonRow(person_id, name, figures, photos, first, last, bool(is_hidden), bool(is_contact), born)
            for person_id, name, figures, photos, first, last, is_hidden, is_contact, born in rows
        ]


_PEOPLE = """
WITH seen AS MATERIALIZED (
    SELECT person_id, photo_id, taken_at, wall_time
    FROM membership JOIN figures USING (figure_id) LEFT JOIN taken USING (photo_id)
    WHERE photo_id IN (SELECT photo_id FROM files WHERE state != 'missing')
),
-- SQLite takes a bare column from the row that holds the min or max.
counted AS (SELECT person_id, count(*) AS figures, count(DISTINCT photo_id) AS photos FROM seen GROUP BY person_id),
earliest AS (SELECT person_id, taken_at AS first, min(wall_time) AS wall FROM seen GROUP BY person_id),
latest AS (SELECT person_id, taken_at AS last, max(wall_time) FROM seen GROUP BY person_id)
SELECT person_id, name, coalesce(figures, 0), coalesce(photos, 0), first, last, hidden, contact, born
FROM people LEFT JOIN counted USING (person_id) LEFT JOIN earliest USING (person_id) LEFT JOIN latest USING (person_id)
    LEFT JOIN about_people USING (person_id)
WHERE (figures > 0 OR name IS NOT NULL) AND (?1 OR NOT coalesce(hidden, 0))
ORDER BY coalesce(figures, 0) DESC, wall NULLS LAST, person_id LIMIT ?2 OFFSET ?3
"""


def _figure(row: tuple[Any, ...]) -> FigureRow:
    path, photo_id, figure_id, width, height, *rest = row
    box, (score, person_id, name, source, confidence), face, (face_score, traits) = (
        rest[:4], rest[4:9], rest[9:13], rest[13:]
    )  # fmt: skip
    return FigureRow(
        photo=os.fsdecode(path),
        photo_id=photo_id,
        figure_id=figure_id,
        box=_px(box, width, height),
        score=round(score, DIGITS),
        person_id=person_id,
        person_name=name,
        person_source=source,
        person_confidence=None if confidence is None else round(confidence, DIGITS),
        face=None if face_score is None else FaceBox(_px(face, width, height), round(face_score, DIGITS)),
        traits=json.loads(traits),
    )


def _px(box: list[float], width: int, height: int) -> PxBox:
    x0, y0, x1, y1 = box
    return round(x0 * width, 1), round(y0 * height, 1), round(x1 * width, 1), round(y1 * height, 1)


def reason(path: bytes, record: str | None) -> str:
    """Why a file is not (wholly) understood: its stored error, else that it is a film. In the user's language."""
    if record is None:
        return MienError("video-unsupported", file=os.fsdecode(path)).message()
    return MienError.from_record(json.loads(record)).message()


def count(connection: sqlite3.Connection) -> dict[str, int]:
    """How many photos, figures, faces and people the library shows now."""
    live = "photo_id IN (SELECT photo_id FROM files WHERE state != 'missing')"
    photos, figures, faces, people = connection.execute(
        f"""
        SELECT (SELECT count(*) FROM photos WHERE {live}),
            (SELECT count(*) FROM figures WHERE {live} AND figure_id NOT IN nobody),
            (SELECT count(*) FROM figures WHERE {live} AND face_score IS NOT NULL AND figure_id NOT IN nobody),
            (SELECT count(DISTINCT person_id) FROM membership JOIN figures USING (figure_id) WHERE {live})
        """  # noqa: S608 (a constant)
    ).fetchone()
    return {"photos": photos, "figures": figures, "faces": faces, "people": people}
