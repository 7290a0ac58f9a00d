"""Dressing: the wardrobes of a library's people, and what the user says of garments."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from mien.catalog import wardrobes
from mien.catalog.library import Library
from mien.errors import UnknownName
from mien.indexing import deciding, heritage, meaning
from mien.indexing.deciding import Decided
from mien.people.decisions import Decisions, same_name
from mien.people.naming import tidy
from mien.people.statements import Statement
from mien.wardrobe.glimpses import Glimpse, parse_glimpse_id
from mien.wardrobe.recognising import Garment, Said, SaidGarment, Wardrobe, recognise

_ELSEWHERE = {"upper": "dress", "dress": "upper"}
"""Where a garment is looked for that is not seen any more where it was: engines confuse tops and dresses."""


@dataclass(frozen=True)
class Dressed:
    """A person, and what they wear. `name`: None for a group that nobody named; `unsure`: photos that are left out, for
    want of being sure that they show this person."""

    person_id: str
    name: str | None
    wardrobe: Wardrobe
    unsure: int


def dressed(library: Library, reference: str) -> Dressed:
    """The wardrobe of the person that `reference` means. Raises `UnknownName`."""
    decisions = heritage.decided(library)
    with library.catalog.read() as connection:
        person_id = meaning.find_person(connection, reference, lambda i: decisions.merged.get(i, i))
    return _of(library, person_id, decisions)


def family(library: Library) -> list[Dressed]:
    """The wardrobes of everybody with a name, without those who are kept from lists."""
    decisions = heritage.decided(library)
    with library.catalog.read() as connection:
        people = [person_id for person_id, _ in wardrobes.dressed_people(connection)]
    found = [_of(library, person_id, decisions) for person_id in people]
    return [one for one in found if one.wardrobe.garments]


def find(library: Library, reference: str) -> tuple[Dressed, Garment]:
    """The garment that the user means: by its id or that of any glimpse of it (or first characters of the figure's), or
    by its name. Raises `UnknownName`."""
    who, garment, _ = _find(library, reference)
    return who, garment


def name(library: Library, garment: str, said: str) -> Decided:
    """A garment is called `said`."""
    called = tidy(said)
    return _say(library, lambda: _about("garment-name", library, garment, name=called))


def same(library: Library, garment: str, other: str) -> Decided:
    """Two garments are one."""

    def say() -> Statement:
        (one, mine), (two, theirs) = (find(library, reference) for reference in (garment, other))
        if one.person_id == two.person_id and mine.garment_id == theirs.garment_id:
            raise UnknownName("same-garment", reference=garment)
        if one.person_id != two.person_id:
            raise UnknownName("garments-of-two")
        if mine.name and theirs.name and mine.name != theirs.name:
            raise UnknownName("garments-named-apart", one=mine.name, other=theirs.name)
        return _statement(library, "garment-same", [*_keys(mine), *_keys(theirs)])

    return _say(library, say)


def different(library: Library, garment: str, other: str) -> Decided:
    """What is seen in one place is another garment than what is seen in the other."""

    def say() -> Statement:
        (_, mine, here), (_, theirs, there) = _find(library, garment), _find(library, other)
        if here == there:
            rest = [glimpse for glimpse in theirs.glimpses if glimpse != here]
            if mine != theirs or not rest:
                raise UnknownName("same-garment", reference=garment)
            there = next((glimpse for glimpse in rest if glimpse.glimpse_id in theirs.said), rest[0])
        return _statement(library, "garment-different", [here, there])

    return _say(library, say)


def retire(library: Library, garment: str, retired: bool = True) -> Decided:
    """Whether a garment is not worn any more."""
    return _say(library, lambda: _about("garment-retire", library, garment, value=retired))


def not_theirs(library: Library, garment: str, foreign: bool = True) -> Decided:
    """Whether a garment is not of the person who is seen in it."""
    return _say(library, lambda: _about("garment-not-theirs", library, garment, value=foreign))


def _say(library: Library, say: Callable[[], Statement]) -> Decided:
    deciding.up_to_date(library)
    return deciding.of_garments(library, say)


def _about(kind: str, library: Library, reference: str, *, name: str | None = None, value: bool = True) -> Statement:
    _, garment = find(library, reference)
    return _statement(library, kind, _keys(garment), name=name, value=value)


def _keys(garment: Garment) -> list[Glimpse]:
    """The glimpses that stand for a garment: those that it goes by and is shown by, and all that were spoken of."""
    known = {garment.garment_id, garment.key.glimpse_id, *garment.said}
    return [glimpse for glimpse in garment.glimpses if glimpse.glimpse_id in known]


def _statement(
    library: Library, kind: str, glimpses: Sequence[Glimpse], *, name: str | None = None, value: bool = True
) -> Statement:
    with library.catalog.read() as connection:
        places = meaning.places(connection, {glimpse.figure_id for glimpse in glimpses})
    seen = [glimpse for glimpse in glimpses if glimpse.figure_id in places]
    if not seen or (kind == "garment-different" and len(seen) < 2):
        raise UnknownName("no-such-garment", reference=glimpses[0].glimpse_id)
    anchors, worn = tuple(places[glimpse.figure_id] for glimpse in seen), tuple(glimpse.place for glimpse in seen)
    return Statement(kind, anchors, name=name, value=value, worn=worn)


def _of(library: Library, person_id: str, decisions: Decisions) -> Dressed:
    known = decisions.people.get(person_id)
    with library.catalog.read() as connection:
        glimpses = wardrobes.glimpses(connection, person_id)
        said = _said(connection, decisions, glimpses)
        unsure = wardrobes.unsure(connection, person_id)
    kept = _kept.setdefault(library, {})
    if (last := kept.get(person_id)) is None or last[:2] != (glimpses, said):
        last = kept[person_id] = glimpses, said, recognise(glimpses, said)
    return Dressed(person_id, known.name if known is not None else None, last[2], unsure)


_kept: WeakKeyDictionary[Library, dict[str, tuple[list[Glimpse], Said, Wardrobe]]] = WeakKeyDictionary()
"""Each person's wardrobe and what it was made of: seconds for somebody who is seen in thousands of photos."""


def _said(connection: sqlite3.Connection, decisions: Decisions, glimpses: Iterable[Glimpse]) -> Said:
    """What was said of these glimpses: the spots that show them are found again, however the photo was parsed since."""
    ids = {glimpse.glimpse_id for glimpse in glimpses}
    photos = {glimpse.photo_id for glimpse in glimpses}
    spots = {spot for garment in decisions.garments for spot in garment.spots}
    spots |= {spot for pair in decisions.garments_apart for spot in pair}
    anchors = {anchor for anchor, _ in spots if anchor.photo_id in photos}
    figures = meaning.standing(connection, anchors)
    seen = {}
    for anchor, worn in spots:
        if (figure := figures.get(anchor)) is not None:
            places = (worn, _ELSEWHERE.get(worn, worn))
            found = next((f"{figure}.{place}" for place in places if f"{figure}.{place}" in ids), None)
            if found is not None:
                seen[anchor, worn] = found
    garments = [
        SaidGarment(
            frozenset(seen[spot] for spot in garment.spots if spot in seen),
            garment.name,
            garment.is_retired,
            garment.is_theirs,
        )
        for garment in decisions.garments
    ]
    apart = ((seen[one], seen[other]) for one, other in decisions.garments_apart if one in seen and other in seen)
    return Said(tuple(garment for garment in garments if garment.glimpses), frozenset(apart))


def _find(library: Library, reference: str) -> tuple[Dressed, Garment, Glimpse]:
    """The person, the garment, and the glimpse of it that is meant: the best one, if none in particular."""
    decisions = heritage.decided(library)
    figures = _named(library, decisions, reference) or _figure(library, reference)
    with library.catalog.read() as connection:
        people = meaning.shown_as(connection, [figure for figure, _ in figures])
    found: dict[tuple[str, str], tuple[Dressed, Garment, Glimpse]] = {}
    for person_id in sorted(set(people.values())):
        who = _of(library, person_id, decisions)
        for garment in who.wardrobe.garments:
            mine = [g for g in garment.glimpses if (g.figure_id, g.place) in figures or (g.figure_id, "") in figures]
            is_named = garment.name is not None and same_name(garment.name) == same_name(reference)
            if mine:
                found[person_id, garment.garment_id] = (who, garment, garment.key if is_named else mine[0])
    if not found:
        raise UnknownName("no-such-garment", reference=reference)
    if len(found) > 1:
        ids = ", ".join(garment.garment_id for _, garment, _ in found.values())
        raise UnknownName("ambiguous-garment", reference=reference, ids=ids)
    return next(iter(found.values()))


def _named(library: Library, decisions: Decisions, reference: str) -> set[tuple[str, str]]:
    """Figures and places that show a garment of this name."""
    wanted = same_name(reference)
    spots = [
        spot
        for garment in decisions.garments
        if garment.name is not None and same_name(garment.name) == wanted
        for spot in garment.spots
    ]
    with library.catalog.read() as connection:
        figures = meaning.standing(connection, {anchor for anchor, _ in spots})
    found = {(figures[anchor], worn) for anchor, worn in spots if anchor in figures}
    return found | {(figure, _ELSEWHERE[worn]) for figure, worn in found if worn in _ELSEWHERE}


def _figure(library: Library, reference: str) -> set[tuple[str, str]]:
    """The figure and place of an id, or of the first characters of the figure's; "" for any place."""
    figure, place = parse_glimpse_id(reference) or (reference, "")
    try:
        with library.catalog.read() as connection:
            return {(meaning.find_figure(connection, figure), place)}
    except UnknownName:
        raise UnknownName("no-such-garment", reference=reference) from None
