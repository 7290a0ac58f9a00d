"""What a human said of the people in the photos: the journal's entries, replayed into what holds now.

Kinds of entries and their bodies:

- `name`: `{"person_id": UUID, "name": text, "anchors": [Anchor, …]}`: the figures that the user saw there are this
  person, who is called so. An anchor belongs to the person it was last said to show; a person without any is gone.
- `undo`: `{"of": entry id}`: as if that entry had never been made. An undo of an undo is a redo.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol

from mien.errors import UnknownName
from mien.people.anchors import Anchor, superseded


class Entry(Protocol):
    """One entry of the journal, as the catalog keeps it: its place, id (UUID), time (aware), kind and body."""

    @property
    def seq(self) -> int: ...
    @property
    def id(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def body(self) -> Mapping[str, Any]: ...


_SPACE_IN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


@dataclass(frozen=True)
class DecidedPerson:
    """A person of whom a human said something.

    Attributes:
        person_id: UUID.
        name: None for whom was only said which figures they are.
        anchors: where they were seen: all of these are this one person, even two in one photo (a mirror).
        born: their day of birth.
        is_contact: whether they may be seen in what is shared.
        is_hidden: whether they are kept from lists of people.
    """

    person_id: str
    name: str | None
    anchors: frozenset[Anchor]
    born: date | None = None
    is_contact: bool = False
    is_hidden: bool = False


@dataclass(frozen=True)
class Decisions:
    """What holds now. No two of these contradict each other.

    Attributes:
        people: by person id. Any two of them are different people.
        apart: pairs of places that show different people.
        rejected: places, and the id of a person whom they do not show.
        not_people: places where nobody stands, whatever an engine sees.
        drawn: places where somebody stands, whether or not an engine sees them.
        not_understood: ids of entries from a newer version, or damaged: kept in the journal, without effect here.
    """

    people: Mapping[str, DecidedPerson] = field(default_factory=dict)
    apart: frozenset[tuple[Anchor, Anchor]] = frozenset()
    rejected: frozenset[tuple[Anchor, str]] = frozenset()
    not_people: frozenset[Anchor] = frozenset()
    drawn: frozenset[Anchor] = frozenset()
    not_understood: tuple[str, ...] = ()

    def owners(self) -> dict[Anchor, str]:
        """Every anchor → the person it shows."""
        return {anchor: person.person_id for person in self.people.values() for anchor in person.anchors}

    def named(self, name: str) -> list[DecidedPerson]:
        """The people of this name, however it is written (see `same_name`), by person id."""
        wanted = same_name(name)
        people = (p for p in self.people.values() if p.name is not None and same_name(p.name) == wanted)
        return sorted(people, key=lambda p: p.person_id)

    def places(self) -> set[Anchor]:
        """Every place that anything was said of."""
        pairs = (place for pair in self.apart for place in pair)
        rejected = (place for place, _ in self.rejected)
        return {*self.owners(), *pairs, *rejected, *self.not_people, *self.drawn}


def same_name(name: str) -> str:
    """Equal for names that differ only in case, width, composition (Unicode's NFKC and case folding), or in how many
    spaces stand where; between Chinese characters a space means nothing."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return _SPACE_IN_CHINESE.sub("", " ".join(folded.split()))


def replay(entries: Iterable[Entry], heirs: Mapping[str, str] | None = None) -> Decisions:
    """What holds after all these entries.

    Args:
        heirs: photo key → the key of its edited version, whose decisions it inherits (`anchors.heirs`).
    """
    ordered = sorted(entries, key=lambda entry: entry.seq)
    undone = _undone(ordered)
    names: dict[str, str] = {}
    owners: dict[str, dict[Anchor, str]] = defaultdict(dict)
    not_understood = []
    for entry in ordered:
        if entry.kind == "undo" or entry.id in undone:
            continue
        try:
            person_id, name, anchors = _read_name(entry)
        except ValueError:
            not_understood.append(entry.id)
            continue
        anchors = [replace(a, photo_id=(heirs or {}).get(a.photo_id, a.photo_id)) for a in anchors]
        names[person_id] = name
        photos = {anchor.photo_id for anchor in anchors}
        for gone in superseded((a for photo_id in photos for a in owners[photo_id]), anchors):
            del owners[gone.photo_id][gone]
        for anchor in anchors:
            owners[anchor.photo_id][anchor] = person_id
    anchored: dict[str, set[Anchor]] = defaultdict(set)
    for places in owners.values():
        for anchor, person_id in places.items():
            anchored[person_id].add(anchor)
    people = {i: DecidedPerson(i, names[i], frozenset(anchored[i])) for i in sorted(anchored)}
    return Decisions(people, not_understood=tuple(not_understood))


def undo_decision(entries: Iterable[Entry], expected: str | None = None) -> dict[str, Any]:
    """The body of an `undo` of the last decision that still holds.

    Raises `UnknownName` if there is none, or if it is not the one with the id `expected`.
    """
    ordered = sorted(entries, key=lambda entry: entry.seq)
    undone = _undone(ordered)
    decisions = [entry.id for entry in ordered if entry.kind != "undo"]
    if expected is not None and expected not in decisions:
        raise UnknownName("no-such-decision")
    if expected in undone:
        raise UnknownName("already-undone")
    last = next((decision for decision in reversed(decisions) if decision not in undone), None)
    if last is None:
        raise UnknownName("nothing-to-undo")
    if expected not in (None, last):
        raise UnknownName("not-last-decision")
    return {"of": last}


def _undone(ordered: list[Entry]) -> set[str]:
    """Ids of the entries without effect. Only a later entry can undo one, so the last word is read first."""
    place = {entry.id: entry.seq for entry in ordered}
    undone: set[str] = set()
    for entry in reversed(ordered):
        if entry.kind == "undo" and entry.id not in undone:
            of = str(entry.body.get("of"))
            if place.get(of, entry.seq) < entry.seq:
                undone.add(of)
    return undone


def _read_name(entry: Entry) -> tuple[str, str, list[Anchor]]:
    if entry.kind != "name":
        raise ValueError(f"unknown kind {entry.kind}")
    body = entry.body
    try:
        return str(body["person_id"]), str(body["name"]), [Anchor.from_json(record) for record in body["anchors"]]
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a name: {error!r}") from error
