"""Which photos answer: as a plain scan of everything says, whatever is asked."""

import random
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.plain_search import Plain
from benchmarks.searchable import NAMES, figure, photo, photos, question
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mien.search import assigning
from mien.search.columns import Columns, FigureSeen, PhotoSeen, person_key
from mien.search.conditions import Album
from mien.search.matching import matches
from mien.search.query import Either, Looks, Query, Relation, Sought
from tests.search.composed import memberships

Photos = list[tuple[PhotoSeen, list[FigureSeen]]]

PEOPLE = {name: [person_key(name)] for name in NAMES}


def album(seen: Photos, hidden: tuple[int, ...] = ()) -> Album:
    return Album(Columns.of(seen), memberships(), PEOPLE, hidden)


def found(seen: Photos, query: Query, hidden: tuple[int, ...] = ()) -> dict[str, float]:
    asked = album(seen, hidden)
    answer = matches(asked, query, nowhere)
    return dict(zip(map(asked.columns.photo_id, answer.photos.tolist()), answer.chance.tolist(), strict=True))


def nowhere(*_: object) -> NDArray[np.bool_]:
    raise AssertionError("nobody asked where")


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9), figures=st.integers(0, 40), in_one=st.booleans())
def test_it_is_what_a_plain_scan_finds(seed: int, figures: int, in_one: bool) -> None:
    """Whether all ways of a photo are gone through, or it is searched as a crowd is."""
    chance = random.Random(seed)
    seen = [*photos(figures, chance)]
    seen = [(p, inside[:6]) for p, inside in seen]
    query, hidden = with_less_common(question(chance, 3), chance), (person_key("Ben"),) if chance.random() < 0.3 else ()
    plain = Plain(seen, memberships() / 100, PEOPLE, hidden).search(query)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assigning, "CROWD", assigning.CROWD if in_one else 0)
        mine = found(seen, query, hidden)
    for photo_id in plain.keys() | mine.keys():
        assert mine.get(photo_id, 0.25) == pytest.approx(plain.get(photo_id, 0.25), abs=2e-3)


def with_less_common(query: Query, chance: random.Random) -> Query:
    """What is seldom asked: either, or; on the left of the photo; next to each other."""
    who = list(query.who)
    for i, sought in enumerate(who):
        if sought.conditions and chance.random() < 0.25:
            ways = (sought.conditions, (Looks("style", frozenset({chance.choice(("feminine", "masculine"))})),))
            who[i] = replace(sought, conditions=(Either(ways),))
    relations = list(query.relations)
    for i, sought in enumerate(who):
        if sought.least and chance.random() < 0.2:
            kind = "beside" if sought.least > 1 else chance.choice(("leftmost", "rightmost"))
            relations.append(Relation(kind, i, i))
    return replace(query, who=tuple(who), relations=tuple(relations))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_a_crowd_is_looked_through(seed: int) -> None:
    chance = random.Random(seed)
    seen = [(photo(0, chance), [figure(k, 60, chance) for k in range(60)])]
    query = Query(
        (Sought((Looks("style", frozenset({"feminine"})),)), Sought((Looks("style", frozenset({"masculine"})),))),
        (Relation("left of", 0, 1),),
    )
    plain = Plain(seen, memberships() / 100, PEOPLE).search(query)
    assert found(seen, query) == pytest.approx(plain, abs=2e-3)


def test_in_a_large_crowd_no_more_than_so_much_is_tried() -> None:
    chance = random.Random(7)
    seen = [(photo(0, chance), [figure(k, 200, chance) for k in range(200)])]
    standing = Sought((Looks("style", frozenset({"feminine"})),), 3)
    query = Query((standing, standing), (Relation("beside", 0, 1), Relation("left of", 1, 0)))
    for score in found(seen, query).values():
        assert 0.25 <= score <= 1
