"""New figures among known ones: who they are for now, before everybody is grouped anew.

Few known figures can matter: those of the people whose faces are near the new ones, and whoever was there at the time.
These and the new ones are grouped by themselves, by the very rules that hold for all (`grouping.group`); a new figure
then is the person whose figures are most of its group. What it finds is provisional: nobody who is known changes.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mien.people.decisions import Decisions
from mien.people.exemplars import FAR
from mien.people.grouping import group
from mien.people.membership import Group, Membership, Refusals, in_order, place
from mien.people.neighbours import unwatched
from mien.people.sighting import Sighting

CANDIDATES = 4
"""People who are considered for a face: those nearest by the mean of their faces, and those of the nearest faces."""

EXEMPLARS = 48
"""So many faces stand for a person, evenly over what is known of them, and the nearest ones."""


@dataclass(frozen=True, eq=False)
class KnownFaces:
    """n faces of figures whose people are known.

    Attributes:
        vectors: float32 (n, d).
        squares: float32 (n,), their squared lengths.
        person: (n,) index of a person, 0…k−1, each of whom has one of these faces at least.
        by_person: (n,) indices of the faces of the first person, of the second, …
        starts: (k,) where each person's faces begin there.
    """

    vectors: NDArray[np.float32]
    squares: NDArray[np.float32]
    person: NDArray[np.intp]
    by_person: NDArray[np.intp]
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, vectors: NDArray[np.float32], person: NDArray[np.intp]) -> Self:
        by_person = np.argsort(person, kind="stable")
        starts = np.flatnonzero(np.diff(person[by_person], prepend=-1))
        return cls(vectors, np.einsum("ij,ij->i", vectors, vectors), person, by_person, starts)

    def near(self, vectors: NDArray[np.float32]) -> NDArray[np.intp]:
        """Indices of the known faces, ascending, that decide who the faces `vectors` (m, d) are."""
        if not len(vectors) or not len(self.person):
            return np.zeros(0, np.intp)
        ends = np.append(self.starts[1:], len(self.person))
        chosen: set[int] = set()
        nearest: list[NDArray[np.intp]] = []
        for vector in vectors:
            distance = self.squares - 2 * (self.vectors @ vector) + vector @ vector
            close = _least(distance, EXEMPLARS)
            close = close[distance[close] <= FAR]
            nearest.append(close)
            chosen.update(list(dict.fromkeys(self.person[close].tolist()))[:CANDIDATES])
            mean = np.add.reduceat(distance[self.by_person], self.starts) / (ends - self.starts)
            around = _least(mean, CANDIDATES)
            chosen.update(around[mean[around] <= FAR].tolist())
        for person in chosen:
            faces = self.by_person[self.starts[person] : ends[person]]
            nearest.append(faces[np.unique(np.linspace(0, len(faces) - 1, EXEMPLARS).round().astype(int))])
        return np.unique(np.concatenate(nearest))


def _least(values: NDArray[np.floating], count: int) -> NDArray[np.intp]:
    """Indices of the `count` least values, in order."""
    least = np.argpartition(values, count)[:count] if count < len(values) else np.arange(len(values))
    return least[np.argsort(values[least], kind="stable")]


def attach(
    arriving: Sequence[Sighting],
    around: Sequence[Sighting],
    shown: Mapping[str, str],
    decisions: Decisions,
    watch: Callable[[], None] = unwatched,
    among: int = 0,
) -> dict[str, Membership]:
    """Who the figures `arriving` are, by figure id; for an unnamed person of whom nobody is known, one of these ids.

    Args:
        around: known figures that matter: those that `KnownFaces.near` finds, of the same photos, of the same moment.
        among: how many sharp faces the library has.
        shown: the person whom each of `around` is held to show; who is missing is nobody.
    """
    new = {sighting.figure_id: sighting for sighting in arriving}
    everybody = in_order([*around, *arriving])
    grouping = group(everybody, decisions, watch, among)
    found = {figure: grouping.memberships[figure] for figure in new}
    index = {sighting.figure_id: i for i, sighting in enumerate(everybody)}
    groups: list[Group] = [shown.get(sighting.figure_id) for sighting in everybody]
    claims = []
    for person in grouping.people:
        known = Counter(shown[figure] for figure in person.figures if figure in shown)
        who, members = max(known.items(), key=lambda item: (item[1], item[0]), default=("", 0))
        if person.person_id in decisions.people:
            who, members = person.person_id, len(person.figures)
        mine = [figure for figure in person.figures if figure in new]
        for figure in mine:
            if found[figure].source == "decided":
                groups[index[figure]] = who
            else:
                claims.append((-members, figure, who or mine[0]))
    present = {(sighting.photo_id, who) for sighting, who in zip(everybody, groups, strict=True) if who is not None}
    refusals = Refusals(place(everybody, decisions))
    # What is one person may be two groups here, each with somebody of one photo, or with whom a human said it is not.
    for _, figure, claimed in sorted(claims):
        photo_id, i = new[figure].photo_id, index[figure]
        who = figure if (photo_id, claimed) in present or claimed in refusals.of(i, groups) else claimed
        present.add((photo_id, who))
        groups[i] = who
        found[figure] = Membership(who, "inferred", found[figure].confidence)
    return found
