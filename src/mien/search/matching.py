"""Which photos answer a question, and how likely: figures that fit, all of them together, and who must not be there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mien.search import facts
from mien.search.assigning import Figures, Fits, assign
from mien.search.columns import Columns
from mien.search.conditions import UNLIKELY, Album, Chances, Rows, chances, combined, foreground
from mien.search.facts import Contains
from mien.search.query import Condition, Looks, Named, Query, Sought, names_in

_SLACK = 1e-6  # of float32


@dataclass(frozen=True, eq=False)
class Matches:
    """m photos, ascending: `photos` (m,), `chance` (m,) that each answers, and `figures` (m, k), those of `query.who`
    in its order, each as often as it is wanted."""

    photos: NDArray[np.intp]
    chance: Chances
    figures: Figures


def matches(album: Album, query: Query, contains: Contains, least: float = UNLIKELY) -> Matches:
    """All photos that answer with at least this chance, which is at least `UNLIKELY`."""
    columns = album.columns
    held = facts.holding(columns, query, contains)
    wanted = [i for i, sought in enumerate(query.who) if sought.least > 0]
    if not wanted:
        photos = np.arange(len(columns.photo_ids)) if held is None else np.flatnonzero(held)
        found = Matches(photos, np.ones(len(photos), np.float32), np.zeros((len(photos), 0), np.intp))
    elif sum(query.who[i].least for i in wanted) > columns.people_count.max(initial=0):
        return Matches(np.zeros(0, np.intp), np.zeros(0, np.float32), np.zeros((0, 0), np.intp))
    else:
        rows = _candidates(album, held)
        fits = [_fits(album, query.who[i], rows, least) for i in wanted]
        places = {i: place for place, i in enumerate(wanted)}
        relations = [
            replace(relation, one=places[relation.one], other=places[relation.other])
            for relation in query.relations
            if {relation.one, relation.other} <= places.keys()
        ]
        assigned = assign(columns, fits, relations, least - _SLACK)
        found = Matches(assigned.photos, assigned.chance, assigned.figures)
    chance = found.chance * _nobody_too_many(album, query, found)
    kept = chance >= least - _SLACK
    return Matches(found.photos[kept], chance[kept], found.figures[kept])


def figure_chance(album: Album, conditions: Sequence[Condition], rows: Rows) -> Chances:
    """How likely each figure meets all conditions."""
    if not conditions:
        return np.ones(len(album.columns) if rows is None else len(rows), np.float32)
    return _of_figures(album, conditions, [chances(album, condition, rows) for condition in conditions], rows)


def _of_figures(album: Album, conditions: Sequence[Condition], each: Sequence[Chances], rows: Rows) -> Chances:
    """How likely figures that meet conditions so likely are meant: less in the background, unless they are named."""
    chance = combined(each)
    if any(names_in(conditions)):
        return chance
    return np.asarray(chance * foreground(album.columns, rows), np.float32)


def _candidates(album: Album, held: NDArray[np.bool_] | None) -> Rows:
    """Those who may come up, in photos of which all holds."""
    if held is None:
        return None if album.showable.all() else np.flatnonzero(album.showable)
    return np.flatnonzero(held[album.columns.photo] & album.showable)


def _fits(album: Album, sought: Sought, rows: Rows, least: float) -> Fits:
    """Those of `rows` who may be sought; what is quickly seen is looked at first."""
    each: list[Chances] = []
    for condition in sorted(sought.conditions, key=_cost):
        chance = chances(album, condition, rows)
        kept = np.flatnonzero(chance >= least - _SLACK)
        rows = kept if rows is None else rows[kept]
        each = [*(one[kept] for one in each), chance[kept]]
    if rows is None:
        rows = np.arange(len(album.columns))
    chance = _of_figures(album, sought.conditions, each, rows) if each else np.ones(len(rows), np.float32)
    likely = chance >= least - _SLACK
    return Fits(rows[likely], chance[likely], sought.least)


def _cost(condition: Condition) -> int:
    return 0 if isinstance(condition, Named) else 1 if isinstance(condition, Looks) else 2


def _nobody_too_many(album: Album, query: Query, found: Matches) -> Chances:
    """How likely it is that in each photo there is nobody more than the question allows."""
    chance = np.ones(len(found.photos), np.float32)
    limited = [sought for sought in query.who if sought.most is not None]
    if not limited and not query.nobody_else:
        return chance
    rows, place = _everybody(album.columns, found.photos)
    for sought in limited:
        assert sought.most is not None
        chance *= 1 - _next_likeliest(figure_chance(album, sought.conditions, rows), place, sought.most, len(chance))
    if query.nobody_else:
        spare = [sought for sought in query.who if sought.most is None or sought.most > sought.least]
        other = np.zeros(len(rows), np.float32)
        for sought in spare:
            np.maximum(other, figure_chance(album, sought.conditions, rows), out=other)
        is_left = ~(found.figures[place] == rows[:, None]).any(axis=1)
        np.minimum.at(chance, place[is_left], chance[place[is_left]] * other[is_left])
    return chance


def _everybody(columns: Columns, photos: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All people in these photos, and for each the place of its photo among them."""
    first, counts = columns.first[photos].astype(np.intp), np.diff(columns.first)[photos].astype(np.intp)
    place = np.repeat(np.arange(len(photos)), counts)
    rows = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts) + first[place]
    somebody = columns.somebody[rows]
    return rows[somebody], place[somebody]


def _next_likeliest(chance: Chances, place: NDArray[np.intp], most: int, n: int) -> Chances:
    """The chance of the likeliest in each group beyond the first `most`; 0 where there are no more."""
    order = np.lexsort((-chance, place))
    counts = np.bincount(place, minlength=n)
    starts = np.cumsum(counts) - counts
    result = np.zeros(n, np.float32)
    more = np.flatnonzero(counts > most)
    result[more] = chance[order[starts[more] + most]]
    return result
