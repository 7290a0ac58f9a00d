"""Which photos answer: as a plain scan of everything says, whatever is asked."""

import random
from functools import cache

import numpy as np
import pytest
from benchmarks.plain_search import Plain
from benchmarks.searchable import NAMES, figure, photo, photos, question
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mien.search import cells
from mien.search.columns import Columns, FigureSeen, PhotoSeen, person_key
from mien.search.conditions import Album
from mien.search.matching import matches
from mien.search.query import Looks, Query, Relation, Sought

Photos = list[tuple[PhotoSeen, list[FigureSeen]]]

PEOPLE = {name: [person_key(name)] for name in NAMES}


@cache
def memberships() -> NDArray[np.uint8]:
    return cells.memberships()


def album(seen: Photos, hidden: tuple[int, ...] = ()) -> Album:
    return Album(Columns.of(seen), memberships(), PEOPLE, hidden)


def found(seen: Photos, query: Query, hidden: tuple[int, ...] = ()) -> dict[str, float]:
    asked = album(seen, hidden)
    answer = matches(asked, query, nowhere)
    return dict(zip(map(asked.columns.photo_id, answer.photos.tolist()), answer.chance.tolist(), strict=True))


def nowhere(*_: object) -> NDArray[np.bool_]:
    raise AssertionError("nobody asked where")


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9), figures=st.integers(0, 40))
def test_it_is_what_a_plain_scan_finds(seed: int, figures: int) -> None:
    chance = random.Random(seed)
    seen = [*photos(figures, chance)]
    seen = [(p, inside[:6]) for p, inside in seen]
    query, hidden = question(chance, 3), (person_key("Ben"),) if chance.random() < 0.3 else ()
    plain = Plain(seen, memberships() / 100, PEOPLE, hidden).search(query)
    mine = found(seen, query, hidden)
    for photo_id in plain.keys() | mine.keys():
        assert mine.get(photo_id, 0.25) == pytest.approx(plain.get(photo_id, 0.25), abs=2e-3)


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
