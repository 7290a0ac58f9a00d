"""How the figures stand in the photos that show a person: kept once it was looked at.

Writers are called inside `Catalog.write`.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from mien.growth.camera import Lens
from mien.growth.reasons import Reason
from mien.growth.standing import VERSION, Stance


@dataclass(frozen=True)
class Standing:
    """A figure of somebody in such a photo.

    Attributes:
        ordinal: its place in the photo's parse; None if it was drawn by hand.
        stance: how it stands, or why that is not known; None until it is looked at.
        confidence: 0–1, that it is this person; 1 where somebody said so.
    """

    figure_id: str
    person_id: str
    ordinal: int | None
    stance: Stance | Reason | None
    confidence: float


@dataclass(frozen=True)
class Shot:
    """A photo: `day` as its files have it, `blob` of its parse (None while it is parsed anew), who of those asked for
    is in it; `made_of`: what stances of it go by."""

    photo_id: str
    day: date | None
    lens: Lens
    blob: str | None
    made_of: str
    figures: tuple[Standing, ...]


def shots(connection: sqlite3.Connection, person_id: str, people: Iterable[str] = ()) -> list[Shot]:
    """The photos that show a person, by time, and the figures in them of that person and of `people`."""
    rows = connection.execute(
        """
        SELECT photos.photo_id, taken_at, CAST(width AS REAL) / height,
            (SELECT max(focal_length_35mm) FROM files WHERE files.photo_id = photos.photo_id AND state != 'missing'),
            blob, ifnull(parse_fingerprint, '') || ' ' || ifnull(faces_fingerprint, ''),
            figure_id, person_id, ordinal, made_of, data, CASE source WHEN 'decided' THEN 1 ELSE confidence END
        FROM membership JOIN figures USING (figure_id) JOIN photos USING (photo_id) LEFT JOIN taken USING (photo_id)
            LEFT JOIN observations ON observations.photo_id = photos.photo_id
                AND observations.engine = photos.engine AND fingerprint = parse_fingerprint
            LEFT JOIN stances USING (figure_id)
        WHERE photos.photo_id IN (SELECT photo_id FROM membership JOIN figures USING (figure_id) WHERE person_id = ?1)
            AND photos.photo_id IN (SELECT photo_id FROM files WHERE state != 'missing')
            AND (person_id = ?1 OR person_id IN (SELECT value FROM json_each(?2))) AND figure_id NOT IN nobody
        ORDER BY wall_time NULLS LAST, photos.photo_id, ordinal NULLS LAST, figure_id
        """,
        (person_id, json.dumps(sorted(people))),
    )
    found: dict[str, Shot] = {}
    figures: dict[str, list[Standing]] = {}
    for photo_id, taken, aspect, focal, blob, fingerprints, *rest in rows:
        figure_id, shown, ordinal, made_of, data, confidence = rest
        now = f"{fingerprints} {VERSION}"
        day = None if taken is None else date.fromisoformat(taken[:10])
        found.setdefault(photo_id, Shot(photo_id, day, Lens(aspect, focal), blob, now, ()))
        stance = _read(data) if made_of == f"{now} {ordinal}" else None
        figures.setdefault(photo_id, []).append(Standing(figure_id, shown, ordinal, stance, confidence))
    return [
        Shot(shot.photo_id, shot.day, shot.lens, shot.blob, shot.made_of, tuple(figures[photo_id]))
        for photo_id, shot in found.items()
    ]


def companions(connection: sqlite3.Connection, person_id: str, limit: int = 30) -> list[tuple[str, str]]:
    """People with names (id, name) who are seen in photos with this one, most often first."""
    return connection.execute(
        """
        SELECT person_id, name FROM membership JOIN figures USING (figure_id) JOIN people USING (person_id)
        WHERE name IS NOT NULL AND person_id != ?1
            AND photo_id IN (SELECT photo_id FROM membership JOIN figures USING (figure_id) WHERE person_id = ?1)
        GROUP BY person_id ORDER BY count(DISTINCT photo_id) DESC, person_id LIMIT ?2
        """,
        (person_id, limit),
    ).fetchall()


def put(connection: sqlite3.Connection, shot: Shot, stances: Mapping[str, Stance | Reason]) -> None:
    """What was found of figures (by id) of a photo that are still there."""
    ordinals = {figure.figure_id: figure.ordinal for figure in shot.figures}
    rows: Sequence[tuple[str, str, str]] = [
        (
            f"{shot.made_of} {ordinals[figure_id]}",
            json.dumps(stance if isinstance(stance, str) else asdict(stance)),
            figure_id,
        )
        for figure_id, stance in stances.items()
    ]
    connection.executemany(
        "INSERT OR REPLACE INTO stances SELECT figure_id, ?, ? FROM figures WHERE figure_id = ?", rows
    )


def _read(data: str) -> Stance | Reason:
    record = json.loads(data)
    if isinstance(record, str):
        return record  # type: ignore[return-value]
    chin = record["chin"]
    return Stance(
        (record["foot"][0], record["foot"][1]),
        (record["top"][0], record["top"][1]),
        None if chin is None else (chin[0], chin[1]),
        record["rows"],
    )
