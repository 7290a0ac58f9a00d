"""Grouping: figures + decisions → people. Canonical: the same figures and decisions give the same people, in any order.

First faces, over the whole library: they are joined by average linkage (see `linkage`) of their distances, to which is
added how crowded the space of faces is around each (see `crowd`). Sharp faces come first; a poor one joins nobody to
anybody, it only follows a sharp one that it clearly resembles. Then whoever is still alone joins a large group where
its exemplars agree (see `exemplars`). At last, within each moment, whoever is seen without a usable face joins somebody
by clothes, garments, hair and place, or others like them, or stays nobody (see `gathering`).

Two figures of one photo are two people, and so are two figures of whom a human said so; all steps keep to that, also
through third figures.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mien.people.chance import FEW, FEWEST, PER_DOUBLING, UNCHANGED, narrowing, widening
from mien.people.crowd import REMOTE, centres
from mien.people.decisions import Decisions
from mien.people.evidence import CLOTHES, GARMENTS, HAIR, NEWS, SHARP, USUAL
from mien.people.exemplars import FAR, MARGIN, NEAR, join_by_exemplars
from mien.people.gathering import JOINS_OTHERS, JOINS_PERSON, join_in_moments
from mien.people.linkage import Clusters, link
from mien.people.membership import Group, Grouping, Placed, Refusals, compose, in_order, place
from mien.people.moments import GAP, LONGEST, MOST
from mien.people.neighbours import Neighbours, unwatched
from mien.people.odds_linkage import AGREEMENT
from mien.people.sighting import Sighting, handicaps_of, vectors_of

SAME_PERSON = 0.22
"""Greatest mean squared distance of face vectors, crowding added, between two groups of one person."""

CLEARLY_SAME = 0.17
"""The same for a poor face and the one sharp face it is nearest to."""

# Logistic regression on 29,395 pairs of figures of which 68 show one person, at prior odds of one to a thousand.
_EVEN, _SPREAD = 0.22, 0.02
_ROUNDING = 1e-5  # of distances in single precision
_BLOCK = 1 << 14  # faces compared with their clusters at a time


def group(
    sightings: Sequence[Sighting],
    decisions: Decisions | None = None,
    watch: Callable[[], None] = unwatched,
    among: int = 0,
) -> Grouping:
    """Group all figures anew, by their faces and what was decided. Raises `ValueError` if an id occurs twice.

    Args:
        watch: called many times a second; what it raises ends this.
        among: how many sharp faces the library has, if these figures are only a part of it (see `chance`).
    """
    decisions = decisions or Decisions()
    ordered = in_order(sightings)
    placed = place(ordered, decisions)
    groups: list[Group] = [placed.people.get(i) for i in range(len(ordered))]
    confidence = [1.0 if i in placed.people else 0.0 for i in range(len(ordered))]
    faces = [i for i, s in enumerate(ordered) if s.identifies and i not in placed.nobody]
    sharp = [i for i in faces if ordered[i].face_usable >= SHARP]
    among = max(among, len(sharp))
    narrower = narrowing(among)
    _link_faces(ordered, sharp, placed, groups, confidence, narrower, watch)
    poor = [i for i in faces if groups[i] is None]
    _follow_nearest(ordered, poor, sharp, placed, groups, confidence, watch)
    join_by_exemplars(ordered, placed, groups, _likelihood_by_exemplars, confidence, narrower - widening(among), watch)
    join_in_moments(ordered, placed, groups, confidence, watch)
    return compose(ordered, groups, confidence, placed, decisions)


def fingerprint() -> str:
    """Another one for another crowd or other bounds: people grouped with another one are to be grouped again."""
    faces = (SAME_PERSON, CLEARLY_SAME, SHARP, REMOTE, _EVEN, _SPREAD, NEAR, MARGIN, FAR)
    numbers = (
        *faces,
        UNCHANGED,
        PER_DOUBLING,
        FEW,
        FEWEST,
        GAP,
        LONGEST,
        MOST,
        USUAL,
        NEWS,
        JOINS_PERSON,
        JOINS_OTHERS,
        AGREEMENT,
        CLOTHES,
        HAIR,
        GARMENTS,
    )
    return hashlib.sha256(repr(numbers).encode() + centres().tobytes()).hexdigest()[:16]


def _link_faces(
    sightings: Sequence[Sighting],
    faces: Sequence[int],
    placed: Placed,
    groups: list[Group],
    confidence: list[float],
    narrower: float,
    watch: Callable[[], None],
) -> None:
    """Give every one of `faces` (indices) its group, by constrained average linkage."""
    if not faces:
        return
    decided = placed.people
    vectors, crowds = vectors_of(sightings, faces), handicaps_of(sightings, faces)
    weights = np.array([sightings[i].face_usable for i in faces])
    shown: dict[str, list[int]] = defaultdict(list)
    for position, i in enumerate(faces):
        if i in decided:
            shown[decided[i]].append(position)

    # A named person may have looked different then and now: their figures start as the clusters they form by
    # themselves, held together as one group.
    start = np.arange(len(faces))
    team = np.arange(len(faces))
    for positions in map(np.array, shown.values()):
        own = Clusters.of(vectors[positions], weights[positions], np.arange(len(positions)), crowds[positions])
        start[positions] = positions[link(own, SAME_PERSON, watch=watch).cluster]
        team[positions] = positions[0]
    firsts, cluster = np.unique(start, return_inverse=True)
    teams = np.searchsorted(firsts, team[firsts])
    named = {person_id: int(teams[cluster[positions[0]]]) for person_id, positions in shown.items()}

    present = {(sightings[i].photo_id, int(teams[cluster[position]])) for position, i in enumerate(faces)}
    # Named but seen from behind, they still keep the others of that photo from being them.
    present |= {(sightings[i].photo_id, named[person_id]) for i, person_id in decided.items() if person_id in named}
    team_of = {i: int(teams[cluster[position]]) for position, i in enumerate(faces)}
    # Whoever was told apart from one of their figures is not them, even if that one is seen from behind.
    team_of |= {i: named[person_id] for i, person_id in decided.items() if person_id in named}
    told = [(team_of.get(one), team_of.get(other)) for one, other in placed.apart]
    told += [(team_of.get(i), named.get(person_id)) for i, person_id in placed.rejected]
    apart = _apart(present, named.values(), ((a, b) for a, b in told if a is not None and b is not None))
    linked = link(Clusters.of(vectors, weights, cluster, crowds), SAME_PERSON, teams, apart, watch)
    owner = {int(linked.group[team]): person_id for person_id, team in named.items()}
    labels = linked.cluster[cluster]
    distance, pair = _to_the_others(vectors, weights, crowds, labels), np.bincount(labels)[labels] == 2
    distance[pair] += narrower
    by_chance = pair & (distance > SAME_PERSON)
    for position, i in enumerate(faces):
        if i in decided:
            continue
        if by_chance[position]:
            groups[i], confidence[i] = i, 1.0
        else:
            label = int(linked.group[cluster[position]])
            groups[i] = owner.get(label, faces[firsts[label]])
            confidence[i] = likelihood(float(distance[position]))


def _apart(
    present: Iterable[tuple[str, int]], named: Iterable[int], told: Iterable[tuple[int, int]]
) -> NDArray[np.intp]:
    """The pairs (m, 2) of groups that are never one: present (photo, group) in one photo, both named, or told."""
    together: dict[str, set[int]] = defaultdict(set)
    for photo_id, team in present:
        together[photo_id].add(team)
    pairs = {*combinations(sorted(named), 2), *((min(pair), max(pair)) for pair in told)}
    pairs.update(pair for teams in together.values() for pair in combinations(sorted(teams), 2))
    return np.array(sorted(pairs), np.intp).reshape(-1, 2)


def _to_the_others(
    vectors: NDArray[np.float32],
    weights: NDArray[np.float64],
    crowds: NDArray[np.float64],
    labels: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Mean squared distance (n,) of each vector to the others of its cluster; −∞ for a cluster of one."""
    _, mine, size = np.unique(labels, return_inverse=True, return_counts=True)
    all_ = Clusters.of(vectors, weights, mine, crowds)
    to_all = np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64) + crowds + all_.square[mine]
    for start in range(0, len(mine), _BLOCK):  # at once, this would be the vectors' memory again
        part = slice(start, start + _BLOCK)
        to_all[part] -= 2 * np.einsum("ij,ij->i", vectors[part], all_.mean[mine[part]])
    others = np.maximum(all_.weight[mine] - weights, np.finfo(float).tiny)
    # The mean over all members counts the vector itself: no distance, but its crowding twice.
    distance = (to_all * all_.weight[mine] - 2 * crowds * weights) / others
    return np.where(size[mine] > 1, distance, -np.inf)


def _follow_nearest(
    sightings: Sequence[Sighting],
    arriving: Sequence[int],
    known: Sequence[int],
    placed: Placed,
    groups: list[Group],
    confidence: list[float],
    watch: Callable[[], None],
) -> None:
    """Give each of `arriving` the group of its nearest face among `known`, if near enough, else one of its own.

    Of two figures of one photo that want the same group the nearer gets it, unless a third one there has it already.
    """
    nearest, distance = _nearest(sightings, arriving, known, watch)
    taken = {(s.photo_id, label) for s, label in zip(sightings, groups, strict=True) if label is not None}
    refusals = Refusals(placed)
    for position in np.argsort(distance, kind="stable").tolist():
        i = arriving[position]
        claim = None
        if distance[position] <= CLEARLY_SAME:
            claim = (sightings[i].photo_id, groups[known[nearest[position]]])
        if claim is None or claim in taken or claim[1] in refusals.of(i, groups):
            groups[i], confidence[i] = i, 1.0
        else:
            taken.add(claim)
            groups[i], confidence[i] = claim[1], likelihood(float(distance[position]))


def _nearest(
    sightings: Sequence[Sighting], asking: Sequence[int], known: Sequence[int], watch: Callable[[], None]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Position in `known` of each one's nearest face, and its squared distance: infinite if none is near enough."""
    nearest, distance = np.zeros(len(asking), np.intp), np.full(len(asking), np.inf)
    if not asking or not known:
        return nearest, distance
    vectors, there = vectors_of(sightings, asking), vectors_of(sightings, known)
    crowds, crowds_there = handicaps_of(sightings, asking), handicaps_of(sightings, known)
    row, column, _ = Neighbours(there, (there**2).sum(1) + crowds_there, watch).nearest(
        vectors, (vectors**2).sum(1) + crowds, np.arange(len(known)), 1, CLEARLY_SAME + _ROUNDING
    )
    nearest[row] = column
    distance[row] = ((vectors[row] - there[column]) ** 2).sum(1) + crowds[row] + crowds_there[column]
    return nearest, distance


def likelihood(distance: float) -> float:
    """How likely faces at this squared distance (crowding added) are one person's, 0–1."""
    return float(1 / (1 + np.exp((distance - _EVEN) / _SPREAD)))


def _likelihood_by_exemplars(distance: float) -> float:
    """The same of a face at this distance from exemplars: at the bound for those it is as at the bound of linkage."""
    return likelihood(distance - (NEAR - SAME_PERSON))
