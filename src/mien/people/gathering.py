"""Within a moment: who is seen without a face, or with a poor one, joins somebody who was there.

The nodes of a moment are the people whose faces (or names) are known there, and every figure that is nobody yet. Those
people are never joined with each other, whatever they wear: that is a question for a human. A figure joins one of
them, or other figures (a group seen from behind becomes unnamed people), or stays nobody.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mien.people.evidence import SHARP, Figures, Setting, kinds
from mien.people.membership import Group, Placed, Refusals
from mien.people.moments import moments_of
from mien.people.odds_linkage import Gathered, Matrix, gather
from mien.people.sighting import Sighting

JOINS_PERSON = 1.0
"""Least log-odds, rivals counted, at which a figure joins somebody."""

JOINS_OTHERS = -2.0
"""The same for figures that are nobody yet: a wrong group of them costs less than a wrong photo of a friend."""

# Log-odds of linkage → of being right, so that confidence is met on composed albums with colours disturbed
# (2,144 figures; table in docs/people.md).
_SURER, _SLOPE = 2.0, 0.7


def join_in_moments(
    sightings: Sequence[Sighting],
    placed: Placed,
    groups: list[Group],
    confidence: list[float],
    watch: Callable[[], None],
) -> None:
    """Give figures that are nobody, and those with a poor face alone, a group, where a moment shows whose they are."""
    timed = [i for i, s in enumerate(sightings) if s.taken is not None and i not in placed.nobody]
    sizes = Counter(label for label in groups if label is not None)
    refusals = Refusals(placed)

    def is_free(i: int) -> bool:
        """Whether the figure may be anybody's."""
        label = groups[i]
        return i not in placed.people and (label is None or (sizes[label] == 1 and sightings[i].face_usable < SHARP))

    for moment in moments_of([sightings[i] for i in timed]):
        watch()
        figures = [timed[i] for i in moment]
        free = {i for i in figures if is_free(i)}
        if not free or len({sightings[i].photo_id for i in figures}) == 1:
            continue
        figures.sort()  # so that nodes are numbered alike, whatever the order of arrival
        labels = [("free", i) if i in free else ("given", groups[i]) for i in figures]
        number = {label: k for k, label in enumerate(dict.fromkeys(labels))}
        node = np.array([number[label] for label in labels], np.intp)
        given = np.array([kind == "given" for kind, _ in number], bool)
        apart = _apart(sightings, figures, node, given)
        for i, k in zip(figures, node.tolist(), strict=True):
            told = [("given", label) for label in refusals.of(i, groups)]
            told += [("free", other) for other in refusals.others.get(i, ())]
            refused = [number[label] for label in told if label in number]
            apart[k, refused] = apart[refused, k] = True
        gathered = _gather([sightings[i] for i in figures], node, given, apart)
        _take(gathered, list(number), groups, confidence)


def _apart(
    sightings: Sequence[Sighting], figures: Sequence[int], node: NDArray[np.intp], given: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Nodes (k, k) that share a photo, and those who are somebody already."""
    names = {photo: i for i, photo in enumerate(dict.fromkeys(sightings[i].photo_id for i in figures))}
    present = np.zeros((len(given), len(names)), np.float32)
    present[node, [names[sightings[i].photo_id] for i in figures]] = 1
    apart = (present @ present.T > 0) | (given[:, None] & given)
    np.fill_diagonal(apart, False)
    return np.asarray(apart)


def _gather(
    sightings: Sequence[Sighting], node: NDArray[np.intp], given: NDArray[np.bool_], apart: NDArray[np.bool_]
) -> Gathered:
    figures = Figures.of(sightings)
    setting = Setting.of(figures)
    sums = [
        (_by_node(kind.weight * kind.log_odds, node), _by_node(kind.weight, node))
        for kind in kinds(figures, figures, setting).values()
        if kind.weight.any()
    ]
    return gather(sums, setting.prior, apart, given, (JOINS_PERSON, JOINS_OTHERS))


def _by_node(pairs: Matrix, node: NDArray[np.intp]) -> Matrix:
    """Sums over the figures of each two nodes: (n, n) → (k, k)."""
    order = np.argsort(node, kind="stable")
    starts = np.flatnonzero(np.diff(node[order], prepend=-1))
    if len(starts) == len(node):
        return np.asarray(pairs[np.ix_(order, order)])
    return np.asarray(np.add.reduceat(np.add.reduceat(pairs[np.ix_(order, order)], starts, 0), starts, 1))


def _take(
    gathered: Gathered, labels: Sequence[tuple[str, Group]], groups: list[Group], confidence: list[float]
) -> None:
    """Write down whom each free node joined."""
    members: dict[int, list[int]] = defaultdict(list)
    for k, group in enumerate(gathered.group.tolist()):
        members[group].append(k)
    for nodes in members.values():
        if len(nodes) == 1:
            continue
        known = [labels[k][1] for k in nodes if labels[k][0] == "given"]
        free = [k for k in nodes if labels[k][0] == "free"]
        group = known[0] if known else min(int(i) for k in free if isinstance(i := labels[k][1], int))
        for k in free:
            i = labels[k][1]
            assert isinstance(i, int)
            groups[i] = group
            confidence[i] = 1 / (1 + math.exp(-_SURER - _SLOPE * gathered.log_odds[k]))
