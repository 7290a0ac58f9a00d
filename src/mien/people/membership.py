"""Who is who: the answer of every way of grouping, and how decisions enter into it."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Literal

from mien.people.anchors import Anchor, match_anchors
from mien.people.decisions import Decisions
from mien.people.sighting import Sighting

KEY_FIGURES = 9
"""How many figures stand for a person where not all are shown."""

Source = Literal["decided", "inferred"]
Group = str | int | None
"""Of a figure: a named person's id, any label of an unnamed group, or nobody."""


@dataclass(frozen=True)
class Membership:
    """Who a figure is: a person's id or None (nobody), who says so, and how sure that is (0–1)."""

    person_id: str | None
    source: Source
    confidence: float


@dataclass(frozen=True)
class Person:
    """One person of a grouping.

    Attributes:
        person_id: UUID of a person who was decided, else the id of the earliest figure, or of that which it went by
            before (`keep_ids`).
        name: None for whom nobody has named.
        figures: ids from the earliest to the latest; empty only for a named person who is in no photo any more.
        key_figures: at most `KEY_FIGURES` of them, the best seen faces first.
        first, last: capture times, as the photos have them; None if none is known.
    """

    person_id: str
    name: str | None
    figures: tuple[str, ...]
    key_figures: tuple[str, ...]
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True)
class Grouping:
    """Who is who.

    Attributes:
        memberships: one for every figure, by figure id.
        people: those with most figures first, then by id.
        unplaced: see `Placed`.
    """

    memberships: Mapping[str, Membership]
    people: tuple[Person, ...]
    unplaced: Mapping[Anchor, str | None]


def in_order(sightings: Sequence[Sighting]) -> list[Sighting]:
    """By figure id, whatever the order of arrival. Raises `ValueError` if an id occurs twice."""
    ordered = sorted(sightings, key=lambda s: s.figure_id)
    for one, two in pairwise(ordered):
        if one.figure_id == two.figure_id:
            raise ValueError(f"figure {one.figure_id} occurs twice")
    return ordered


@dataclass(frozen=True)
class Placed:
    """What was decided of these figures (by index), and of places where none of them stands.

    Attributes:
        people: figure → the person it shows.
        apart: pairs of figures that show different people.
        rejected: figures, and the id of a person whom they do not show.
        nobody: figures that are no people.
        unplaced: anchors at which no figure stands, and the person whom each shows, if that was said.
    """

    people: Mapping[int, str]
    apart: frozenset[tuple[int, int]]
    rejected: frozenset[tuple[int, str]]
    nobody: frozenset[int]
    unplaced: Mapping[Anchor, str | None]


def place(sightings: Sequence[Sighting], decisions: Decisions) -> Placed:
    """Which figures the decisions speak of."""
    owners = decisions.owners()
    index = {s.figure_id: i for i, s in enumerate(sightings)}
    matched = match_anchors(decisions.places(), {s.figure_id: s.place for s in sightings})
    at = {anchor: index[figure] for anchor, figure in matched.items() if figure is not None}
    shown = {**dict.fromkeys(decisions.drawn), **owners}
    return Placed(
        people={at[anchor]: person_id for anchor, person_id in owners.items() if anchor in at},
        apart=frozenset((at[one], at[other]) for one, other in decisions.apart if one in at and other in at),
        rejected=frozenset((at[anchor], person_id) for anchor, person_id in decisions.rejected if anchor in at),
        nobody=frozenset(at[anchor] for anchor in decisions.not_people if anchor in at),
        unplaced={anchor: person_id for anchor, person_id in shown.items() if anchor not in at},
    )


class Refusals:
    """Whom a figure is not, as decided: whoever it was said not to be, and whose figures it was said to differ from."""

    def __init__(self, placed: Placed) -> None:
        self.others: dict[int, list[int]] = defaultdict(list)
        self._people: dict[int, set[Group]] = defaultdict(set)
        for one, other in placed.apart:
            self.others[one].append(other)
            self.others[other].append(one)
        for i, person_id in placed.rejected:
            self._people[i].add(person_id)

    def of(self, i: int, groups: Sequence[Group]) -> set[Group]:
        """The groups that figure `i` cannot join, as things stand."""
        if i not in self.others and i not in self._people:
            return set()
        return self._people.get(i, set()) | {label for k in self.others.get(i, ()) if (label := groups[k]) is not None}


def obey(
    sightings: Sequence[Sighting], groups: Sequence[Group], placed: Placed, *, one_per_photo: bool = True
) -> list[Group]:
    """The groups that any method found (labels of figures, None for nobody), changed so that all decisions hold.

    A group in which one decided person was seen is that person; in one that several share, only the decided figures
    are theirs. Who may not be in a group is alone. With `one_per_photo`, of several figures of one photo that nobody
    decided the one with the best seen face remains.
    """
    members: dict[Group, list[int]] = defaultdict(list)
    for i, found in enumerate(groups):
        if found is not None and i not in placed.nobody:
            members[found].append(i)
    refusals = Refusals(placed)
    obeyed: list[Group] = [placed.people.get(i) for i in range(len(groups))]
    present: set[tuple[str, Group]] = {(sightings[i].photo_id, person_id) for i, person_id in placed.people.items()}
    for figures in members.values():
        people = {placed.people[i] for i in figures if i in placed.people}
        label: Group = people.pop() if len(people) == 1 else -1 - figures[0]
        for i in sorted(figures, key=lambda i: (-sightings[i].face_usable, i)):
            if i in placed.people:
                continue
            here = (sightings[i].photo_id, label)
            is_alone = label in refusals.of(i, obeyed) or (one_per_photo and here in present)
            obeyed[i] = i if is_alone else label
            present.add((sightings[i].photo_id, obeyed[i]))
    return obeyed


def compose(
    sightings: Sequence[Sighting],
    groups: Sequence[Group],
    confidence: Sequence[float],
    placed: Placed,
    decisions: Decisions,
) -> Grouping:
    """The grouping in which figure i belongs to groups[i]."""
    members: dict[str | int, list[Sighting]] = {person_id: [] for person_id in decisions.people}
    for sighting, label in zip(sightings, groups, strict=True):
        if label is not None:
            members.setdefault(label, []).append(sighting)
    people: list[Person] = []
    ids: dict[str | int, str] = {}
    for label, figures in members.items():
        figures.sort(key=lambda s: s.rank)
        best = sorted(figures, key=lambda s: (-s.face_usable, s.rank))[:KEY_FIGURES]
        times = [s.taken for s in figures if s.taken is not None]
        ids[label] = label if isinstance(label, str) else figures[0].figure_id
        people.append(
            Person(
                person_id=ids[label],
                name=decisions.people[label].name if isinstance(label, str) else None,
                figures=tuple(s.figure_id for s in figures),
                key_figures=tuple(s.figure_id for s in best),
                first=times[0] if times else None,
                last=times[-1] if times else None,
            )
        )
    memberships = {
        sighting.figure_id: Membership(
            person_id=None if label is None else ids[label],
            source="decided" if i in placed.people or i in placed.nobody else "inferred",
            confidence=float(confidence[i]),
        )
        for i, (sighting, label) in enumerate(zip(sightings, groups, strict=True))
    }
    people.sort(key=_by_size)
    return Grouping(memberships, tuple(people), placed.unplaced)


def keep_ids(grouping: Grouping, decided: Container[str], used: Mapping[str, int]) -> Grouping:
    """The same people, of whom those whom nobody decided go by the ids that they went by before, where they can.

    Without this the id of a group jumps whenever an earlier photo of it arrives.

    Args:
        decided: the ids of people who were decided, which stay as they are.
        used: the id (a figure's) of each unnamed group there was → how many figures it had. A group goes by that of
            them which is one of its figures, of several by that of the largest.
    """
    ids = {
        person.person_id: max(known, key=lambda figure: (used[figure], figure))
        for person in grouping.people
        if person.person_id not in decided and (known := [figure for figure in person.figures if figure in used])
    }
    people = [replace(person, person_id=ids.get(person.person_id, person.person_id)) for person in grouping.people]
    memberships = {
        figure: replace(member, person_id=ids[member.person_id]) if member.person_id in ids else member
        for figure, member in grouping.memberships.items()
    }
    return Grouping(memberships, tuple(sorted(people, key=_by_size)), grouping.unplaced)


def _by_size(person: Person) -> tuple[int, str]:
    return -len(person.figures), person.person_id
