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
from mien.search.columns import Columns, FigureSeen, Person, PhotoSeen, person_key
from mien.search.conditions import FAR_CHANCE, Album
from mien.search.matching import matches
from mien.search.query import Either, Looks, Named, Query, Relation, Sought, Wears
from tests.search.composed import LAB, garment, guess, memberships

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


def standing(number: int, x: float, top: float, bottom: float, **traits: object) -> FigureSeen:
    record = {"upper": garment("upper-clothes", "blue"), **traits}
    return FigureSeen(number, (x, top, x + 0.1, bottom), record)


CHILD, ADULT = ({"age_group": guess(age, other=other)} for age, other in (("child", "adult"), ("adult", "child")))
BLUE_TOP = Sought((Wears(frozenset({"top"}), (frozenset({"blue"}),)),))


@pytest.mark.parametrize(
    ("height", "age", "is_beside"),
    [(0.8, ADULT, True), (0.4, ADULT, True), (0.3, ADULT, False), (0.3, CHILD, True), (0.3, {}, False)],
)
def test_who_is_far_behind_is_not_beside(height: float, age: dict[str, object], is_beside: bool) -> None:
    seen = [(PhotoSeen("0" * 64, 1.5), [standing(1, 0.2, 0.1, 0.9), standing(2, 0.32, 0.9 - height, 0.9, **age)])]
    assert bool(found(seen, Query((Sought(()), Sought(())), (Relation("beside", 0, 1),)))) == is_beside


@pytest.mark.parametrize(
    ("height", "traits", "counts"), [(0.5, {}, 1.0), (0.24, {}, FAR_CHANCE), (0.1, {}, FAR_CHANCE), (0.1, CHILD, 0.95)]
)
def test_the_background_counts_less_than_the_foreground(
    height: float, traits: dict[str, object], counts: float
) -> None:
    largest = FigureSeen(1, (0.2, 0.1, 0.3, 0.9), {"upper": garment("upper-clothes", "red")})
    alone = found([(PhotoSeen("0" * 64, 1.5), [standing(2, 0.6, 0.5, 0.5 + height)])], Query((BLUE_TOP,)))
    seen = [(PhotoSeen("0" * 64, 1.5), [largest, standing(2, 0.6, 0.5, 0.5 + height, **traits)])]
    assert found(seen, Query((BLUE_TOP,))) == pytest.approx({key: counts * chance for key, chance in alone.items()})


def test_who_is_named_may_be_in_the_background() -> None:
    largest = FigureSeen(1, (0.2, 0.1, 0.3, 0.9), {})
    anna = FigureSeen(2, (0.6, 0.4, 0.62, 0.48), {}, Person(person_key("Anna"), 0.9))
    query = Query((Sought((Named(frozenset({"Anna"})),)),))
    assert found([(PhotoSeen("0" * 64, 1.5), [largest, anna])], query) == pytest.approx({"0" * 64: 0.9})


@pytest.mark.parametrize(
    ("colour", "jeans", "low", "high"),
    [("denim blue", 0.4, 0.85, 1), ("navy", 0.4, 0.35, 0.55), ("black", 0.3, 0.45, 0.6), ("beige", 0.3, 0.25, 0.35)],
)
def test_trousers_of_the_blue_of_denim_are_jeans(colour: str, jeans: float, low: float, high: float) -> None:
    lower = garment("pants", colour) | {"chances": {"pants": 1 - jeans, "jeans": jeans}}
    seen = [(PhotoSeen("0" * 64, 1.5), [FigureSeen(1, (0.2, 0.1, 0.3, 0.9), {"lower": lower})])]
    [chance] = found(seen, Query((Sought((Wears(frozenset({"jeans"})),)),))).values()
    assert low <= chance <= high


@pytest.mark.parametrize(("share", "least", "most"), [(0.05, 0, 0), (0.3, 0.3, 0.6), (0.5, 0.9, 1), (0.8, 0.9, 1)])
def test_what_is_largely_red_is_red(share: float, least: float, most: float) -> None:
    colours = [{"name": n, "lab": LAB[n], "share": s} for n, s in (("green", 1 - share), ("red", share))]
    upper = garment("upper-clothes", chance=1.0) | {"colours": colours}
    seen = [(PhotoSeen("0" * 64, 1.5), [FigureSeen(1, (0.2, 0.1, 0.3, 0.9), {"upper": upper})])]
    red = Sought((Wears(frozenset({"top"}), (frozenset({"red"}),)),))
    assert least <= found(seen, Query((red,))).get("0" * 64, 0) <= most


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


def test_more_people_than_any_photo_shows_are_nowhere() -> None:
    chance = random.Random(8)
    seen = [(photo(i, chance), [figure(k, 3, chance) for k in range(3)]) for i in range(4)]
    assert found(seen, Query((Sought((Looks("style", frozenset({"feminine"})),), 1_000_000),))) == {}


@pytest.mark.parametrize(
    ("aspect", "value", "other"), [("style", "feminine", "masculine"), ("age_group", "child", "adult")]
)
def test_not_knowing_is_no_answer(aspect: str, value: str, other: str) -> None:
    for told, chance in ((0.5, 0.4), (0.59, 0.47), (0.7, 0.7)):
        traits = {aspect: guess(value, told, other)}
        seen = [(PhotoSeen("0" * 64, 1.5, None, None), [FigureSeen(1, (0.1, 0.1, 0.4, 0.9), traits, Person())])]
        (score,) = found(seen, Query((Sought((Looks(aspect, frozenset({value})),)),))).values()
        assert score == pytest.approx(chance, abs=0.011)
