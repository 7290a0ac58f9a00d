"""A person's nearest likenesses: few faces, far from the mean of a large group, join it where its members agree.

Average linkage asks how near a face is to *all* faces of a person. A profile among forty frontal faces is far from
most, but not from the few other profiles and half profiles. So whoever is alone, or nearly, after linkage is compared
with the nearest exemplars of each large group: one stray likeness (a brother's photo) is not enough, three are, unless
another group comes nearly as close. As the nearest ones count, a person is compared with themselves at the same age.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mien.people.evidence import SHARP
from mien.people.linkage import Clusters
from mien.people.membership import Group, Placed, Refusals
from mien.people.neighbours import Neighbours
from mien.people.sighting import Sighting, handicaps_of, vectors_of

AGREEING = 3
"""How many exemplars must be near."""

MEMBERS = 4
"""Least number of sharp faces of a group that others may join."""

FEW, SHARE = 3, 1 / 3
"""Most sharp faces of a group that may join another: so many, or this share of the other's."""

ROUNDS = 2
"""How often groups are looked through: who joined stands for the person, too, the next time."""

NEAR = 0.24
"""Greatest mean squared distance (crowding added) of faces from the nearest exemplars of the group that they join.

Of 816 strangers' faces none came nearer than 0.303 to any of seven people with 6–11 photos each, but a library has many
people and strangers: of a made-up one of 5,000 figures (`benchmarks.population`), 43 of 1,074 strangers join somebody
without exemplars, 48 with this bound, and 131 with 0.28."""

MARGIN = 0.04
"""How much farther away the next group must be."""

FAR = 0.36
"""Mean squared distance from the whole group beyond which nobody joins it."""

EXEMPLARS = 128
"""A larger group is represented by so many faces, evenly over time."""

GROUPS = 4
"""Of so many groups, those nearest by their mean, the exemplars are looked at."""


def join_by_exemplars(
    sightings: Sequence[Sighting],
    placed: Placed,
    groups: list[Group],
    likelihood: Callable[[float], float],
    confidence: list[float],
    narrower: float,
    watch: Callable[[], None],
) -> None:
    """Give small groups of faces the label of a large one, where its exemplars agree.

    Args:
        groups: of every figure; changed in place, as `confidence`.
        likelihood: how likely a face at a squared distance from exemplars is that person's.
        narrower: by how much the bound of single faces is narrower here (see `chance`); negative where it is wider.
    """
    for _ in range(ROUNDS):
        _one_round(sightings, placed, groups, likelihood, confidence, narrower, watch)


def _one_round(
    sightings: Sequence[Sighting],
    placed: Placed,
    groups: list[Group],
    likelihood: Callable[[float], float],
    confidence: list[float],
    narrower: float,
    watch: Callable[[], None],
) -> None:
    members: dict[str | int, list[int]] = defaultdict(list)
    for i, label in enumerate(groups):
        if label is not None and sightings[i].identifies:
            members[label].append(i)
    sharp = {label: [i for i in m if sightings[i].face_usable >= SHARP] for label, m in members.items()}
    large = [label for label in members if len(sharp[label]) >= MEMBERS]
    decided = {groups[i] for i in placed.people}
    most = max([FEW, *(int(SHARE * len(sharp[label])) for label in large)])
    small = [label for label in members if len(sharp[label]) <= most and label not in decided]
    if not large or not small:
        return
    claims = _claims(sightings, [sharp[s] or members[s] for s in small], [sharp[g] for g in large], narrower, watch)
    if not claims:
        return
    taken = {(sightings[i].photo_id, label) for i, label in enumerate(groups) if label is not None}
    refusals = Refusals(placed)
    moved: set[Group] = set()
    for distance, unit, target in sorted(claims):
        figures, label = members[small[unit]], large[target]
        if label in moved or small[unit] in moved or len(sharp[small[unit]]) > max(FEW, SHARE * len(sharp[label])):
            continue
        if any((sightings[i].photo_id, label) in taken or label in refusals.of(i, groups) for i in figures):
            continue
        moved.add(small[unit])
        for i in figures:
            groups[i] = label
            confidence[i] = likelihood(distance)
            taken.add((sightings[i].photo_id, label))


def _claims(
    sightings: Sequence[Sighting],
    units: Sequence[Sequence[int]],
    targets: Sequence[Sequence[int]],
    narrower: float,
    watch: Callable[[], None],
) -> list[tuple[float, int, int]]:
    """Which unit may join which target, and its distance from the exemplars there, to which `narrower` is added."""
    faces = [i for figures in targets for i in figures]
    label = np.repeat(np.arange(len(targets)), [len(figures) for figures in targets])
    whole = Clusters.of(vectors_of(sightings, faces), np.ones(len(faces)), label, handicaps_of(sightings, faces))
    asking = [i for figures in units for i in figures]
    unit_of = np.repeat(np.arange(len(units)), [len(figures) for figures in units])
    there = vectors_of(sightings, asking)
    square = np.einsum("ij,ij->i", there, there, dtype=np.float64) + handicaps_of(sightings, asking)
    reachable = Neighbours(whole.mean, whole.square, watch)
    rows, columns, _ = reachable.nearest(there, square, np.arange(len(targets)), GROUPS, FAR)
    agreeing = np.zeros(len(rows))
    order = np.argsort(columns, kind="stable")
    for near in np.split(order, np.flatnonzero(np.diff(columns[order])) + 1) if len(order) else ():
        watch()
        asked, exemplars = rows[near], _exemplars(sightings, targets[int(columns[near[0]])])
        these = vectors_of(sightings, exemplars).astype(np.float64)
        own = (these**2).sum(1) + handicaps_of(sightings, exemplars)
        distance = square[asked, None] + own - 2 * there[asked].astype(np.float64) @ these.T
        agreeing[near] = np.sort(distance, axis=1)[:, :AGREEING].mean(1)
    size = np.array([len(figures) for figures in units])
    return _clear(unit_of[rows], columns, agreeing, size, narrower)


def _clear(
    unit: NDArray[np.intp],
    target: NDArray[np.intp],
    distance: NDArray[np.float64],
    size: NDArray[np.intp],
    narrower: float,
) -> list[tuple[float, int, int]]:
    """The claims of units that are near enough to one target and to no other, given the distances of their faces (n,).

    `size` (k,) is how many faces each unit has.
    """
    most = int(target.max(initial=0)) + 1
    pair, which, reaching = np.unique(unit * most + target, return_inverse=True, return_counts=True)
    mean = np.bincount(which, distance, len(pair)) / reaching
    # One face far from the whole group holds back those that are near.
    with_all = reaching == size[pair // most]
    unit, target = np.divmod(pair[with_all], most)
    mean = mean[with_all] + np.where(size[unit] == 1, narrower, 0)
    order = np.lexsort((target, mean, unit))
    unit, target, mean = unit[order], target[order], mean[order]
    is_first, is_last = np.diff(unit, prepend=-1) > 0, np.diff(unit, append=len(size)) > 0
    second = np.where(is_last, np.inf, np.roll(mean, -1))
    best = is_first & (mean <= NEAR) & (second >= mean + MARGIN)
    return list(zip(mean[best].tolist(), unit[best].tolist(), target[best].tolist(), strict=True))


def _exemplars(sightings: Sequence[Sighting], figures: Sequence[int]) -> list[int]:
    ordered = sorted(figures, key=lambda i: sightings[i].rank)
    if len(ordered) <= EXEMPLARS:
        return ordered
    return [ordered[k] for k in np.linspace(0, len(ordered) - 1, EXEMPLARS).round().astype(int)]
