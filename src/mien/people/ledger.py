"""The ledger: everything that holds of places and people, kept up statement by statement, free of contradictions.

Whatever is said of a place holds of the figure that stands there. Two anchors of one photo are one place if they match
(see `anchors.match`), however differently two engines outlined the figure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from mien.people.anchors import Anchor, canonical, match
from mien.people.garments import Garments, Node
from mien.people.statements import GARMENTS, IDENTIFYING, Entry, Statement

Value = TypeVar("Value")


@dataclass(frozen=True)
class Held:
    """What holds of one place: whom it shows, if that was said; whether nobody stands there, or somebody for sure."""

    owner: str | None
    is_nobody: bool
    is_drawn: bool


class Ledger:
    """What holds. `add` is all that changes it; whoever adds to a ledger that others read takes a `copy` first.

    Attributes:
        heirs: photo key → the key of its edited version, which all that is said of it holds of.
        names, born, contacts, hidden: by person id; heights (cm) by person id and day.
        nobody, drawn: places (numbers), see `at`.
        garments: what was said of what is worn there.
        without_effect: entry id → the id of the earlier entry that stands against it.
        not_understood: ids of entries; for whoever reads them.
    """

    def __init__(self, heirs: Mapping[str, str] | None = None) -> None:
        self.heirs = heirs or {}
        self.names: dict[str, str] = {}
        self.born: dict[str, date | None] = {}
        self.heights: dict[str, dict[date, float]] = defaultdict(dict)
        self.contacts: dict[str, bool] = {}
        self.hidden: dict[str, bool] = {}
        self.nobody: set[int] = set()
        self.drawn: set[int] = set()
        self.garments = Garments()
        self.without_effect: dict[str, str] = {}
        self.not_understood: list[str] = []
        self._places: list[Anchor] = []
        self._in_photo: dict[str, tuple[int, ...]] = {}
        self._owner: dict[int, str] = {}
        self._said: dict[int, Entry] = {}
        self._owned: dict[str, set[int]] = defaultdict(set)
        self._apart: dict[int, dict[int, Entry]] = defaultdict(dict)
        self._rejected: dict[int, dict[str, Entry]] = defaultdict(dict)
        self._unsure: set[tuple[int, int]] = set()
        self._became: dict[str, str] = {}
        self._seen: dict[str, frozenset[Anchor]] = {}  # as `people` gave it, until it changes

    def copy(self) -> "Ledger":
        """The same, to be added to."""
        other = Ledger(self.heirs)
        for name, value in vars(self).items():
            if isinstance(value, defaultdict):  # of sets and dictionaries
                kept = defaultdict(value.default_factory, {key: inner.copy() for key, inner in value.items()})
                setattr(other, name, kept)
            elif name != "heirs":
                setattr(other, name, value.copy())
        return other

    def add(self, statement: Statement, entry: Entry) -> Entry | None:
        """Have `statement`, which `entry` makes, hold from now on, in place of what was said of these places before.

        If it contradicts an earlier entry, that one is returned and nothing changes, save that this is noted.
        """
        statement = statement.follow(self.heirs)
        where = self._locate((*statement.anchors, *statement.others))
        against = self._against(statement, where)
        if against is not None:
            self.without_effect[entry.id] = against.id
            return against
        self._settle(where)
        places, others = [where[a] for a in statement.anchors], [where[a] for a in statement.others]
        kind, person = statement.kind, statement.person_id
        if kind in IDENTIFYING and person is not None:
            self._identify(statement, self.who(person), places, entry)
        elif kind in GARMENTS:
            self.garments.add(statement, _nodes(statement, where), entry)
        elif kind == "unsure":
            self._unsure.add((min(places), max(places)))
        elif kind == "not-a-person":
            self._depopulate(places, statement.value)
        elif kind == "draw":
            self.drawn.update(places)
            self.nobody.difference_update(places)
            if person is not None:
                self._own(self.who(person), places, entry)
        if kind == "different":
            places, others = places[:1], places[1:]
        if kind in ("reject", "split", "different"):
            self._reject(places, statement.source, others, entry)
        return None

    def against(self, statement: Statement) -> Entry | None:
        """The latest earlier entry that `statement` contradicts, if there is one."""
        statement = statement.follow(self.heirs)
        return self._against(statement, self._locate((*statement.anchors, *statement.others)))

    def who(self, person_id: str) -> str:
        """Who this person turned out to be."""
        while person_id in self._became:
            person_id = self._became[person_id]
        return person_id

    def holds(self, anchors: Iterable[Anchor]) -> dict[Anchor, Held]:
        """What holds of the places of these anchors now."""
        return {
            anchor: Held(self._owner.get(place), place in self.nobody, place in self.drawn)
            for anchor, place in self._locate(anchors).items()
        }

    def places(self) -> list[Anchor]:
        """Every place that anything was said of, as it was outlined last."""
        return list(self._places)

    def place(self, number: int) -> Anchor:
        """One of the places, as it was outlined last."""
        return self._places[number]

    def at(self, places: Iterable[int]) -> set[Anchor]:
        return {self._places[place] for place in places}

    def photos(self) -> Set[str]:
        """Every photo that anything was said of."""
        return self._in_photo.keys()

    def people(self) -> dict[str, frozenset[Anchor]]:
        """Everybody who was seen anywhere → where."""
        return {person: self.places_of(person) for person, places in self._owned.items() if places}

    def places_of(self, person_id: str) -> frozenset[Anchor]:
        """Where this person was seen."""
        if (known := self._seen.get(person_id)) is None:
            known = self._seen[person_id] = frozenset(self.at(self._owned.get(person_id, ())))
        return known

    def merged(self) -> dict[str, str]:
        return {person: self.who(person) for person in self._became}

    def pairs_apart(self) -> frozenset[tuple[Anchor, Anchor]]:
        return self._pairs((one, other) for one, others in self._apart.items() for other in others if one < other)

    def pairs_unsure(self) -> frozenset[tuple[Anchor, Anchor]]:
        """Those that were not answered since."""
        return self._pairs(
            (one, other)
            for one, other in self._unsure
            if other not in self._apart.get(one, ())
            and (one not in self._owner or self._owner[one] != self._owner.get(other))
        )

    def rejections(self) -> frozenset[tuple[Anchor, str]]:
        return frozenset(
            (self._places[place], self.who(person)) for place, people in self._rejected.items() for person in people
        )

    def _pairs(self, pairs: Iterable[tuple[int, int]]) -> frozenset[tuple[Anchor, Anchor]]:
        sides = (sorted((self._places[one], self._places[other]), key=canonical) for one, other in pairs)
        return frozenset((one, other) for one, other in sides)

    def _locate(self, anchors: Iterable[Anchor]) -> dict[Anchor, int]:
        """The place of each anchor, one-to-one; those not known yet get the next numbers."""
        asked: dict[str, list[Anchor]] = defaultdict(list)
        for anchor in dict.fromkeys(anchors):
            asked[anchor.photo_id].append(anchor)
        found: dict[Anchor, int] = {}
        for photo_id, new in asked.items():
            new.sort(key=canonical)
            if photo_id in self._in_photo:
                known = sorted(self._in_photo[photo_id], key=lambda place: canonical(self._places[place]))
                found |= {new[j]: known[i] for i, j in match([self._places[place] for place in known], new)}
        fresh = len(self._places)
        for anchor in (anchor for new in asked.values() for anchor in new if anchor not in found):
            found[anchor] = fresh
            fresh += 1
        return found

    def _settle(self, where: Mapping[Anchor, int]) -> None:
        """Take in places as they are outlined now."""
        for anchor, place in sorted(where.items(), key=lambda item: item[1]):
            if place < len(self._places):
                self._places[place] = anchor
                self._seen.pop(self._owner.get(place, ""), None)
            else:
                self._places.append(anchor)
                self._in_photo[anchor.photo_id] = (*self._in_photo.get(anchor.photo_id, ()), place)

    def _against(self, statement: Statement, where: Mapping[Anchor, int]) -> Entry | None:
        if statement.kind in GARMENTS:
            return self.garments.against(statement, _nodes(statement, where))
        places, others = [where[a] for a in statement.anchors], [where[a] for a in statement.others]
        against: list[Entry] = []
        person = None if statement.person_id is None else self.who(statement.person_id)
        gone = {self.who(other) for other in statement.merged}
        if person is not None:
            joined = set(places).union(*(self._owned.get(other, ()) for other in gone))
            members = joined | self._owned.get(person, set())
            names = gone | {person}
            against += [e for one in joined for other, e in self._apart_of(one) if other in members]
            against += [e for one in members for other, e in self._rejected_of(one) if self.who(other) in names]
        if statement.kind == "different":
            places, others = places[:1], places[1:]
        if statement.kind != "unsure":
            after = {**self._owner, **dict.fromkeys(places, person)} if person is not None else self._owner
            for one in places if others else ():
                shown = after.get(one)
                against += [
                    self._since(one, other) for other in others if shown is not None and after.get(other) == shown
                ]
        return max(against, key=lambda entry: (entry.at, entry.id), default=None)

    def _apart_of(self, place: int) -> list[tuple[int, Entry]]:
        return list(self._apart[place].items()) if place in self._apart else []

    def _rejected_of(self, place: int) -> list[tuple[str, Entry]]:
        return list(self._rejected[place].items()) if place in self._rejected else []

    def _since(self, one: int, other: int) -> Entry:
        """The entry since which two places show one person."""
        said = [self._said[place] for place in (one, other) if place in self._said]
        return max(said, key=lambda entry: (entry.at, entry.id))

    def _identify(self, statement: Statement, person: str, places: list[int], entry: Entry) -> None:
        for gone in sorted({self.who(other) for other in statement.merged} - {person}):
            self._own(person, list(self._owned[gone]), entry)
            self._became[gone] = person
            _inherit(self.names, gone, person)
            _inherit(self.born, gone, person)
            _inherit(self.contacts, gone, person)
            _inherit(self.hidden, gone, person)
            self.heights[person] = self.heights.pop(gone, {}) | self.heights[person]
        self._own(person, places, entry)
        if statement.name is not None:
            self.names[person] = statement.name
        elif statement.kind == "hide":
            self.hidden[person] = statement.value
        elif statement.kind == "contact":
            self.contacts[person] = statement.value
        elif statement.kind == "born":
            self.born[person] = statement.born
        elif statement.kind == "height" and statement.day is not None:
            if statement.height is None:
                self.heights[person].pop(statement.day, None)
            else:
                self.heights[person][statement.day] = statement.height

    def _own(self, person: str, places: list[int], entry: Entry) -> None:
        for place in places:
            if self._owner.get(place) != person:
                self._disown(place)
                self._owner[place], self._said[place] = person, entry
                self._owned[person].add(place)
                self._seen.pop(person, None)
        self.nobody.difference_update(places)

    def _disown(self, place: int) -> None:
        if place in self._owner:
            owner = self._owner.pop(place)
            self._owned[owner].discard(place)
            self._seen.pop(owner, None)
            del self._said[place]

    def _reject(self, places: list[int], source: str | None, others: list[int], entry: Entry) -> None:
        for place in places:
            if source is not None:
                if self._owner.get(place) == self.who(source):
                    self._disown(place)
                self._rejected[place].setdefault(source, entry)
            for other in others:
                self._apart[place].setdefault(other, entry)
                self._apart[other].setdefault(place, entry)

    def _depopulate(self, places: list[int], value: bool) -> None:
        if not value:
            self.nobody.difference_update(places)
            return
        for place in places:
            self._disown(place)
        self.nobody.update(places)
        self.drawn.difference_update(places)


def _nodes(statement: Statement, where: Mapping[Anchor, int]) -> list[Node]:
    """Where the garments of a statement are, each once, but two of a pair."""
    nodes = [(where[anchor], worn) for anchor, worn in zip(statement.anchors, statement.worn, strict=True)]
    return nodes if statement.kind == "garment-different" else list(dict.fromkeys(nodes))


def _inherit(known: dict[str, Value], gone: str, person: str) -> None:
    if gone in known:
        known.setdefault(person, known[gone])
