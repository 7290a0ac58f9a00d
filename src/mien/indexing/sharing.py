"""Copies of the library's photos that are safe to hand out: who may be seen in each, and what is lacking to know it."""

import functools
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from mien.catalog import details
from mien.catalog.derived import Fingerprints, face_from_bytes
from mien.catalog.details import FigureDetails, PhotoDetails
from mien.catalog.library import Library
from mien.errors import MienError, UnknownName
from mien.indexing.engine import chosen
from mien.indexing.heritage import decided
from mien.indexing.meaning import find_person, find_photo
from mien.indexing.region_places import photo_files
from mien.indexing.regroup import follows_decisions
from mien.indexing.stages import make_chain
from mien.parsing.parse import Parse
from mien.photo.formats import FileKind, sniff
from mien.photo.limits import Limits
from mien.photo.reading import read_photo
from mien.sharing.encoding import SUFFIX, Format, encoded, format_of, holding, preview
from mien.sharing.wish import Subject, Wish

SURE = 0.9
"""Least confidence of a guess at who somebody is, for them to be shown on its strength."""

UNCERTAIN = 0.6
"""Share of a figure's px that are more likely wrong than right, from which its parse is not relied upon: 3 in 100."""

USABLE = 0.2
"""Least use of a face's vector, for the copy to be compared with it: below, vectors say nothing of anybody."""

ADULT = 18
SURE_ADULT = 0.75  # chance

LIMITS = Limits(max_pixels=110_000_000)
"""A copy takes about 20 bytes per pixel."""


Load = Callable[[str], Fingerprints]


@dataclass(frozen=True)
class Asked:
    """A photo that the user means: by its id, or a file that the library does not know."""

    photo_id: str | None
    path: str


@dataclass(frozen=True, eq=False)
class Order:
    """One photo, ready to be copied by any process.

    Attributes:
        files: paths that hold it, those that can be reached first.
        parse: None if there is none that can be used.
        subjects: who is who.
        kept: what those are called who may be seen in it.
        unsure: those who might, were it certain that it is them; they are hidden. Name → confidence, 0–1.
        lacks: why this photo is not to be shared without a word: what is not known of it.
    """

    photo_id: str | None
    files: tuple[str, ...]
    parse: Parse | None
    subjects: tuple[Subject, ...]
    kept: tuple[str, ...]
    unsure: tuple[tuple[str, float], ...]
    lacks: tuple[MienError, ...]


@dataclass(frozen=True)
class Made:
    """A file to hand out.

    Attributes:
        content: of the file; suffix: the ending of its name.
        kept: how many figures may be seen in it; hidden: how many may not.
        others: how many faces and bodies are hidden beside them that indexing did not see.
    """

    content: bytes
    suffix: str
    kept: int
    hidden: int
    others: int


class Sharing:
    """Prepares copies of one library's photos, for those who may be seen in them."""

    def __init__(self, library: Library, keep: Sequence[str] | None = None, *, load: Load | None = None) -> None:
        """Args:
        keep: people (id, name, or beginning of an id); None: the user's contacts. Raises `UnknownName`.
        load: says what an engine makes now, by its name; by default it is loaded here.
        """
        self._library = library
        with library.catalog.read() as connection:
            known: dict[str, tuple[bool, str | None]] = {
                person: (bool(contact), born)
                for person, contact, born in connection.execute("SELECT person_id, contact, born FROM about_people")
            }
            self._keep = (
                {person for person, (contact, _) in known.items() if contact}
                if keep is None
                else {find_person(connection, person) for person in keep}
            )
        people = decided(library).people.values()
        if keep is None:  # what was said last holds, whatever is shown
            self._keep &= {person.person_id for person in people if person.is_contact}
        self._born = {person.person_id: person.born for person in people if person.born is not None}
        self._current = functools.cache(functools.partial(_current, chosen(library.folder), load or _load))

    @property
    def keeps_anybody(self) -> bool:
        return bool(self._keep)

    def order(self, asked: Asked) -> Order:
        """What is known of a photo."""
        photo: PhotoDetails | None = None
        fingerprints: tuple[str | None, str | None] = None, None
        faces: Mapping[str, bytes] = {}
        if asked.photo_id is not None:
            with self._library.catalog.read() as connection:
                photo = details.photo(connection, asked.photo_id)
                fingerprints, faces = _made_by(connection, asked.photo_id)
        if photo is None:
            lack = MienError("share-unindexed", file=asked.path)
            return Order(None, (asked.path,), None, (), (), (), (lack,))
        parse = details.parse_of(photo, self._library.blobs)
        files = tuple(file.path for file in photo.files)
        figures = [
            (figure, self._subject(figure, faces.get(figure.figure_id), photo.taken_at, parse))
            for figure in photo.figures
        ]
        kept = [figure.person_name or figure.person_id or "" for figure, subject in figures if subject.keep]
        unsure = [
            (figure.person_name or figure.person_id or "", float(figure.person_confidence or 0))
            for figure, subject in figures
            if not subject.keep and figure.person_id in self._keep
        ]
        lacks = tuple(self._lacks(photo, parse, fingerprints, asked.path))
        subjects = tuple(subject for _, subject in figures)
        return Order(photo.photo_id, files, parse, subjects, tuple(kept), tuple(unsure), lacks)

    def _subject(self, figure: FigureDetails, face: bytes | None, taken_at: str | None, parse: Parse | None) -> Subject:
        seen = None if face is None else face_from_bytes(face)
        is_sure = figure.person_source == "decided" or (figure.person_confidence or 0) >= SURE
        there = figure.ordinal is None or (parse is not None and figure.ordinal < len(parse))
        return Subject(
            box=figure.box,
            ordinal=figure.ordinal,
            keep=figure.person_id in self._keep and is_sure and there,
            grown_up=_grown_up(self._born.get(figure.person_id or ""), taken_at, figure.traits, is_sure=is_sure),
            face=figure.face,
            landmarks=None if seen is None else seen.landmarks,
            vector=None if seen is None or seen.quality.usable < USABLE else seen.vector,
        )

    def _lacks(
        self, photo: PhotoDetails, parse: Parse | None, made_by: tuple[str | None, str | None], path: str
    ) -> list[MienError]:
        if parse is None or photo.engine is None:
            reasons = [file.error.message() for file in photo.files if file.error is not None]
            return [MienError("share-unparsed", file=path, reason=" ".join(reasons) or "–")]
        lacks = []
        current = self._current(photo.engine)
        if current is None or made_by != (current.parse, current.faces):
            lacks.append(MienError("share-stale", file=path))
        if not follows_decisions(self._library):
            lacks.append(MienError("share-unfollowed", file=path))
        doubtful = int((parse.uncertain > UNCERTAIN).sum())
        if doubtful:
            lacks.append(MienError("share-uncertain", file=path, n=doubtful))
        return lacks


def percent(confidence: float) -> str:
    """ "89%" of 0–1, rounded down: whoever is hidden for want of the bound is not said to reach it."""
    return f"{int(100 * confidence)}%"


def find(library: Library, references: Sequence[str]) -> list[Asked]:
    """The photos that the user means, each once: by path, by id or its beginning; a folder means all photos in it.

    Raises `UnknownName` for a reference that means nothing.
    """
    found: dict[tuple[str | None, str], Asked] = {}
    with library.catalog.read() as connection:
        for reference in references:
            for asked in _meant(connection, reference):
                found.setdefault((asked.photo_id, asked.path if asked.photo_id is None else ""), asked)
    return list(found.values())


def copy_of(
    order: Order, wish: Wish, *, anyway: bool = False, file_format: Format | None = None, small: bool = False
) -> Made:
    """The copy of one photo: a file of its own, or with `small` a preview that shows what is hidden.

    The original is only read. Raises `MienError` if something is lacking, unless `anyway`; then who is not known is
    hidden. Raises it also if somebody who is hidden can still be found.
    """
    if order.lacks and not anyway:
        raise order.lacks[0]
    photo, file = _read(order)
    if photo.key != order.photo_id and order.photo_id is not None:
        if not anyway:
            raise MienError("photo-changed", file=file)
        order = replace(order, parse=None, subjects=())
    copy = _copyist()(photo.pixels, order.parse, order.subjects, wish, file=file)
    chosen_format = holding(copy.pixels, file_format or format_of(photo.metadata.format))
    content = preview(copy.pixels, copy.hidden) if small else encoded(copy.pixels, chosen_format)
    return Made(content, ".jpg" if small else SUFFIX[chosen_format], copy.kept, copy.strangers, copy.others)


def _read(order: Order) -> tuple[Any, str]:
    """The photo from the first file that still holds it, else whatever the last one holds."""
    failure: MienError | None = None
    other = None
    for path in order.files:
        try:
            photo = read_photo(Path(path), long_side=None, limits=LIMITS)
        except MienError as error:
            failure = error
            continue
        if photo.key == order.photo_id or order.photo_id is None:
            return photo, path
        other = photo, path
    if other is not None:
        return other
    raise failure or UnknownName("no-such-photo", reference=order.photo_id)


@functools.cache
def _copyist() -> Any:
    """The networks of this process, loaded once."""
    from mien.sharing.copying import Copyist

    return Copyist()


def _meant(connection: sqlite3.Connection, reference: str) -> list[Asked]:
    path = Path(os.path.abspath(Path(reference).expanduser()))  # noqa: PTH100 (keeps links)
    if path.is_dir():
        try:
            known = {str(file.path): file.photo_id for file in photo_files(connection, [str(path)])}
        except UnknownName:
            known = {}
        there = [file for file in sorted(path.rglob("*")) if str(file) in known or sniff(file) is FileKind.PHOTO]
        if not there:
            raise UnknownName("no-photos-there", path=reference)
        return [Asked(known.get(str(file)), str(file)) for file in there]
    try:
        photo_id = find_photo(connection, reference)
    except UnknownName:
        if not path.is_file():
            raise
        return [Asked(None, str(path))]
    return [Asked(photo_id, str(path) if path.is_file() else reference)]


def _made_by(connection: sqlite3.Connection, photo_id: str) -> tuple[tuple[str | None, str | None], dict[str, bytes]]:
    """By what a photo's parse and faces were made; and the faces: figure → as stored."""
    row = connection.execute(
        "SELECT parse_fingerprint, faces_fingerprint FROM photos WHERE photo_id = ?", (photo_id,)
    ).fetchone()
    faces = connection.execute(
        "SELECT figure_id, data FROM faces JOIN figures USING (figure_id) WHERE photo_id = ?", (photo_id,)
    )
    return (None, None) if row is None else (row[0], row[1]), dict(faces.fetchall())


def _load(engine: str) -> Fingerprints:
    return make_chain(engine).fingerprints()


def _current(engine: str, load: Load, wanted: str) -> Fingerprints | None:
    """What the engine of this name would make now; None if it cannot be asked."""
    for name in dict.fromkeys((engine, wanted)):
        try:
            made = load(name)
        except MienError:
            continue
        if made.engine == wanted:
            return made
    return None


def _grown_up(born: date | None, taken_at: str | None, traits: Mapping[str, Any], *, is_sure: bool) -> bool:
    """Whether somebody is known to be of age: by the day of birth, unless it is not certain that this is them; else by
    the proportions of the body."""
    if born is not None and (is_sure or not _of_age(born, taken_at)):
        return _of_age(born, taken_at)
    age = traits.get("age_group") or {}
    return age.get("value") == "adult" and float(age.get("confidence", 0)) >= SURE_ADULT


def _of_age(born: date, taken_at: str | None) -> bool:
    if taken_at is None:
        return False
    taken = date.fromisoformat(taken_at[:10])
    return (taken.year - born.year) - ((taken.month, taken.day) < (born.month, born.day)) >= ADULT
