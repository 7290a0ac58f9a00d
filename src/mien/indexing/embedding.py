"""The user's own embedder: by which one a library goes, and the scale that is learnt for its vectors.

Its vectors are kept beside the built-in ones, by which people go on being grouped until nearly all faces have one of
its own and their scale is known (`people.calibration`). So nothing is lost by trying one, nor by going back.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mien import durably
from mien.catalog import embedding
from mien.catalog.library import unusable
from mien.errors import MienError, ModelError
from mien.faces.embedder import Embedder
from mien.models import embedders
from mien.models import folder as models_folder
from mien.people.calibration import SAMPLE, Calibration, calibrate
from mien.people.crowd import handicapped
from mien.people.decisions import Decisions
from mien.people.evidence import SHARP
from mien.people.membership import in_order, place
from mien.people.sighting import Sighting

FILE = "embedder.json"

FEW_LACKING = 0.05
"""Share of the faces that may lack a vector where people are grouped by an embedder; who lacks one is nobody then."""

_DIGITS = 3  # of a scale: a few photos more do not move everybody


@dataclass(frozen=True)
class KnownEmbedder:
    """An embedder that a library goes or went by; `name` is that of the file that the user gave."""

    embedder: Embedder
    name: str


def known(folder: Path) -> tuple[KnownEmbedder, ...]:
    """Those of the library in `folder`, the one chosen last at the end."""
    return tuple(_known(record) for record in _read(folder).get("known", ()) if _is_sound(record))


def chosen(folder: Path) -> KnownEmbedder | None:
    """The one that the library in `folder` goes by; None: the built-in one alone."""
    active = _read(folder).get("active")
    return next((one for one in known(folder) if one.embedder.key == active), None)


def choose(folder: Path, wanted: KnownEmbedder | None) -> None:
    """Have the library in `folder` go by it from now on; None: by the built-in one. What was known stays known."""
    others = [one for one in known(folder) if wanted is None or one.embedder.key != wanted.embedder.key]
    records = [{"name": one.name, **asdict(one.embedder)} for one in (*others, *([wanted] if wanted else ()))]
    try:
        durably.write(folder / FILE, {"active": wanted.embedder.key if wanted else None, "known": records})
    except OSError as error:
        raise unusable(folder, error) from error


def usable(folder: Path) -> tuple[Embedder | None, MienError | None]:
    """The embedder that new faces are to be described by, too; or why the chosen one cannot be used."""
    wanted = chosen(folder)
    if wanted is None:
        return None, None
    file = embedders.place_of(models_folder(), wanted.embedder.sha256)
    if file.is_file():
        return wanted.embedder, None
    return None, ModelError("embedder-missing", file=file)


def memory(folder: Path) -> int:
    """Bytes that a worker needs for it, beside all else: its file once as read and once as laid out to run."""
    embedder, _ = usable(folder)
    return 0 if embedder is None else 2 * embedders.place_of(models_folder(), embedder.sha256).stat().st_size


def mark(folder: Path) -> str:
    """Another one for another choice: people are to be grouped again then."""
    wanted = chosen(folder)
    return "builtin" if wanted is None else wanted.embedder.key


def learn(
    folder: Path, connection: sqlite3.Connection, seen: Sequence[Sighting], decisions: Decisions
) -> Mapping[str, Any] | None:
    """What is to be known of the chosen embedder, if there is one: its scale, learnt from `seen` and `decisions`.

    `seen` have the built-in vectors. The answer is the record that `described` and `mien embedder status` read.
    """
    wanted = chosen(folder)
    if wanted is None:
        return None
    key = wanted.embedder.key
    faces, lacking = embedding.counts(connection, key)
    found = {"key": key, "all_faces": faces, "lacking": lacking}
    by_id = sorted(seen, key=lambda s: s.figure_id)  # ids begin with hashes: as good as drawn by lot
    sharp = [s for s in by_id if s.face_vector is not None and s.face_usable >= SHARP]
    owners = _owners(seen, decisions)
    told = [s for s in sharp if s.figure_id in owners][: SAMPLE // 2]
    chance = [s for s in sharp if s.figure_id not in owners][: SAMPLE - len(told)]
    own = embedding.vectors(connection, key, [s.figure_id for s in (*told, *chance)])
    sample = [s for s in (*told, *chance) if s.figure_id in own]
    scale = calibrate(
        np.array([s.face_vector for s in sample]).reshape(-1, 128),
        np.array([own[s.figure_id] for s in sample]) if sample else np.zeros((0, 1)),
        [s.photo_id for s in sample],
        np.array([s.face_usable for s in sample]),
        {i: owners[s.figure_id] for i, s in enumerate(sample) if s.figure_id in owners},
    )
    return {**found, **asdict(_rounded(scale))}


def in_force(record: Mapping[str, Any] | None) -> bool:
    """Whether people are grouped by the embedder that `learn` found this of."""
    return record is not None and _scale(record).holds and record["lacking"] <= FEW_LACKING * record["all_faces"]


def described(
    connection: sqlite3.Connection, seen: Sequence[Sighting], record: Mapping[str, Any] | None
) -> list[Sighting]:
    """`seen`, which have the built-in vectors, as grouping is to see them: with their handicaps, and with the vectors
    of the embedder that is in force."""
    seen = handicapped(seen)
    if record is None or not in_force(record):
        return seen
    scale = _scale(record)
    own = embedding.vectors(connection, record["key"], [s.figure_id for s in seen if s.face_vector is not None])
    return [
        replace(s, face_vector=None, face_usable=0.0, face_handicap=0.0)
        if (vector := own.get(s.figure_id)) is None
        else replace(
            s,
            face_vector=vector * np.float32(scale.scale),
            face_handicap=scale.handicap + scale.crowded * s.face_handicap,
        )
        for s in seen
    ]


def _owners(seen: Sequence[Sighting], decisions: Decisions) -> dict[str, str]:
    """Figure → the person that a human said it shows."""
    photos = {anchor.photo_id for anchor in decisions.owners()}
    there = in_order([s for s in seen if s.photo_id in photos])
    return {there[i].figure_id: person for i, person in place(there, decisions).people.items()}


def _rounded(scale: Calibration) -> Calibration:
    rounded = [float(f"{number:.{_DIGITS}g}") for number in (scale.scale, scale.handicap, scale.crowded)]
    return replace(scale, scale=rounded[0], handicap=rounded[1], crowded=rounded[2])


def _scale(record: Mapping[str, Any]) -> Calibration:
    return Calibration(**{name: value for name, value in record.items() if name not in ("key", "all_faces", "lacking")})


def _read(folder: Path) -> Mapping[str, Any]:
    """A file that cannot be understood names none, as in a new library."""
    try:
        said = durably.read(folder / FILE)
    except OSError as error:
        raise unusable(folder, error) from error
    return said if isinstance(said, dict) and isinstance(said.get("known"), list) else {}


def _is_sound(record: object) -> bool:
    return isinstance(record, dict) and record.keys() == {"name", "sha256", "colours", "span"}


def _known(record: Mapping[str, str]) -> KnownEmbedder:
    given = dict(record)
    return KnownEmbedder(name=given.pop("name"), embedder=Embedder(**given))  # type: ignore[arg-type]
