"""How figures of one photo stand to each other."""

from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.search.columns import CHANCE, Columns

NEAR: Final = 0.6
"""Two stand beside each other if the gap between them is at most so much of the shorter one's height."""

OVERLAP: Final = 0.3
"""… and if they share this much of the shorter one's height; else one is above the other, or far behind."""

FAR_BEHIND: Final = 2.5
"""Somebody so many times as tall as another in the picture is not beside them, unless that one is likely a child."""

BETWEEN: Final = 0.5
"""Nobody stands between them who is at least so much of the shorter one's height: people far behind do not count."""

OUTERMOST: Final = {"leftmost": 1, "rightmost": -1}
"""Who is so stands for themselves: nobody is further on that side who is at least `BETWEEN` of their height."""

_AT_ONCE = 1_000_000


def holds(columns: Columns, kind: str, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether each of the figures `one` stands so to that of `other`, which is another one in the same photo."""
    if kind == "left of":
        return np.asarray(_middles(columns, one) < _middles(columns, other))
    result = np.zeros(len(one), np.bool_)
    stands = partial(_outermost, side=OUTERMOST[kind]) if kind in OUTERMOST else _beside
    crowd = int(np.diff(columns.first)[columns.photo[one]].max(initial=1))
    step = max(1, _AT_ONCE // crowd)
    for start in range(0, len(one), step):
        part = slice(start, start + step)
        result[part] = stands(columns, one[part], other[part])
    return result


def all_hold(columns: Columns, kind: str, ones: NDArray[np.intp], others: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether each of the figures `ones` (m, j) stands so to some of `others` (m, k), in each of m rows: (m,)."""
    result = np.ones(len(ones), np.bool_)
    for i in range(ones.shape[1]):
        if kind in OUTERMOST:
            result &= holds(columns, kind, ones[:, i], ones[:, i])
            continue
        to_any = np.zeros(len(ones), np.bool_)
        for j in range(others.shape[1]):
            different = np.flatnonzero(ones[:, i] != others[:, j])
            to_any[different] |= holds(columns, kind, ones[different, i], others[different, j])
        result &= to_any
    return result


def _outermost(columns: Columns, one: NDArray[np.intp], _: NDArray[np.intp], *, side: int) -> NDArray[np.bool_]:
    """Whether there are others, all of them further right (`side` 1) or left (-1)."""
    pair, third = _all_in_photos(columns, one)
    box, own = _boxes(columns, third), _boxes(columns, one[pair])
    counts = (third != one[pair]) & columns.somebody[third] & (box[3] - box[1] >= BETWEEN * (own[3] - own[1]))
    further = side * _middles(columns, third) < side * _middles(columns, one[pair])
    others, beyond = (np.bincount(pair, weights=w, minlength=len(one)) for w in (counts, counts & further))
    return np.asarray((others > 0) & (beyond == 0))


def _all_in_photos(columns: Columns, figures: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All figures of the photos of `figures`, and for each the place of that of `figures` beside which it is."""
    photos = columns.photo[figures]
    first, counts = columns.first[photos].astype(np.intp), np.diff(columns.first)[photos].astype(np.intp)
    pair = np.repeat(np.arange(len(figures)), counts)
    return pair, np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts) + first[pair]


def _beside(columns: Columns, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.bool_]:
    a, b = _boxes(columns, one), _boxes(columns, other)
    shorter = np.minimum(a[3] - a[1], b[3] - b[1])
    shape = columns.shapes[columns.photo[one]].astype(np.float64)
    gap = (np.maximum(a[0], b[0]) - np.minimum(a[2], b[2])) * shape
    shared = np.minimum(a[3], b[3]) - np.maximum(a[1], b[1])
    level = (np.maximum(a[3] - a[1], b[3] - b[1]) <= FAR_BEHIND * shorter) | _is_child(columns, one, other)
    near = np.flatnonzero((gap <= NEAR * shorter) & (shared >= OVERLAP * shorter) & (shorter > 0) & level)
    result = np.zeros(len(one), np.bool_)
    result[near] = ~_is_parted(columns, one[near], other[near], shorter[near])
    return result


def _is_child(columns: Columns, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether the less tall one in the picture is likely a child."""
    heights = [box[3] - box[1] for box in (_boxes(columns, one), _boxes(columns, other))]
    smaller = np.where(heights[0] <= heights[1], one, other)
    return np.asarray(columns.chances[CHANCE["age_group/child"]][smaller] >= 50)


def _is_parted(
    columns: Columns, one: NDArray[np.intp], other: NDArray[np.intp], shorter: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether somebody stands between two."""
    pair, third = _all_in_photos(columns, one)
    middle, left, right = (_middles(columns, figures) for figures in (third, one[pair], other[pair]))
    box = _boxes(columns, third)
    parts = (np.minimum(left, right) < middle) & (middle < np.maximum(left, right)) & columns.somebody[third]
    parts &= box[3] - box[1] >= BETWEEN * shorter[pair]
    return np.bincount(pair, weights=parts, minlength=len(one)) > 0


def _middles(columns: Columns, figures: NDArray[np.intp]) -> NDArray[np.int64]:
    return np.asarray(columns.boxes[0][figures].astype(np.int64) + columns.boxes[2][figures], np.int64)


def _boxes(columns: Columns, figures: NDArray[np.intp]) -> NDArray[np.float64]:
    return columns.boxes[:, figures].astype(np.float64)
