"""A question's answer: photos ranked by how likely they are what was asked for, why, and what almost is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.search.columns import Columns, date_of
from mien.search.conditions import Album, chances
from mien.search.facts import Contains
from mien.search.matching import Matches, figure_chance, matches
from mien.search.query import Condition, Named, Query, Sought, Wears, names_in
from mien.search.reasons import Missed, Reason
from mien.search.standing import OUTERMOST

CUT_OFF: Final = 0.45
"""From this chance on a photo is an answer. On photos told by eye half of those between 0.45 and 0.5 are right."""

NEAR: Final = 20
"""Near misses, at most; they are looked for where there are fewer answers."""


@dataclass(frozen=True)
class Result:
    """A photo that answers, or almost.

    Attributes:
        score: 0–1, how likely it is that the photo is what was asked for.
        figure_ids: who is meant, in the order of `Query.who`, each as often as it is wanted.
        why: what was found.
        missed: what alone is not as was asked, if this is a near miss for that; `score` is without it.
    """

    photo_id: str
    score: float
    figure_ids: tuple[str, ...] = ()
    why: tuple[Reason, ...] = ()
    missed: Missed | None = None


@dataclass(frozen=True)
class Answer:
    """What was found.

    Attributes:
        query: the question as it was understood; None if a figure was asked for (`resembling`).
        results: the likeliest answers, best first; of equal ones those that show people larger, then the newest.
        near: photos that are less likely than `CUT_OFF`, then those that are not as asked in one point: first where
            something worn is of another colour, pattern or cut.
        total: how many answers there are, whether or not they are among `results`.
        people: the names in the question.
    """

    query: Query | None
    results: tuple[Result, ...] = ()
    near: tuple[Result, ...] = ()
    total: int = 0
    people: tuple[str, ...] = ()


def answer(album: Album, query: Query, contains: Contains, limit: int) -> Answer:
    """The answer to a question. One that asks for nothing that is understood has none."""
    conditions = [condition for sought in query.who for condition in sought.conditions]
    names = sorted({name for named in names_in(conditions) for name in named.names})
    if query == Query():
        return Answer(query)
    found = matches(album, query, contains)
    is_answer = np.round(found.chance, 2) >= CUT_OFF
    results = _ranked(album, found, np.flatnonzero(is_answer), limit)
    total = int(is_answer.sum())
    near: tuple[Result, ...] = ()
    if total < NEAR:
        less = _ranked(album, found, np.flatnonzero(~is_answer), NEAR - total)
        near = tuple(_explained(album, query, found, less))
        known = {found.photos[i] for i in np.flatnonzero(is_answer)} | {found.photos[i] for i in less}
        near += _missing_one(album, query, contains, known, NEAR - total - len(near))
    return Answer(query, tuple(_explained(album, query, found, results)), near, total, tuple(names))


def relaxed(query: Query) -> Iterator[tuple[Query, Missed]]:
    """The question less one thing that it asks for, and that thing; never less a name, nor all that is said of one."""
    parts = sum(len(sought.conditions) for sought in query.who) + len(query.relations) + len(query.when)
    parts += len(query.where) + (query.least is not None or query.most is not None) + query.nobody_else
    if parts < 2:
        return
    for i, sought in enumerate(query.who):
        for condition in sought.conditions if sought.least > 0 and len(sought.conditions) > 1 else ():
            if not any(names_in([condition])):
                rest = tuple(other for other in sought.conditions if other is not condition)
                yield replace(query, who=_replaced(query.who, i, replace(sought, conditions=rest))), condition
    for relation in query.relations:
        yield replace(query, relations=tuple(r for r in query.relations if r is not relation)), relation
    for when in query.when:
        yield replace(query, when=tuple(other for other in query.when if other is not when)), when
    for where in query.where:
        yield replace(query, where=tuple(other for other in query.where if other is not where)), where
    if query.least is not None or query.most is not None:
        yield replace(query, least=None, most=None), "people"
    if query.nobody_else:
        yield replace(query, nobody_else=False), "nobody else"


def loosened(query: Query) -> Iterator[tuple[Query, Missed]]:
    """The question with something worn of whatever colour, pattern and cut; and what was asked of it."""
    for i, sought in enumerate(query.who):
        for at, condition in enumerate(sought.conditions if sought.least > 0 else ()):
            if isinstance(condition, Wears) and condition.is_so and "clothes" not in condition.things:  # all wear some
                plain = replace(condition, colours=(), pattern=None, sleeves=None, hem=None)
                if plain != condition:
                    conditions = (*sought.conditions[:at], plain, *sought.conditions[at + 1 :])
                    yield replace(query, who=_replaced(query.who, i, replace(sought, conditions=conditions))), condition


def _missing_one(album: Album, query: Query, contains: Contains, known: set[int], limit: int) -> tuple[Result, ...]:
    """The best photos that would be answers but for one thing, those that are nearer to it first."""
    best: dict[str, Result] = {}
    told = np.fromiter(known, np.intp, len(known))
    for questions in (loosened(query), relaxed(query)):
        results: list[Result] = []
        for less, missed in questions if len(best) < limit else ():
            found = matches(album, less, contains, CUT_OFF)
            new = np.flatnonzero(~np.isin(found.photos, told))
            explained = _explained(album, less, found, _ranked(album, found, new, limit))
            results += [replace(result, missed=missed) for result in explained]
        for result in sorted(results, key=lambda result: -result.score):
            best.setdefault(result.photo_id, result)
    return tuple(best.values())[:limit]


def _ranked(album: Album, found: Matches, at: NDArray[np.intp], limit: int) -> list[int]:
    """The best of the matches `at`: likeliest first, of equally likely ones the larger, then the newest."""
    columns = album.columns
    score = np.round(found.chance[at], 2)
    if len(at) > limit > 0:
        least = np.partition(score, len(at) - limit)[len(at) - limit]
        at, score = at[score >= least], score[score >= least]
    photos = found.photos[at]
    days = columns.days[photos].astype(np.int64)
    order = np.lexsort(
        (columns.photo_ids[photos], -columns.hours[photos], -days, _smallness(columns, found, at), -score)
    )
    best: list[int] = at[order][:limit].tolist()
    return best


def _smallness(columns: Columns, found: Matches, at: NDArray[np.intp]) -> NDArray[np.int64]:
    """How often the height of the smallest who is meant goes into the photo's, in octaves."""
    boxes = columns.boxes[:, found.figures[at]].astype(np.float64) / 65535
    heights = (boxes[3] - boxes[1]).min(axis=1, initial=1)
    return np.asarray(np.floor(-np.log2(np.maximum(heights, 1e-4))), np.int64)


def _explained(album: Album, query: Query, found: Matches, at: Sequence[int]) -> list[Result]:
    """The matches `at`, with reasons."""
    columns, whys = album.columns, _reasons(album, query, found, at)
    return [
        Result(
            columns.photo_id(int(found.photos[i])),
            round(float(found.chance[i]), 2),
            tuple(map(columns.figure_id, found.figures[i].tolist())),
            why,
        )
        for i, why in zip(at, whys, strict=True)
    ]


def _reasons(album: Album, query: Query, found: Matches, at: Sequence[int]) -> list[tuple[Reason, ...]]:
    """Why each of the matches `at` was found."""
    if not at:
        return []
    columns, photos = album.columns, found.photos[at]
    whys: list[list[Reason]] = [[] for _ in at]
    slots = [(i, sought) for i, sought in enumerate(query.who) for _ in range(sought.least)]
    for place, (_, sought) in enumerate(slots):
        rows = found.figures[at, place]
        for condition in sought.conditions:
            for why, row, chance in zip(whys, rows.tolist(), chances(album, condition, rows).tolist(), strict=True):
                why.append(Reason("is", place, chance=round(chance, 2), condition=_met(album, condition, row)))
    for why, photo in zip(whys, photos.tolist(), strict=True):
        for relation in query.relations:
            ones, others = ([p for p, (i, _) in enumerate(slots) if i == j] for j in (relation.one, relation.other))
            others = [] if relation.kind in OUTERMOST else others
            why += [Reason(relation.kind, one, next((p for p in others if p != one), None)) for one in ones]
        why += [_absent(album, sought, photo) for sought in query.who if sought.most == 0]
        if query.nobody_else:
            why.append(Reason("nobody else"))
        if query.least is not None or query.most is not None:
            why.append(Reason("people", count=int(columns.people_count[photo])))
        if query.when:
            hour = int(columns.hours[photo]) if any(when.hours for when in query.when) else None
            why.append(Reason("taken", day=date_of(int(columns.days[photo])), hour=hour))
        why += [Reason("place", place=where.place) for where in query.where if where.is_so]
    return [tuple(why) for why in whys]


def _met(album: Album, condition: Condition, row: int) -> Condition:
    """What this figure meets of a condition: of several people who may be meant, who it is."""
    if not (isinstance(condition, Named) and condition.is_so and len(condition.names) > 1):
        return condition
    key = int(album.columns.people[row])
    names = frozenset(name for name in condition.names if key in album.people.get(name, ()))
    return replace(condition, names=names) if names else condition


def _absent(album: Album, sought: Sought, photo: int) -> Reason:
    rows = np.arange(album.columns.first[photo], album.columns.first[photo + 1])
    chance = figure_chance(album, sought.conditions, rows[album.columns.somebody[rows]])
    return Reason("nobody", chance=round(1 - float(chance.max(initial=0)), 2), conditions=sought.conditions)


def _replaced(who: tuple[Sought, ...], i: int, sought: Sought) -> tuple[Sought, ...]:
    return (*who[:i], sought, *who[i + 1 :])
