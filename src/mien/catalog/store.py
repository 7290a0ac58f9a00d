"""What indexing reads from the cache and writes to it. Writers are called inside `Catalog.write`."""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import numpy as np

from mien.catalog import embedding
from mien.catalog.blobs import Kind as BlobKind
from mien.catalog.blobs import garment_name, parse_name, portrait_name
from mien.catalog.derived import DerivedFigure, DerivedPhoto, Fingerprints, face_from_bytes, face_to_bytes
from mien.errors import MienError
from mien.faces.face import Face
from mien.people.anchors import Anchor, carry_over
from mien.people.statements import WEARABLE
from mien.photo.photo import Metadata

State = Literal["present", "missing", "offline"]
Kind = Literal["photo", "video", "other"]


@dataclass(frozen=True, slots=True)
class FileStat:
    """What the file system says of a file without opening it. `volume` and `inode` are as text: some exceed 64 bits."""

    path: str
    size: int
    mtime_ns: int
    volume: str
    inode: str


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the cache knows of a file."""

    stat: FileStat
    state: State
    kind: Kind
    photo_id: str | None
    live_photo: str | None
    taken_source: str | None
    failed: bool
    fingerprint: str


@dataclass(frozen=True, slots=True)
class KnownPhoto:
    """What was derived from a photo, and by which stages."""

    engine: str | None
    parse: str | None
    faces: str | None
    traits: str | None


def known_files(connection: sqlite3.Connection) -> dict[str, KnownFile]:
    """Every file the cache knows, by path."""
    rows = connection.execute(
        """
        SELECT path, size, mtime_ns, volume, inode, state, kind, photo_id, live_photo, taken_source,
            error IS NOT NULL, fingerprint
        FROM files
        """
    )
    known = {}
    for path, size, mtime_ns, volume, inode, state, kind, photo_id, live, source, failed, fingerprint in rows:
        name = os.fsdecode(path)
        known[name] = KnownFile(
            FileStat(name, size, mtime_ns, volume, inode), state, kind, photo_id,
            None if live is None else os.fsdecode(live), source, bool(failed), fingerprint,
        )  # fmt: skip
    return known


def known_photos(connection: sqlite3.Connection) -> dict[str, KnownPhoto]:
    """Every photo the cache knows, by id."""
    rows = connection.execute(
        "SELECT photo_id, engine, parse_fingerprint, faces_fingerprint, traits_fingerprint FROM photos"
    )
    return {photo_id: KnownPhoto(*rest) for photo_id, *rest in rows}


def observations(connection: sqlite3.Connection, engine: str) -> dict[str, str]:
    """The fingerprints of the parses of an engine that are stored, by photo."""
    return dict(connection.execute("SELECT photo_id, fingerprint FROM observations WHERE engine = ?", (engine,)))


def looks(connection: sqlite3.Connection, photo_ids: Iterable[str]) -> Iterator[tuple[str, tuple[str, int, int, str]]]:
    """Format, width, height and perceptual hash of photos."""
    for photo_id in photo_ids:
        row = connection.execute(
            "SELECT format, width, height, perceptual_hash FROM photos JOIN files USING (photo_id)"
            " WHERE photo_id = ? AND format IS NOT NULL",
            (photo_id,),
        ).fetchone()
        if row is not None:
            yield photo_id, row


def put_stat(connection: sqlite3.Connection, path: str, now: FileStat, *, reread: bool = False) -> None:
    """The known file `path` is there, as before, maybe under a new name or on a volume that changed its number.

    With `reread` it is marked as not read by any version, so that this is not forgotten if the run is killed.
    """
    connection.execute("DELETE FROM files WHERE path = ?1 AND path != ?2", (os.fsencode(now.path), os.fsencode(path)))
    connection.execute(
        "UPDATE files SET path = ?, size = ?, mtime_ns = ?, volume = ?, inode = ?, state = 'present',"
        " missing_since = NULL,"
        " fingerprint = CASE WHEN ? THEN '' ELSE fingerprint END WHERE path = ?",
        (os.fsencode(now.path), now.size, now.mtime_ns, now.volume, now.inode, reread, os.fsencode(path)),
    )


def put_states(connection: sqlite3.Connection, states: Mapping[str, State]) -> None:
    """Whether these known files are there."""
    connection.executemany(
        "UPDATE files SET state = ?1, missing_since = CASE WHEN ?1 = 'missing' THEN ?2 END WHERE path = ?3",
        [(state, datetime.now(UTC).isoformat(), os.fsencode(path)) for path, state in states.items()],
    )


def missing_before(connection: sqlite3.Connection, moment: datetime) -> list[str]:
    """The files that have been missing since before then (UTC)."""
    rows = connection.execute(
        "SELECT path FROM files WHERE state = 'missing' AND missing_since < ?", (moment.isoformat(),)
    )
    return [os.fsdecode(path) for (path,) in rows]


def drop_files(connection: sqlite3.Connection, paths: Iterable[str]) -> None:
    """Forget that these files ever were."""
    connection.executemany("DELETE FROM files WHERE path = ?", [(os.fsencode(path),) for path in paths])


def put_file(
    connection: sqlite3.Connection,
    stat: FileStat,
    kind: Kind,
    fingerprint: str,
    *,
    photo_id: str | None = None,
    metadata: Metadata | None = None,
    error: MienError | None = None,
    live_photo: str | None = None,
) -> None:
    """What was found in a file, in place of what was known of it."""
    row: dict[str, object] = {
        "path": os.fsencode(stat.path),
        "kind": kind,
        "size": stat.size,
        "mtime_ns": stat.mtime_ns,
        "volume": stat.volume,
        "inode": stat.inode,
        "photo_id": photo_id,
        "live_photo": None if live_photo is None else os.fsencode(live_photo),
        "error": None if error is None else json.dumps(error.to_record()),
        "fingerprint": fingerprint,
    }
    if metadata is not None:
        row |= {
            "format": metadata.format,
            "orientation": metadata.orientation,
            "camera": metadata.camera,
            "focal_length_35mm": metadata.focal_length_35mm,
        }
        if metadata.taken is not None:
            row |= {
                "taken_at": metadata.taken.isoformat(),
                "taken_source": metadata.taken.source,
                "wall_time": metadata.taken.at.replace(tzinfo=None).isoformat(timespec="microseconds"),
            }
        if metadata.place is not None:
            place = metadata.place
            row |= {"latitude": place.latitude, "longitude": place.longitude, "altitude": place.altitude}
    _insert(connection, "INSERT OR REPLACE INTO files", row)  # and with the old one goes its rating
    if metadata is not None and metadata.rating is not None:
        connection.execute("INSERT INTO ratings VALUES (?, ?)", (row["path"], metadata.rating))


def put_error(connection: sqlite3.Connection, path: str, error: MienError, fingerprint: str) -> None:
    """A known file failed now; what was found in it earlier stays."""
    connection.execute(
        "UPDATE files SET error = ?, fingerprint = ? WHERE path = ?",
        (json.dumps(error.to_record()), fingerprint, os.fsencode(path)),
    )


def put_live(connection: sqlite3.Connection, pairs: Mapping[str, str | None]) -> None:
    """Of which photo (value) each of these videos (keys) is the moving half, if of any."""
    connection.executemany(
        "UPDATE files SET live_photo = ? WHERE path = ?",
        [(None if photo is None else os.fsencode(photo), os.fsencode(video)) for video, photo in pairs.items()],
    )


def put_photo(connection: sqlite3.Connection, photo: DerivedPhoto, engine: str, fingerprints: Fingerprints) -> None:
    """What was derived from a photo; figures keep their ids wherever they stand where they stood."""
    photo_id = photo.photo_id
    connection.execute(
        "INSERT INTO photos (photo_id, width, height, perceptual_hash) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET width = excluded.width, height = excluded.height,"
        " perceptual_hash = excluded.perceptual_hash",
        (photo_id, photo.metadata.width, photo.metadata.height, photo.perceptual_hash),
    )
    if photo.figures is not None:
        active = connection.execute("SELECT engine, parse_fingerprint FROM photos WHERE photo_id = ?", (photo_id,))
        same_parse = active.fetchone() == (engine, fingerprints.parse)
        if photo.parse is not None:
            connection.execute(
                "INSERT OR REPLACE INTO observations VALUES (?, ?, ?, ?)",
                (photo_id, engine, fingerprints.parse, parse_name(photo_id, fingerprints.parse)),
            )
        _put_figures(connection, photo_id, photo.figures, same_parse=same_parse)
        connection.execute(
            "UPDATE photos SET engine = ?, parse_fingerprint = ?, faces_fingerprint = ?, traits_fingerprint = ?"
            " WHERE photo_id = ?",
            (engine, fingerprints.parse, fingerprints.faces, fingerprints.traits, photo_id),
        )
    if photo.embedded is not None:
        embedding.put(connection, photo_id, photo.embedded)


def _put_figures(
    connection: sqlite3.Connection, photo_id: str, figures: Sequence[DerivedFigure], *, same_parse: bool
) -> None:
    old = dict(anchors(connection, photo_id))
    ids: list[str | None]
    if same_parse:
        by_ordinal = dict(
            connection.execute(
                "SELECT ordinal, figure_id FROM figures WHERE photo_id = ? AND ordinal IS NOT NULL", (photo_id,)
            ).fetchall()
        )
        ids = [by_ordinal.get(ordinal) for ordinal in range(len(figures))]
    else:
        ids = carry_over(old, [figure.place for figure in figures])
    # Figures drawn by hand that the parse still does not see stay: grouping looks after them. So do those of whom it
    # was decided who they are, until it has: nobody who was named is lost from sight meanwhile.
    gone = [(figure_id,) for figure_id in old if figure_id not in ids]
    connection.executemany(
        "UPDATE figures SET ordinal = NULL WHERE figure_id = ? AND EXISTS"
        " (SELECT 1 FROM membership WHERE membership.figure_id = figures.figure_id AND source = 'decided')",
        gone,
    )
    connection.executemany("DELETE FROM figures WHERE figure_id = ? AND ordinal IS NOT NULL", gone)
    for ordinal, (figure, known) in enumerate(zip(figures, ids, strict=True)):
        put_figure(connection, known or mint(connection, photo_id), figure, ordinal)
    bump(connection)


def mint(connection: sqlite3.Connection, photo_id: str) -> str:
    """A figure id that this photo has never given out."""
    (number,) = connection.execute(
        "UPDATE photos SET minted = minted + 1 WHERE photo_id = ? RETURNING minted", (photo_id,)
    ).fetchone()
    return f"{photo_id[:16]}-{number}"


def put_figure(connection: sqlite3.Connection, figure_id: str, figure: DerivedFigure, ordinal: int | None) -> None:
    """Store one figure, new or known; `ordinal` is its place in the active parse, None if drawn by hand."""
    place, face = figure.place, figure.face
    row = {
        "figure_id": figure_id,
        "photo_id": place.photo_id,
        "ordinal": ordinal,
        "score": figure.score,
        "traits": json.dumps(figure.traits, ensure_ascii=False),
        **dict(zip(("x0", "y0", "x1", "y1"), place.box, strict=True)),
        **dict(zip(("face_x0", "face_y0", "face_x1", "face_y1"), place.face or (None,) * 4, strict=True)),
        "face_score": None if face is None else face.score,
    }
    updates = ", ".join(f"{column} = excluded.{column}" for column in row if column != "figure_id")
    _insert(connection, "INSERT INTO figures", row, f"ON CONFLICT DO UPDATE SET {updates}")
    evidence = {
        "figure_id": figure_id,
        "mask": place.mask,
        "face_vector": None if face is None else np.asarray(face.vector, "<f4").tobytes(),
        "face_usable": 0.0 if face is None else face.quality.usable,
        "appearance": None if figure.appearance is None else np.asarray(figure.appearance, "<f4").tobytes(),
        "article": None if figure.article is None else np.asarray(figure.article, "<f8").tobytes(),
    }
    _insert(connection, "INSERT OR REPLACE INTO evidence", evidence)
    data = None if face is None else face_to_bytes(face)
    embedding.forget_others(connection, figure_id, data)
    if data is None:
        connection.execute("DELETE FROM faces WHERE figure_id = ?", (figure_id,))
    else:
        _insert(connection, "INSERT OR REPLACE INTO faces", {"figure_id": figure_id, "data": data})


def anchors(
    connection: sqlite3.Connection, photo_id: str, *, by_hand: bool | None = None
) -> Iterator[tuple[str, Anchor]]:
    """Where each figure of a photo stands; only those drawn by hand, or only the others, if asked."""
    rows = connection.execute(
        "SELECT figure_id, x0, y0, x1, y1, face_x0, face_y0, face_x1, face_y1, mask"
        " FROM figures JOIN evidence USING (figure_id) WHERE photo_id = ?1 AND (?2 IS NULL OR (ordinal IS NULL) = ?2)",
        (photo_id, by_hand),
    )
    for figure_id, *numbers, mask in rows:
        yield figure_id, anchor_of(photo_id, numbers, mask)


def anchor_of(
    photo_id: str, numbers: Sequence[float], mask: bytes, path: bytes | None = None, perceptual_hash: str | None = None
) -> Anchor:
    """Where a figure stands, from its row: x0 … y1 of the body, then of the face or all NULL."""
    body, face = (numbers[0], numbers[1], numbers[2], numbers[3]), None
    if numbers[4] is not None:
        face = (numbers[4], numbers[5], numbers[6], numbers[7])
    return Anchor(photo_id, body, mask, face, None if path is None else os.fsdecode(path), perceptual_hash)


def faces(connection: sqlite3.Connection, photo_id: str) -> tuple[Face | None, ...]:
    """The faces of a photo's parsed figures, in the parse's order."""
    rows = connection.execute(
        "SELECT data FROM figures LEFT JOIN faces USING (figure_id)"
        " WHERE photo_id = ? AND ordinal IS NOT NULL ORDER BY ordinal",
        (photo_id,),
    )
    return tuple(None if data is None else face_from_bytes(data) for (data,) in rows)


def bump(connection: sqlite3.Connection) -> None:
    """The figures or the files they are seen in changed: whatever was grouped is to be grouped again."""
    connection.execute("INSERT INTO meta VALUES ('generation', 1) ON CONFLICT DO UPDATE SET value = value + 1")


def generation(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
    return 0 if row is None else int(row[0])


def marks(connection: sqlite3.Connection, *keys: str) -> tuple[object, ...]:
    """What stands in `meta` under `keys`, and first which tables these are: those made anew count from 1 again."""
    values = dict(connection.execute("SELECT key, value FROM meta"))
    return tuple(values.get(key) for key in ("made", *keys))


def orphans(connection: sqlite3.Connection) -> list[str]:
    """The photos that no known file holds any more."""
    rows = connection.execute(
        "SELECT photo_id FROM photos WHERE photo_id NOT IN (SELECT photo_id FROM files WHERE photo_id IS NOT NULL)"
    )
    return [photo_id for (photo_id,) in rows]


def drop_photos(connection: sqlite3.Connection, photo_ids: Iterable[str]) -> None:
    """Forget all that was derived of these photos."""
    rows = [(photo_id,) for photo_id in photo_ids]
    for table in ("figures", "observations", "photos"):
        connection.executemany(f"DELETE FROM {table} WHERE photo_id = ?", rows)  # noqa: S608


def blobs(connection: sqlite3.Connection) -> dict[BlobKind, set[str]]:
    """The names of all blobs that belong to what is stored."""
    parses = {name for (name,) in connection.execute("SELECT blob FROM observations")}
    photos = {name for (name,) in connection.execute("SELECT photo_id FROM photos")}
    sitters = connection.execute(
        "SELECT photo_id, parse_fingerprint, ordinal, x0, y0, x1, y1, face_x0, face_y0, face_x1, face_y1"
        " FROM figures JOIN photos USING (photo_id)"
    ).fetchall()
    portraits = {
        portrait_name(photo_id, parse, box[:4], None if box[4] is None else box[4:])
        for photo_id, parse, _, *box in sitters
    }
    garments = {
        garment_name(photo_id, parse, ordinal, place)
        for photo_id, parse, ordinal, *_ in sitters
        if ordinal is not None
        for place in WEARABLE
    }
    return {"parses": parses, "thumbnails": photos, "portraits": portraits, "garments": garments}


def take_inflight(connection: sqlite3.Connection, paths: Iterable[str]) -> None:
    connection.executemany("INSERT OR IGNORE INTO inflight VALUES (?)", [(os.fsencode(path),) for path in paths])


def drop_inflight(connection: sqlite3.Connection, paths: Iterable[str]) -> None:
    connection.executemany("DELETE FROM inflight WHERE path = ?", [(os.fsencode(path),) for path in paths])


def inflight(connection: sqlite3.Connection) -> set[str]:
    """What was being read when the last run ended."""
    return {os.fsdecode(path) for (path,) in connection.execute("SELECT path FROM inflight")}


def _insert(connection: sqlite3.Connection, insert: str, row: Mapping[str, object], suffix: str = "") -> None:
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"{insert} ({columns}) VALUES ({marks}) {suffix}", tuple(row.values()))
