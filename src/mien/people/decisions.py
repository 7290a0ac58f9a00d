"""What a human said of the people in the photos: the journal's entries, replayed into what holds now."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from mien.people.anchors import Anchor
from mien.people.garments import DecidedGarment, Spot
from mien.people.ledger import Ledger
from mien.people.statements import ABOUT_ENTRIES, Entry, read

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
        heights: how tall they were, cm, on which days, in order.
    """

    person_id: str
    name: str | None
    anchors: frozenset[Anchor]
    born: date | None = None
    is_contact: bool = False
    is_hidden: bool = False
    heights: tuple[tuple[date, float], ...] = ()


@dataclass(frozen=True)
class Decisions:
    """What holds now. No two of these contradict each other.

    Attributes:
        people: by person id. Any two of them are different people.
        apart: pairs of places that show different people.
        rejected: places, and the id of a person whom they do not show.
        unsure: pairs of places of which was asked in vain whether they show one person.
        not_people: places where nobody stands, whatever an engine sees.
        drawn: places where somebody stands, whether or not an engine sees them.
        garments: of which anything was said. No two share a spot.
        garments_apart: pairs of spots that show two garments.
        merged: ids of people who turned out to be others → who they are.
        without_effect: ids of entries that contradict an earlier one → that one's id. Only imports leave such.
        not_understood: ids of entries from a newer version, or damaged: kept in the journal, without effect here.
    """

    people: Mapping[str, DecidedPerson] = field(default_factory=dict)
    apart: frozenset[tuple[Anchor, Anchor]] = frozenset()
    rejected: frozenset[tuple[Anchor, str]] = frozenset()
    unsure: frozenset[tuple[Anchor, Anchor]] = frozenset()
    not_people: frozenset[Anchor] = frozenset()
    drawn: frozenset[Anchor] = frozenset()
    merged: Mapping[str, str] = field(default_factory=dict)
    without_effect: Mapping[str, str] = field(default_factory=dict)
    not_understood: tuple[str, ...] = ()
    garments: tuple[DecidedGarment, ...] = ()
    garments_apart: frozenset[tuple[Spot, Spot]] = frozenset()

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
        pairs = (place for pair in (*self.apart, *self.unsure) for place in pair)
        rejected = (place for place, _ in self.rejected)
        spots = (place for garment in self.garments for place, _ in garment.spots)
        apart = (place for pair in self.garments_apart for place, _ in pair)
        return {*self.owners(), *pairs, *rejected, *spots, *apart, *self.not_people, *self.drawn}


def same_name(name: str) -> str:
    """Equal for names that differ only in case, width, composition (Unicode's NFKC and case folding), or in how many
    spaces stand where; between Chinese characters a space means nothing."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return _SPACE_IN_CHINESE.sub("", " ".join(folded.split()))


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """By the time they were made, however they came into this journal. A journal gives out no time twice."""
    return sorted(entries, key=lambda entry: (entry.at, entry.id))


def undone(ordered: list[Entry]) -> set[str]:
    """Ids of the entries, in order, that were taken back. Only a later entry can do that, so the last word is read
    first."""
    place = {entry.id: number for number, entry in enumerate(ordered)}
    gone: set[str] = set()
    for number, entry in reversed(list(enumerate(ordered))):
        if entry.kind == "undo" and entry.id not in gone:
            of = str(entry.body.get("of"))
            if place.get(of, number) < number:
                gone.add(of)
    return gone


def recount(entries: Iterable[Entry], heirs: Mapping[str, str] | None = None) -> Ledger:
    """All that holds after these entries, kept so that more can be said.

    Args:
        heirs: photo key → the key of its edited version, whose decisions it inherits (`anchors.heirs`).
    """
    ledger = Ledger(heirs)
    hear(ledger, holding(entries))
    return ledger


def holding(entries: Iterable[Entry]) -> list[Entry]:
    """The decisions that were not taken back, in order."""
    ordered = in_order(entries)
    gone = undone(ordered)
    return [entry for entry in ordered if entry.kind not in ABOUT_ENTRIES and entry.id not in gone]


def hear(ledger: Ledger, entries: Iterable[Entry]) -> None:
    """Add what these say, one after the other."""
    for entry in entries:
        try:
            ledger.add(read(entry), entry)
        except ValueError:
            ledger.not_understood.append(entry.id)


def replay(entries: Iterable[Entry], heirs: Mapping[str, str] | None = None) -> Decisions:
    """What holds after all these entries; see `recount`."""
    return decisions_of(recount(entries, heirs))


def decisions_of(ledger: Ledger) -> Decisions:
    """What holds now, as it stands in the ledger."""
    people = {person_id: _person(ledger, person_id, anchors) for person_id, anchors in sorted(ledger.people().items())}
    return Decisions(
        people,
        ledger.pairs_apart(),
        ledger.rejections(),
        ledger.pairs_unsure(),
        frozenset(ledger.at(ledger.nobody)),
        frozenset(ledger.at(ledger.drawn)),
        ledger.merged(),
        dict(ledger.without_effect),
        tuple(ledger.not_understood),
        ledger.garments.decided(ledger.place),
        ledger.garments.apart(ledger.place),
    )


def person_of(ledger: Ledger, person_id: str) -> DecidedPerson | None:
    """One of the people of `decisions_of`."""
    anchors = ledger.places_of(person_id)
    return _person(ledger, person_id, anchors) if anchors else None


def _person(ledger: Ledger, person_id: str, anchors: frozenset[Anchor]) -> DecidedPerson:
    return DecidedPerson(
        person_id,
        ledger.names.get(person_id),
        anchors,
        ledger.born.get(person_id),
        ledger.contacts.get(person_id, False),
        ledger.hidden.get(person_id, False),
        tuple(sorted(ledger.heights.get(person_id, {}).items())),
    )
