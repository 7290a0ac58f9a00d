"""Naming: from what a user says (this one is Anna) to the decision that the journal keeps."""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mien.errors import UnknownName
from mien.people.anchors import Anchor, superseded
from mien.people.decisions import Decisions, same_name
from mien.people.membership import Grouping, Person

LONGEST_NAME = 200
"""Characters."""

_SHORTEST_PREFIX = 4
_JOINERS = "\u200c\u200d"  # parts of words in Persian and Indic scripts, and of emoji

_LOOSE_JOINERS = re.compile(
    rf"^[{_JOINERS}]+|(?<![\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca])[{_JOINERS}]+$"
)
"""Joiners of a word that join nothing. After a virama, one at the end shapes the last letter."""

_BLANK = re.compile(
    rf"[ {_JOINERS}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f"
    "\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]*"
)
"""What shows nothing by itself, though Unicode counts it as printable: joiners, fillers of Hangul syllables, the empty
Braille pattern, inherent vowels, variation selectors."""


def find_person(grouping: Grouping, reference: str) -> Person:
    """The person a user means: by id, by name, by the first characters of an id (at least 4), or by a figure of theirs.

    An unnamed group goes by the id of a figure, which so means the same person once it has a name.

    Raises `UnknownName` if there is none, or more than one.
    """
    wanted = same_name(reference)
    by_id = [p for p in grouping.people if p.person_id == reference]
    by_name = [p for p in grouping.people if p.name is not None and same_name(p.name) == wanted]
    by_prefix = [p for p in grouping.people if p.person_id.startswith(reference)]
    if len(reference) < _SHORTEST_PREFIX:
        by_prefix = []
    meant = by_id or by_name or by_prefix or _by_figure(grouping, reference)
    if not meant:
        raise UnknownName("no-such-person", reference=reference)
    if len(meant) > 1:
        raise UnknownName("ambiguous-person", reference=reference, ids=", ".join(p.person_id for p in meant))
    return meant[0]


def _by_figure(grouping: Grouping, reference: str) -> list[Person]:
    """Those whom the figures with this id, or beginning of one, show."""
    if len(reference) < _SHORTEST_PREFIX:
        return []
    ids = {m.person_id for figure, m in grouping.memberships.items() if figure.startswith(reference)}
    return [person for person in grouping.people if person.person_id in ids]


def name_decision(
    person: Person,
    decisions: Decisions,
    name: str,
    places: Mapping[str, Anchor],
    *,
    seen: Sequence[str] | None = None,
    mint: Callable[[], str] = lambda: str(uuid.uuid4()),
) -> dict[str, Any]:
    """The body of the `name` decision that calls `person` of the current grouping `name`.

    A new name mints a person, or renames one who has a name. A name that another person has says "this is that person
    too": the figures become theirs, written as that name is; of two people with a name the first one is gone.

    Args:
        places: figure id → where it stands, of the person's figures at least.
        seen: the figures that the user saw; by default the person's key figures.
        mint: gives a new person's id.

    Raises `UnknownName` if the name is empty or too long, or if several other people have it.
    """
    name = tidy(name)
    anchors = {places[figure] for figure in (person.key_figures if seen is None else seen)}
    known = decisions.people.get(person.person_id)
    namesakes = [other for other in decisions.named(name) if other.person_id != person.person_id]
    if len(namesakes) > 1:
        ids = ", ".join(other.person_id for other in namesakes)
        raise UnknownName("ambiguous-person", reference=name, ids=ids)
    if namesakes:
        person_id, name = namesakes[0].person_id, namesakes[0].name or name
        if known is not None:  # whatever was said of them holds of the other now
            anchors |= known.anchors - superseded(known.anchors, anchors)
    else:
        person_id = mint() if known is None else known.person_id
    ordered = sorted((anchor.to_json() for anchor in anchors), key=lambda a: (a["photo_id"], a["box"], a["mask"]))
    return {"person_id": person_id, "name": name, "anchors": ordered}


def tidy(name: str) -> str:
    """A name as it is kept: without control characters and loose joiners, each run of spaces one space."""
    words = "".join(c if c.isprintable() or c in _JOINERS else " " for c in name).split()
    tidied = " ".join(tight for word in words if (tight := _LOOSE_JOINERS.sub("", word)))
    if _BLANK.fullmatch(tidied):
        raise UnknownName("name-empty")
    if len(tidied) > LONGEST_NAME:
        raise UnknownName("name-too-long", longest=LONGEST_NAME)
    return tidied
