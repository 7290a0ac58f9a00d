"""Average linkage of a few thousand things under "these two for sure" and "never these two"."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float32]
Indices = NDArray[np.intp]

FAR = np.float32(1e6)
"""A distance beyond every bound, for things that looks never join; infinity is for those that never may be."""


def link(
    distance: Reals,
    bound: float,
    together: Iterable[tuple[int, int]] = (),
    apart: Iterable[tuple[int, int]] = (),
) -> Indices:
    """Merge the closest two clusters until none are within `bound`: the least index of what each is one with, (n,).

    The distance of two clusters is the mean over all pairs between them (Sokal and Michener, 1958). Pairs `together`
    belong to one group from the beginning, without being alike: who is like a cluster of a group belongs to all of it.
    Pairs `apart` never do, directly or through others; a pair that is both is together. Ties go to the least indices.

    Args:
        distance: float32 (n, n), symmetric, finite.
    """
    n = len(distance)
    group = _joined(n, together)
    gap, size = np.array(distance, np.float32), np.ones(n, np.float32)
    gap[group[:, None] == group[None]] = np.inf  # they are one already
    for i, j in apart:
        if group[i] != group[j]:
            ours, theirs = np.flatnonzero(group == group[i]), np.flatnonzero(group == group[j])
            gap[np.ix_(ours, theirs)] = gap[np.ix_(theirs, ours)] = np.inf
    alive = np.ones(n, bool)
    nearest = gap.argmin(axis=1) if n else np.zeros(0, np.intp)
    reach = gap[np.arange(n), nearest]
    while n and reach.min() <= bound:
        one = int(reach.argmin())
        other = int(nearest[one])
        keep, drop = min(one, other), max(one, other)
        # Who is infinitely far from a part is so from the whole.
        row = (gap[keep] * size[keep] + gap[drop] * size[drop]) / (size[keep] + size[drop])
        row[[keep, drop]] = np.inf
        size[keep] += size[drop]
        gap[keep], gap[:, keep] = row, row
        gap[drop] = gap[:, drop] = np.inf
        alive[drop] = False
        least, most = sorted((int(group[keep]), int(group[drop])))
        group[group == most] = least
        changed = _agree(gap, np.flatnonzero((group == least) & alive), alive)
        stale = np.isin(nearest, [keep, drop, *changed]) | (np.arange(n) == drop)
        stale[[keep, *changed]] = True
        rows = np.flatnonzero(stale)
        nearest[rows] = gap[rows].argmin(axis=1)
        reach[rows] = gap[rows, nearest[rows]]
        better = row < reach
        nearest[better], reach[better] = keep, row[better]
    return group


def _agree(gap: Reals, members: Indices, alive: NDArray[np.bool_]) -> list[int]:
    """Have all clusters of a group be infinitely far from each other, and from whoever one of them is. These."""
    if len(members) < 2:
        return []
    never = np.isinf(gap[members]).any(axis=0) & alive
    never[members] = True
    others = np.flatnonzero(never)
    gap[np.ix_(members, others)] = np.inf
    gap[np.ix_(others, members)] = np.inf
    return [int(member) for member in members]


def _joined(n: int, together: Iterable[tuple[int, int]]) -> Indices:
    label = np.arange(n)
    for i, j in together:
        one, other = sorted((int(label[i]), int(label[j])))
        label[label == other] = one
    return label
