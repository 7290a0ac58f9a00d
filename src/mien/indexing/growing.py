"""Growing: all that a library says of how tall a person was, and when."""

from dataclasses import dataclass
from datetime import date

from mien.catalog import stances, store
from mien.catalog.library import Library
from mien.catalog.stances import Shot, Standing
from mien.growth.curve import Curve, fit
from mien.growth.measuring import LeftOut, Person, Point, Scene, Sight, measure
from mien.growth.reasons import Reason
from mien.growth.standing import Stance, stance
from mien.indexing import heritage, meaning
from mien.parsing.parse import Parse

SURE = 0.8
"""Guesses of who it is that are less sure do not count."""

AT_ONCE = 50
"""Photos whose figures are looked at between two short transactions."""


@dataclass(frozen=True)
class Growth:
    """How a person grew.

    Attributes:
        born: their day of birth, if it was said; without it there is no curve.
        measured: heights that were said, cm, by day.
        points: what photos say, by time.
        left_out: figures of them that say nothing.
        curve: None where nothing is known.
        names: of the people beside whom they were measured, by id.
        waiting: photos that were not looked at yet.
    """

    person_id: str
    name: str | None
    born: date | None
    measured: tuple[tuple[date, float], ...]
    points: tuple[Point, ...]
    left_out: tuple[LeftOut, ...]
    curve: Curve | None
    names: dict[str, str]
    waiting: int = 0


def growth(library: Library, reference: str, at_most: int | None = None) -> Growth:
    """Of the person that `reference` means. Raises `UnknownName`.

    Photos are looked at once, which takes some hundredths of a second each; `at_most` so many of them now.
    """
    decisions = heritage.decided(library)
    known = {i: Person(i, one.born, one.heights) for i, one in decisions.people.items()}
    with library.catalog.read() as connection:
        person_id = meaning.find_person(connection, reference, lambda i: decisions.merged.get(i, i))
    tall = {i for i, one in known.items() if one.heights}
    shots, waiting = _looked_at(library, person_id, tall, at_most)
    person = known.get(person_id, Person(person_id))
    points, left_out = measure(person, [_scene(shot) for shot in shots], known)
    curve = None
    if person.born is not None:
        measured = [(day, cm) for day, cm in person.heights if day >= person.born and person.is_growing(day)]
        curve = fit(person.born, points, measured)
    said = decisions.people.get(person_id)
    return Growth(
        person_id,
        said.name if said is not None else None,
        person.born,
        person.heights,
        tuple(points),
        tuple(left_out),
        curve,
        {i: one.name for i, one in decisions.people.items() if i in tall and one.name is not None},
        waiting,
    )


def _looked_at(library: Library, person_id: str, tall: set[str], at_most: int | None) -> tuple[list[Shot], int]:
    """The photos of a person, with how everybody in them stands, and how many of them wait to be looked at."""
    with library.catalog.read() as connection:
        shots = stances.shots(connection, person_id, tall)
    new = [shot for shot in shots if any(_is_new(figure) for figure in shot.figures)]
    tried = looked = 0  # what cannot be looked at now is no reason not to look at what comes behind it
    while tried < len(new) and (at_most is None or looked < at_most):
        few = AT_ONCE if at_most is None else min(AT_ONCE, at_most - looked)
        looks = [(shot, _look(library, shot)) for shot in new[tried : tried + few]]
        with library.catalog.write() as connection:
            for shot, found in looks:
                stances.put(connection, shot, found)
        tried += len(looks)
        looked += sum(bool(found) for _, found in looks)
    if looked:
        with library.catalog.read() as connection:
            shots = stances.shots(connection, person_id, tall)
    waiting = {shot.photo_id for shot in new[tried:]}
    return [shot for shot in shots if shot.photo_id not in waiting], len(waiting)


def _is_new(figure: Standing) -> bool:
    return figure.stance is None and figure.ordinal is not None


def _look(library: Library, shot: Shot) -> dict[str, Stance | Reason]:
    """How the figures of a photo stand; nothing while it is parsed anew."""
    data = None if shot.blob is None else library.blobs.read("parses", shot.blob)
    if data is None:
        return {}
    try:
        parse = Parse.from_bytes(data)
    except ValueError:  # damaged; the next index run makes it anew
        return {}
    with library.catalog.read() as connection:
        faces = store.faces(connection, shot.photo_id)
    if len(faces) != len(parse):  # an index run has just changed the photo
        return {}
    return {
        figure.figure_id: stance(parse, figure.ordinal, faces[figure.ordinal])
        for figure in shot.figures
        if _is_new(figure) and figure.ordinal is not None
    }


def _scene(shot: Shot) -> Scene:
    sights = tuple(
        Sight(figure.figure_id, figure.person_id, figure.stance or "not-seen", figure.confidence >= SURE)
        for figure in shot.figures
    )
    return Scene(shot.photo_id, shot.day, shot.lens, sights)
