"""Which parts are whose: M2FP's parts given to its own human masks.

In what the network was trained on, a part mask is one part of one person, and human masks do not overlap. So a human
has at most one part of each kind, and a part lies within its human.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mien.parsing.m2fp.overlaps import common, distinct, shared, shares, within
from mien.parsing.m2fp.postprocessing import HUMAN, Instance
from mien.parsing.parse import PART_ID

PASTED = 0.3
"""Score that a part needs to be drawn: M2FP's own, of its configuration for CIHP (`PARSING_INS_SCORE_THR`)."""

OWNED = 0.3  # share of a part within a human mask, from which it may be that human's
STRADDLES = 0.25  # share of a part within another human only, from which both have it
IN_HEAD = 0.7  # share of a face or of hair within a human mask, from which it is one of its heads

FACE, HAIR = PART_ID["face"], PART_ID["hair"]


@dataclass(frozen=True, eq=False)
class Body:
    """One person.

    Attributes:
        human: the mask of the person as a whole, the network's or made of their parts.
        parts: best first.
        shares: of each part, 0–1, how much of it is this person's.
        score: 0–1, that this is a person.
    """

    human: Instance
    parts: tuple[Instance, ...]
    shares: tuple[float, ...]
    score: float

    def has(self, label: int) -> bool:
        """Whether a part of this label is among the parts."""
        return any(part.label == label for part in self.parts)

    def with_part(self, part: Instance, share: float = 1.0) -> "Body":
        """The same person with one part more."""
        return replace(self, parts=(*self.parts, part), shares=(*self.shares, share))


def distinct_parts(instances: Sequence[Instance]) -> list[Instance]:
    """The parts that are drawn, best first: one label per query, one instance per thing."""
    by_label: dict[int, list[Instance]] = defaultdict(list)
    told: set[int] = set()
    for part in instances:
        if part.label != HUMAN and part.score >= PASTED and part.query not in told:
            told.add(part.query)
            by_label[part.label].append(part)
    things = [part for parts in by_label.values() for part in distinct(parts)]
    return sorted(things, key=lambda part: -part.score)


def distinct_humans(instances: Sequence[Instance], parts: Sequence[Instance]) -> list[Instance]:
    """One human mask per body, best first.

    A mask within another is a second sight of that body, unless each shows a head of its own; and a mask that holds
    two people with a head each is a group of them.
    """
    humans = [instance for instance in instances if instance.label == HUMAN]
    heads = {label: shares([p for p in parts if p.label == label], humans) >= IN_HEAD for label in (FACE, HAIR)}

    def two(smaller: int, larger: int) -> bool:
        return any((held[:, smaller].any() and (held[:, larger] & ~held[:, smaller]).any()) for held in heads.values())

    return distinct(humans, two)


def assign(humans: Sequence[Instance], parts: Sequence[Instance]) -> tuple[list[Body], list[Instance]]:
    """Give each part to the human it lies in; and the parts that lie in none.

    Of several parts of a kind each goes to another human, as far as they lie in several; the shares decide. A part that
    straddles two humans is both's.
    """
    table = shares(parts, humans)
    owners = _owners([part.label for part in parts], table)
    bodies = [Body(human, (), (), human.score) for human in humans]
    orphans = []
    for i, part in enumerate(parts):
        owner = owners.get(i)
        if owner is None:
            orphans.append(part)
            continue
        bodies[owner] = bodies[owner].with_part(part, float(table[i, owner]))
        for other in np.flatnonzero(table[i] >= STRADDLES).tolist():
            if other != owner:
                share = (shared(part, humans[other]) - _triple(part, humans[owner], humans[other])) / part.area
                if share >= STRADDLES:
                    bodies[other] = bodies[other].with_part(part, share)
    return bodies, orphans


def _owners(labels: Sequence[int], table: NDArray[np.float64]) -> dict[int, int]:
    """Part → human, by the share of each part in each human: one of a kind each where that is possible."""
    owners: dict[int, int] = {}
    if not table.size:
        return owners
    from scipy.optimize import linear_sum_assignment  # a third of a second: not for photos without people

    strong = np.where(table >= OWNED, table, 0)
    for label in set(labels):
        mine = np.flatnonzero(np.equal(labels, label))
        rows, columns = linear_sum_assignment(strong[mine], maximize=True)
        owners |= {int(mine[i]): int(j) for i, j in zip(rows, columns, strict=True) if strong[mine[i], j] > 0}
    for i in range(len(labels)):
        if i not in owners and strong[i].any():
            owners[i] = int(strong[i].argmax())
    return owners


def _triple(part: Instance, one: Instance, other: Instance) -> int:
    """Px that lie in all three masks."""
    here = common(common(part.region, one.region), other.region)
    masks = [instance.mask[within(here, instance.region)] for instance in (part, one, other)]
    return int(np.count_nonzero(masks[0] & masks[1] & masks[2]))
