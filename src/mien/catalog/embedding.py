"""Vectors of faces by embedders of the user's own, kept beside the built-in ones: what is there, and what lacks."""

import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.catalog.derived import Embedded


def put(connection: sqlite3.Connection, photo_id: str, embedded: Embedded) -> None:
    """Store the vectors of a photo's figures; whether or not a face could be described, its turn is over."""
    connection.executemany(
        "INSERT OR REPLACE INTO face_vectors SELECT ?1, figure_id, ?2 FROM figures JOIN faces USING (figure_id)"
        " WHERE photo_id = ?3 AND ordinal = ?4",
        [
            (embedded.embedder, np.asarray(vector, "<f4").tobytes() if np.isfinite(vector).all() else b"", photo_id, i)
            for i, vector in enumerate(embedded.vectors)
            if vector is not None
        ],
    )


def forget_others(connection: sqlite3.Connection, figure_id: str, face: bytes | None) -> None:
    """Forget a figure's vectors unless this (`face_to_bytes`) is the face they were made of."""
    connection.execute(
        "DELETE FROM face_vectors WHERE figure_id = ?1"
        " AND NOT EXISTS (SELECT 1 FROM faces WHERE figure_id = ?1 AND data IS ?2)",
        (figure_id, face),
    )


def undescribed(connection: sqlite3.Connection, embedder: str) -> set[str]:
    """The photos with faces that this embedder (its key) has not described."""
    rows = connection.execute(
        "SELECT DISTINCT photo_id FROM figures JOIN faces USING (figure_id) WHERE ordinal IS NOT NULL"
        " AND figure_id NOT IN (SELECT figure_id FROM face_vectors WHERE embedder = ?)",
        (embedder,),
    )
    return {photo_id for (photo_id,) in rows}


def sharp_faces(connection: sqlite3.Connection, usable: float, limit: int) -> list[tuple[str, bytes]]:
    """A file's path and a face (`face_to_bytes`) of at least this use, of up to `limit` figures, by their ids."""
    rows = connection.execute(
        "SELECT min(path), data FROM figures JOIN faces USING (figure_id) JOIN evidence USING (figure_id)"
        " JOIN files USING (photo_id) WHERE ordinal IS NOT NULL AND face_usable >= ? AND state = 'present'"
        " GROUP BY figure_id ORDER BY figure_id LIMIT ?",
        (usable, limit),
    )
    return [(os.fsdecode(path), data) for path, data in rows]


def counts(connection: sqlite3.Connection, embedder: str) -> tuple[int, int]:
    """How many faces there are, and how many of them this embedder (its key) has not described."""
    faces, described = connection.execute(
        "SELECT count(*), count(vector) FROM figures JOIN faces USING (figure_id)"
        " LEFT JOIN face_vectors ON face_vectors.figure_id = figures.figure_id AND embedder = ?"
        " WHERE ordinal IS NOT NULL",
        (embedder,),
    ).fetchone()
    return faces, faces - described


def vectors(
    connection: sqlite3.Connection, embedder: str, figures: Sequence[str] | None = None
) -> dict[str, NDArray[np.float32]]:
    """Figure → its vector by an embedder, float32 (d,), where there is one; only of `figures` (ids), if given."""
    rows = connection.execute(
        "SELECT figure_id, vector FROM face_vectors WHERE embedder = ?1 AND length(vector) > 0"
        " AND (?2 IS NULL OR figure_id IN (SELECT value FROM json_each(?2)))",
        (embedder, None if figures is None else json.dumps(figures)),
    )
    return {figure_id: np.frombuffer(data, "<f4").astype(np.float32) for figure_id, data in rows}


def record(connection: sqlite3.Connection) -> Mapping[str, Any] | None:
    """What the last grouping found of the embedder that was chosen then (see `mien.indexing.embedding`)."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'embedder'").fetchone()
    return None if row is None else dict(json.loads(row[0]))


def put_record(connection: sqlite3.Connection, found: Mapping[str, Any] | None) -> None:
    connection.execute("DELETE FROM meta WHERE key = 'embedder'")
    if found is not None:
        connection.execute("INSERT INTO meta VALUES ('embedder', ?)", (json.dumps(found),))
