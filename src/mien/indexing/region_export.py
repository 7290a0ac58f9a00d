"""Names that were given in Mien, for other programs: face regions in sidecars. Photos are never opened for writing."""

import contextlib
import json
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mien import durably
from mien.catalog.library import Library
from mien.errors import MienError
from mien.indexing import roots
from mien.indexing.deciding import up_to_date
from mien.indexing.heritage import decided
from mien.indexing.meaning import find_person
from mien.indexing.region_import import Report
from mien.indexing.region_matching import head
from mien.indexing.region_places import Beside, PhotoFile, opened, photo_files
from mien.people.anchors import Anchor
from mien.photo.face_regions import MIEN
from mien.photo.orientation import Box
from mien.photo.rdf import MalformedXmp
from mien.photo.region_writing import NamedFace, OtherVersion, with_faces
from mien.photo.sidecars import read_sidecar, target

SURE_GUESS = 0.9
"""Least confidence of a guess that is written, if guesses are asked for at all."""

KEPT = ".bak"
"""Behind the name of a sidecar: as it was before Mien first wrote to it."""


@dataclass
class Exported:
    """What an export wrote, or would write.

    Attributes:
        written: the sidecars that were made or changed.
        unchanged: how many say already what they should.
        faces: how many faces are in all of them. people: whose.
        left: sidecars and photos that were left as they are, and why.
    """

    written: list[Path] = field(default_factory=list)
    unchanged: int = 0
    faces: int = 0
    people: set[str] = field(default_factory=set)
    left: list[MienError] = field(default_factory=list)


def export_regions(
    library: Library,
    people: Sequence[str] = (),
    *,
    folder: Path | None = None,
    guesses: bool = False,
    dry_run: bool = False,
    report: Report | None = None,
) -> Exported:
    """Write the faces of named people into sidecars; of these `people` (id, name, or beginning of an id) if given.

    Only who was decided is written, unless `guesses` adds those of which Mien is sure. What Mien wrote before, of
    whom it writes now, is replaced; so a name that was taken back goes. People who are hidden are passed over, unless
    they are asked for.

    Args:
        folder: where the sidecars go, in folders named as the library's; None: beside the photos.
    """
    up_to_date(library)
    with library.catalog.read() as connection:
        asked = {find_person(connection, person) for person in people}
        files = photo_files(connection)
    faces = _faces(library, asked or None, guesses)
    beside = Beside((*roots.known(library.folder), str(library.uploads)), folder)
    result = Exported()
    for done, file in enumerate(files, start=1):
        mirror = beside.mirror(file.path)
        sidecar = mirror / target(file.path.name, beside.siblings(mirror))
        try:
            _write(file, sidecar, faces.get(file.photo_id, ()), asked or None, dry_run, result)
        except MienError as error:
            result.left.append(error)
        if report is not None:
            report(done, len(files))
    return result


def _write(
    file: PhotoFile,
    sidecar: Path,
    faces: Sequence[NamedFace],
    people: set[str] | None,
    dry_run: bool,
    result: Exported,
) -> None:
    """Bring one sidecar up to date. Raises `MienError` if it is to be left alone."""
    before = read_sidecar(sidecar) if sidecar.is_file() else None
    if before is None and sidecar.exists():
        raise MienError("sidecar-no-file", file=sidecar)
    # Where nobody is named any more, only what Mien wrote itself is looked for.
    if not faces and (before is None or MIEN.encode() not in before.replace(b"\0", b"")):
        return
    _, _, shape = opened(file)
    try:
        after = with_faces(before, faces, shape, people)
    except MalformedXmp as error:
        raise MienError("sidecar-malformed", file=sidecar, reason=error) from error
    except OtherVersion as error:
        raise MienError("sidecar-other-version", file=sidecar) from error
    result.faces += len(faces)
    result.people |= {face.person_id for face in faces}
    if after == before:
        result.unchanged += 1
        return
    if not dry_run:
        _replace(sidecar, before, after)
    result.written.append(sidecar)


def _replace(sidecar: Path, before: bytes | None, after: bytes) -> None:
    place = sidecar.resolve()  # a link stays one
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if before is not None:
            with contextlib.suppress(FileExistsError), place.with_name(place.name + KEPT).open("xb") as kept:
                kept.write(before)
                kept.flush()
                os.fsync(kept.fileno())
            if read_sidecar(place) != before:
                raise MienError("sidecar-changed", file=sidecar)
        durably.replace(place, after)
    except OSError as error:
        raise MienError("file-unwritable", file=sidecar, reason=error.strerror or error) from error


def _faces(library: Library, people: set[str] | None, guesses: bool) -> dict[str, list[NamedFace]]:
    """Photo → the faces of named people in it."""
    hidden = set() if people else {p.person_id for p in decided(library).people.values() if p.is_hidden}
    faces: dict[str, list[NamedFace]] = defaultdict(list)
    with library.catalog.read() as connection:
        rows = connection.execute(
            """
            SELECT photo_id, width * 1.0 / height, x0, y0, x1, y1, face_x0, face_y0, face_x1, face_y1, mask,
                person_id, name, source, confidence
            FROM figures JOIN evidence USING (figure_id) JOIN photos USING (photo_id)
                JOIN membership USING (figure_id) JOIN people USING (person_id)
            WHERE name IS NOT NULL AND (source = 'decided' OR (?1 AND confidence >= ?2))
                AND (?3 IS NULL OR person_id IN (SELECT value FROM json_each(?3)))
            ORDER BY photo_id, x0, figure_id
            """,
            (guesses, SURE_GUESS, None if people is None else json.dumps(sorted(people))),
        )
        for photo_id, shape, x0, y0, x1, y1, *face, mask, person_id, name, source, confidence in rows:
            if person_id not in hidden:
                place = Anchor(photo_id, (x0, y0, x1, y1), mask)
                box: Box = head(place, shape) if face[0] is None else (face[0], face[1], face[2], face[3])
                faces[photo_id].append(NamedFace(person_id, name, box, None if source == "decided" else confidence))
    return faces
