"""Average linkage of a few thousand things under "these two for sure" and "never these two"."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float32]
Indices = NDArray[np.intp]


def link(
    distance: Reals,
    bound: float,
    together: Iterable[tuple[int, int]] = (),
    apart: Iterable[tuple[int, int]] = (),
) -> Indices:
    """Merge the closest two clusters until none are within `bound`: the least index of each one's cluster, (n,).

    The distance of two clusters is the mean over all pairs between them (Sokal and Michener, 1958). Pairs `together`
    are one from the beginning, however unlike, and as near to others as the nearest of them is; pairs `apart` never are
    one, directly or through others; a pair that is both is together.
    Ties go to the least indices, so the order of things has no influence but on those.

    Args:
        distance: float32 (n, n), symmetric.
    """
    n = len(distance)
    label = _joined(n, together)
    size = np.bincount(label, minlength=n).astype(np.float32)
    gap = _between(distance, label, size)
    for i, j in apart:
        gap[label[i], label[j]] = gap[label[j], label[i]] = np.inf
    alive = size > 0
    gap[~alive] = gap[:, ~alive] = np.inf
    np.fill_diagonal(gap, np.inf)
    nearest = gap.argmin(axis=1) if n else np.zeros(0, np.intp)
    reach = gap[np.arange(n), nearest]
    while n and reach.min() <= bound:
        one = int(reach.argmin())
        keep, drop = sorted((one, int(nearest[one])))
        row = (gap[keep] * size[keep] + gap[drop] * size[drop]) / (size[keep] + size[drop])
        row[[keep, drop]] = np.inf
        size[keep] += size[drop]
        label[label == drop] = keep
        gap[keep], gap[:, keep] = row, row
        gap[drop] = gap[:, drop] = np.inf
        # Average linkage is reducible: nobody comes nearer to the merged cluster than its parts were.
        stale = np.flatnonzero((nearest == keep) | (nearest == drop))
        stale = np.union1d(stale, [keep, drop])
        nearest[stale] = gap[stale].argmin(axis=1)
        reach[stale] = gap[stale, nearest[stale]]
        better = row < reach
        nearest[better], reach[better] = keep, row[better]
    return label


def _joined(n: int, together: Iterable[tuple[int, int]]) -> Indices:
    label = np.arange(n)
    for i, j in together:
        one, other = sorted((int(label[i]), int(label[j])))
        label[label == other] = one
    return label


def _between(distance: Reals, label: Indices, size: Reals) -> Reals:
    """The distance of each two of what is together from the beginning, at their labels: that of their nearest parts."""
    if (size == 1).all():
        return np.array(distance, np.float32)
    rows = np.full_like(distance, np.inf)
    np.minimum.at(rows, label, distance)
    both = np.full_like(distance, np.inf)
    np.minimum.at(both.T, label, rows.T)
    return both
