"""Who in a photo is whom of those sought: different figures, so that all of them together are as likely as can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.search import standing
from mien.search.columns import Columns
from mien.search.conditions import Chances
from mien.search.query import Relation

Figures = NDArray[np.intp]

CROWD: Final = 20_000
"""Photos with more ways to choose figures than this are looked at one by one, the likeliest ways first."""

STEPS: Final = 20_000
"""So many ways are tried in such a photo at most."""


@dataclass(frozen=True, eq=False)
class Fits:
    """Who may be one of those sought: `rows`, ascending, with the `chance` of each, and how many of them are wanted."""

    rows: Figures
    chance: Chances
    wanted: int = 1


@dataclass(frozen=True, eq=False)
class Assigned:
    """The best way in each of m photos: `photos` (m,), ascending; `chance` (m,); `figures` (m, wanted in all)."""

    photos: NDArray[np.intp]
    chance: Chances
    figures: Figures


def assign(columns: Columns, sought: Sequence[Fits], relations: Sequence[Relation], least: float) -> Assigned:
    """The photos in which all `sought` can be different figures that stand as they should, with at least this chance.

    The chance is the product of the figures'; of equal ones those that come first in the photo are taken. Exact but
    for photos with many people of whom many fit equally badly in where they stand.
    """
    if len(sought) == 1 and sought[0].wanted == 1 and not relations:
        return _best(columns, sought[0], least)
    bound = np.ones(len(columns.photo_ids), np.float32)
    for fits in sought:
        bound *= _bound(columns, fits)
    possible = [_where(fits, bound[columns.photo[fits.rows]] >= least) for fits in sought]
    related = {i for relation in relations for i in (relation.one, relation.other)}
    wanted = sum(fits.wanted for fits in sought)
    few = [fits if i in related else _foremost(columns, fits, wanted) for i, fits in enumerate(possible)]
    ways = np.ones(len(bound))
    for fits in few:
        ways *= np.bincount(columns.photo[fits.rows], minlength=len(bound)).astype(np.float64) ** fits.wanted
    crowds = np.flatnonzero(ways > CROWD)
    joined = _join(columns, [_where(fits, ways[columns.photo[fits.rows]] <= CROWD) for fits in few], relations, least)
    one_by_one = [_search(columns, few, relations, least, int(photo)) for photo in crowds]
    return _together([joined, *(found for found in one_by_one if found is not None)])


def _best(columns: Columns, fits: Fits, least: float) -> Assigned:
    fits = _where(fits, fits.chance >= least)
    photos = columns.photo[fits.rows]
    starts = _starts(photos)
    best = np.maximum.reduceat(fits.chance, starts) if len(starts) else fits.chance[:0]
    is_best = np.flatnonzero(fits.chance == np.repeat(best, _counts(starts, len(photos))))
    chosen = is_best[_starts(photos[is_best])]
    return Assigned(photos[chosen].astype(np.intp), fits.chance[chosen], fits.rows[chosen, None])


def _bound(columns: Columns, fits: Fits) -> Chances:
    """At most so likely is it that a photo has those wanted: (p,)."""
    bound = np.zeros(len(columns.photo_ids), np.float32)
    photos = columns.photo[fits.rows]
    starts = _starts(photos)
    if len(starts):
        counts = _counts(starts, len(photos))
        best = np.maximum.reduceat(fits.chance, starts) ** fits.wanted
        bound[photos[starts]] = np.where(counts >= fits.wanted, best, 0)
    return bound


def _foremost(columns: Columns, fits: Fits, k: int) -> Fits:
    """The `k` likeliest of each photo: others are never needed where it does not matter who stands where."""
    photos = columns.photo[fits.rows]
    counts = np.bincount(photos, minlength=len(columns.photo_ids))
    crowded = np.flatnonzero(counts[photos] > k)
    order = crowded[np.lexsort((-fits.chance[crowded], photos[crowded]))]
    starts = _starts(photos[order])
    rank = np.arange(len(order)) - np.repeat(starts, _counts(starts, len(order)))
    kept = np.ones(len(photos), np.bool_)
    kept[order[rank >= k]] = False
    return _where(fits, kept)


def _join(columns: Columns, sought: Sequence[Fits], relations: Sequence[Relation], least: float) -> Assigned:
    """All ways, one figure after the other, less those that cannot be likely enough."""
    slots = [i for i, fits in enumerate(sought) for _ in range(fits.wanted)]
    bounds = [_bound(columns, Fits(fits.rows, fits.chance)) for fits in sought]
    figures: Figures = sought[0].rows[:, None]
    chance = sought[0].chance
    for at, i in enumerate(slots):
        if at > 0:
            fits = sought[i]
            photos, theirs = columns.photo[figures[:, 0]], columns.photo[fits.rows]
            first = np.searchsorted(theirs, photos, "left")
            counts = np.searchsorted(theirs, photos, "right") - first
            way = np.repeat(np.arange(len(figures)), counts)
            more = np.arange(len(way)) - np.repeat(np.cumsum(counts) - counts, counts) + first[way]
            new = fits.rows[more]
            fit = (figures[way] != new[:, None]).all(axis=1)
            if slots[at - 1] == i:  # who is first and who second of two alike does not matter
                fit &= new > figures[way, -1]
            chance = chance[way] * fits.chance[more]
            figures = np.concatenate([figures[way], new[:, None]], axis=1)[fit]
            chance = chance[fit]
        rest = np.ones(len(chance), np.float32)
        for later in slots[at + 1 :]:
            rest *= bounds[later][columns.photo[figures[:, 0]]]
        kept = chance * rest >= least
        for relation in relations:
            if max(*_of(slots, relation.one), *_of(slots, relation.other)) == at:
                ones, others = (figures[:, _of(slots, i)] for i in (relation.one, relation.other))
                kept &= standing.all_hold(columns, relation.kind, ones, others)
        figures, chance = figures[kept], chance[kept]
    photos = columns.photo[figures[:, 0]]
    order = np.lexsort((*figures.T[::-1], -chance, photos))
    order = order[_starts(photos[order])]
    return Assigned(photos[order].astype(np.intp), chance[order], figures[order])


def _search(
    columns: Columns, sought: Sequence[Fits], relations: Sequence[Relation], least: float, photo: int
) -> Assigned | None:
    """The best way in one photo with many people: depth first, the likeliest first, until no other can be better."""
    slots = [i for i, fits in enumerate(sought) for _ in range(fits.wanted)]
    inside = [_where(fits, columns.photo[fits.rows] == photo) for fits in sought]
    orders = [np.lexsort((fits.rows, -fits.chance)) for fits in inside]
    ranked = [
        list(zip(fits.rows[order].tolist(), fits.chance[order].tolist(), strict=True))
        for fits, order in zip(inside, orders, strict=True)
    ]
    rest = [1.0]
    for i in reversed(slots):
        rest.insert(0, rest[0] * ranked[i][0][1])
    pairs = [
        _pairs(columns, relation.kind, inside[relation.one].rows, inside[relation.other].rows) for relation in relations
    ]
    best, found, steps = least, None, 0
    chosen: list[int] = []

    def stand_well() -> bool:
        at = len(chosen) - 1
        for relation, standing_so in zip(relations, pairs, strict=True):
            ones, others = _of(slots, relation.one), _of(slots, relation.other)
            if max(*ones, *others) == at and not all(
                any((chosen[a], chosen[b]) in standing_so for b in others) for a in ones
            ):
                return False
        return True

    def choose(at: int, begin: int, chance: float) -> None:
        nonlocal best, found, steps
        if at == len(slots):
            best, found = chance, list(chosen)
            return
        for k in range(begin, len(ranked[slots[at]])):
            figure, its = ranked[slots[at]][k]
            together = chance * its * rest[at + 1]
            if together < best or (found and together == best) or steps >= STEPS:
                return
            steps += 1
            if figure in chosen:
                continue
            chosen.append(figure)
            if stand_well():
                is_alike = at + 1 < len(slots) and slots[at + 1] == slots[at]
                choose(at + 1, k + 1 if is_alike else 0, chance * its)
            chosen.pop()

    choose(0, 0, 1.0)
    if found is None:
        return None
    return Assigned(np.array([photo]), np.array([best], np.float32), np.array([found]))


def _pairs(columns: Columns, kind: str, ones: Figures, others: Figures) -> set[tuple[int, int]]:
    """Those of `ones` with those of `others` to whom they stand so."""
    if kind in standing.OUTERMOST:
        return {(figure, figure) for figure in ones[standing.holds(columns, kind, ones, ones)].tolist()}
    one, other = (grid.ravel() for grid in np.meshgrid(ones, others, indexing="ij"))
    different = one != other
    one, other = one[different], other[different]
    hold = standing.holds(columns, kind, one, other)
    return set(zip(one[hold].tolist(), other[hold].tolist(), strict=True))


def _together(parts: Sequence[Assigned]) -> Assigned:
    photos = np.concatenate([part.photos for part in parts])
    order = np.argsort(photos, kind="stable")
    chance = np.concatenate([part.chance for part in parts])
    return Assigned(photos[order], chance[order], np.concatenate([part.figures for part in parts])[order])


def _of(slots: Sequence[int], sought: int) -> list[int]:
    """Which figures of a way are those of one that is sought."""
    return [at for at, i in enumerate(slots) if i == sought]


def _where(fits: Fits, mask: NDArray[np.bool_]) -> Fits:
    return Fits(fits.rows[mask], fits.chance[mask], fits.wanted)


def _starts(photos: NDArray[np.integer]) -> NDArray[np.intp]:
    """Where another photo begins."""
    if not len(photos):
        return np.zeros(0, np.intp)
    return np.concatenate([[0], np.flatnonzero(photos[1:] != photos[:-1]) + 1])


def _counts(starts: NDArray[np.intp], n: int) -> NDArray[np.intp]:
    """How many of `n` figures each photo has."""
    return np.diff(starts, append=n)
