"""All that the cache knows of one photo."""

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mien.catalog.blobs import Blobs
from mien.errors import MienError
from mien.parsing.parse import Parse
from mien.people.anchors import Box
from mien.photo.photo import Place


@dataclass(frozen=True)
class FileDetails:
    """One of the files that hold the photo.

    Attributes:
        offline: its drive is not there now.
        size: bytes.
        taken_at: ISO 8601, as in `listing.PhotoRow`; `taken_source` says where it comes from.
        focal_length_35mm: mm.
        error: why it is not (wholly) understood.
    """

    path: str
    offline: bool
    size: int
    format: str | None
    taken_at: str | None
    taken_source: str | None
    camera: str | None
    focal_length_35mm: float | None
    place: Place | None
    error: MienError | None


@dataclass(frozen=True)
class FigureDetails:
    """One figure.

    Attributes:
        ordinal: its place in the photo's parse; None if it was drawn by hand.
        box, face: 0–1 of the upright photo.
        score: 0–1, that this is a person.
        traits: as `mien.traits.traits.to_json` writes them; {} for one drawn by hand.
        person_id: None for a figure that grouping knows nothing about, as are
        person_source: "decided" by somebody or "inferred", and person_confidence: 0–1.
    """

    figure_id: str
    ordinal: int | None
    box: Box
    face: Box | None
    score: float
    traits: dict[str, Any]
    person_id: str | None
    person_name: str | None
    person_source: Literal["decided", "inferred"] | None
    person_confidence: float | None


@dataclass(frozen=True)
class PhotoDetails:
    """One photo.

    Attributes:
        width, height: px of the upright photo at its full size.
        taken_at: the best that its files say of when it was taken.
        engine: whose parse is the active one; None while it is not parsed, as is
        parse: its fingerprint, and
        parse_blob: the name of the blob that holds it.
        others: engine → blob, of the parses that other engines have made of it.
        files: those that are not known to be gone, reachable ones first.
        figures: in the parse's order, those drawn by hand last; without those that were said to be nobody.
    """

    photo_id: str
    width: int
    height: int
    taken_at: str | None
    engine: str | None
    parse: str | None
    parse_blob: str | None
    others: Mapping[str, str]
    files: tuple[FileDetails, ...]
    figures: tuple[FigureDetails, ...]


def photo(connection: sqlite3.Connection, photo_id: str) -> PhotoDetails | None:
    """None for a photo that the cache does not know, or of which no file is left."""
    row = connection.execute(
        """
        SELECT width, height, (SELECT taken_at FROM taken WHERE photo_id = ?1), photos.engine, parse_fingerprint, blob
        FROM photos LEFT JOIN observations ON observations.photo_id = photos.photo_id
            AND observations.engine = photos.engine AND fingerprint = parse_fingerprint
        WHERE photos.photo_id = ?1
        """,
        (photo_id,),
    ).fetchone()
    files = _files(connection, photo_id)
    if row is None or not files:
        return None
    width, height, taken_at, engine, parse, blob = row
    observed = connection.execute(
        "SELECT engine, blob FROM observations WHERE photo_id = ? AND engine != ? ORDER BY engine", (photo_id, engine)
    )
    others = dict(observed.fetchall())
    figures = _figures(connection, photo_id)
    return PhotoDetails(photo_id, width, height, taken_at, engine, parse, blob, others, files, figures)


def photo_of(connection: sqlite3.Connection, figure_id: str) -> str | None:
    """The photo that a figure stands in; None for one that is not known."""
    row = connection.execute("SELECT photo_id FROM figures WHERE figure_id = ?", (figure_id,)).fetchone()
    return None if row is None else str(row[0])


def boxes(connection: sqlite3.Connection, figure_ids: Iterable[str]) -> dict[str, Box]:
    """Where these figures stand in their photos, 0–1; those that are not known are left out."""
    rows = connection.execute(
        "SELECT figure_id, x0, y0, x1, y1 FROM figures WHERE figure_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(figure_ids)),),
    )
    return {figure_id: (x0, y0, x1, y1) for figure_id, x0, y0, x1, y1 in rows}


def parse_of(photo: PhotoDetails, blobs: Blobs, engine: str | None = None) -> Parse | None:
    """The photo's active parse, or that of another engine; None while it is parsed anew."""
    name = photo.parse_blob if engine in (None, photo.engine) else photo.others.get(engine)
    data = None if name is None else blobs.read("parses", name)
    try:
        return None if data is None else Parse.from_bytes(data)
    except ValueError:  # damaged; the next index run makes it anew
        return None


def _files(connection: sqlite3.Connection, photo_id: str) -> tuple[FileDetails, ...]:
    rows = connection.execute(
        """
        SELECT path, state, size, format, taken_at, taken_source, camera, focal_length_35mm,
            latitude, longitude, altitude, error
        FROM files WHERE photo_id = ? AND state != 'missing' AND kind = 'photo' ORDER BY state = 'offline', path
        """,
        (photo_id,),
    )
    return tuple(
        FileDetails(
            os.fsdecode(path), state == "offline", size, file_format, taken_at, source, camera, focal_length,
            None if latitude is None else Place(latitude, longitude, altitude),
            None if error is None else MienError.from_record(json.loads(error)),
        )
        for (
            path, state, size, file_format, taken_at, source, camera, focal_length, latitude, longitude, altitude, error
        ) in rows
    )  # fmt: skip


def _figures(connection: sqlite3.Connection, photo_id: str) -> tuple[FigureDetails, ...]:
    rows = connection.execute(
        """
        SELECT figure_id, ordinal, x0, y0, x1, y1, face_x0, face_y0, face_x1, face_y1, score, traits,
            person_id, name, source, confidence
        FROM figures LEFT JOIN membership USING (figure_id) LEFT JOIN people USING (person_id)
        WHERE photo_id = ? AND figure_id NOT IN nobody ORDER BY ordinal NULLS LAST, figure_id
        """,
        (photo_id,),
    )
    return tuple(
        FigureDetails(
            figure_id, ordinal, (x0, y0, x1, y1),
            None if face[0] is None else (face[0], face[1], face[2], face[3]),
            score, json.loads(traits), person_id, name, source, confidence,
        )
        for figure_id, ordinal, x0, y0, x1, y1, *face, score, traits, person_id, name, source, confidence in rows
    )  # fmt: skip
