"""Answers: who is meant, why, what is no answer, and what almost is."""

import re
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.language import Language
from mien.search.answering import Answer, answer
from mien.search.conditions import Album
from mien.search.query import Looks, Named, Query, Relation, Sought, Wears, When, Where
from mien.search.reasons import Reason, in_words, missed_text
from mien.search.resembling import more_like
from tests.search.composed import album, figure, garment, guess

RED_TOP = {"upper": garment("upper-clothes", "red"), "hat": guess("no", other="yes")}
BLUE_TOP = {"upper": garment("upper-clothes", "blue"), "hat": guess("yes", other="no", colour="black")}
RED_DRESS = {"dress": garment("dress", "red"), "hat": guess("no", other="yes")}
MAN, WOMAN = (
    {"style": guess(style, other=other)} for style, other in (("masculine", "feminine"), ("feminine", "masculine"))
)


def wears(thing: str, *colours: str, is_so: bool = True) -> Wears:
    return Wears(frozenset({thing}), tuple(frozenset({colour}) for colour in colours), is_so=is_so)


def looks(style: str) -> Looks:
    return Looks("style", frozenset({style}))


def sought(*conditions: Wears | Looks | Named, least: int = 1, most: int | None = None) -> Sought:
    return Sought(conditions, least, most)


def ask(asked: Album, *who: Sought, limit: int = 60, **rest: object) -> Answer:
    return answer(asked, Query(tuple(who), **rest), nowhere, limit)  # type: ignore[arg-type]


def nowhere(*_: object) -> NDArray[np.bool_]:
    raise AssertionError("nobody asked where")


def keys(found: Answer) -> list[str]:
    return [result.photo_id.rstrip("0") for result in found.results]


@pytest.fixture(scope="module")
def people() -> Album:
    return album(
        {
            "a": (date(2025, 7, 12), [figure(1, RED_TOP | MAN, "Anna"), figure(2, BLUE_TOP | WOMAN)]),
            "b": (date(2024, 1, 1), [figure(1, BLUE_TOP | MAN, "Ben")]),
            "c": (None, [figure(1, RED_DRESS | WOMAN), figure(2, RED_TOP | WOMAN), figure(3, BLUE_TOP | MAN)]),
            "d": (date(2023, 5, 5), []),
        }
    )


def test_nothing_is_asked_nothing_is_answered(people: Album) -> None:
    assert ask(people) == Answer(Query())


def test_an_empty_library_has_no_answers() -> None:
    assert not ask(album({}), sought(wears("top", "blue"))).results


def test_a_colour_is_bound_to_the_right_garment_of_the_right_person(people: Album) -> None:
    assert keys(ask(people, sought(wears("top", "blue"), looks("feminine")))) == ["a"]
    assert keys(ask(people, sought(wears("top", "red"), looks("masculine")))) == ["a"]
    assert sorted(keys(ask(people, sought(wears("top", "blue"), looks("masculine"))))) == ["b", "c"]
    assert keys(ask(people, sought(wears("top", "green")))) == []


def test_several_are_different_people_of_one_photo(people: Album) -> None:
    found = ask(people, sought(wears("top", "red")), sought(looks("feminine")))
    assert keys(found) == ["a", "c"]
    assert found.results[0].figure_ids == ("a" + "0" * 15 + "-1", "a" + "0" * 15 + "-2")
    assert keys(ask(people, sought(looks("feminine"), least=3))) == []


@pytest.mark.parametrize(("one", "other", "expected"), [("red", "blue", ["a", "c"]), ("blue", "red", [])])
def test_who_stands_left_of_whom(people: Album, one: str, other: str, expected: list[str]) -> None:
    who = sought(wears("top", one)), sought(wears("top", other))
    assert keys(ask(people, *who, relations=(Relation("left of", 0, 1),))) == expected


def test_beside_means_that_nobody_is_between(people: Album) -> None:
    dress_beside_blue = sought(wears("dress", "red")), sought(wears("top", "blue"))
    assert keys(ask(people, *dress_beside_blue)) == ["c"]
    assert keys(ask(people, *dress_beside_blue, relations=(Relation("beside", 0, 1),))) == []


def test_negation_holds_where_it_can_be_seen(people: Album) -> None:
    assert keys(ask(people, sought(wears("hat", is_so=False), looks("masculine")))) == ["a"]
    unseen = album({"x": (None, [figure(1, MAN)])})
    assert keys(ask(unseen, sought(wears("hat", is_so=False)))) == []


def test_numbers_and_nobody_else(people: Album) -> None:
    assert keys(ask(people, sought(wears("top", "blue")), nobody_else=True)) == ["b"]
    assert keys(ask(people, sought(looks("feminine"), least=2, most=2))) == ["c"]
    assert keys(ask(people, sought(wears("hat"), least=0, most=0))) == ["d"]
    assert keys(ask(people, least=2, most=2)) == ["a"]
    assert keys(ask(people, most=0)) == ["d"]


def test_time_is_by_the_clock_on_the_wall(people: Album) -> None:
    summer = When(days=((date(2025, 6, 1), date(2025, 8, 31)),))
    assert keys(ask(people, sought(wears("top", "blue")), when=(summer,))) == ["a"]
    assert keys(ask(people, when=(When(weekdays=frozenset({5, 6})),))) == ["a"]
    assert keys(ask(people, when=(When(hours=(18, 23)),))) == []


def test_the_newest_come_first_among_equals(people: Album) -> None:
    assert keys(ask(people, sought(wears("top", "blue")))) == ["a", "b", "c"]
    found = ask(people, sought(wears("top", "blue")), limit=2)
    assert (keys(found), found.total) == (["a", "b"], 3)


def test_who_is_hidden_never_comes_up() -> None:
    photos = {"a": (None, [figure(1, RED_TOP, "Anna")])}
    assert keys(ask(album(photos), sought(wears("top", "red")))) == ["a"]
    hidden = album(photos, hidden=("Anna",))
    for question in (sought(wears("top", "red")), sought(Named(frozenset({"Anna"})))):
        found = ask(hidden, question)
        assert not found.results
        assert not found.near


def test_names_are_as_sure_as_it_is_who_somebody_is() -> None:
    photos = {k: (None, [figure(1, RED_TOP, "Anna", sure)]) for k, sure in (("a", 1.0), ("b", 0.7), ("c", 0.3))}
    found = ask(album(photos), sought(Named(frozenset({"Anna"}))))
    assert [(key, result.score) for key, result in zip(keys(found), found.results, strict=True)] == [
        ("a", 1),
        ("b", 0.7),
    ]
    assert [result.score for result in found.near] == [0.3]
    assert found.people == ("Anna",)


def test_of_several_who_may_be_meant_it_is_said_who_it_is() -> None:
    photos = {name: (None, [figure(1, RED_TOP, name)]) for name in ("Anna", "Ben")}
    found = ask(album(photos), sought(Named(frozenset({"Anna", "Ben"}))))
    assert [[in_words(reason, "en") for reason in result.why] for result in found.results] == [
        [f"known as {key}"] for key in keys(found)
    ]


def test_a_near_miss_says_what_is_missed(people: Album) -> None:
    question = sought(wears("top", "blue"), looks("feminine"))
    found = ask(people, question)
    assert keys(found) == ["a"]
    missed = {result.photo_id.rstrip("0"): result.missed for result in found.near}
    assert missed == {"b": looks("feminine"), "c": wears("top", "blue")}  # in c a man in blue, and women in red
    assert not {result.photo_id for result in found.near} & {result.photo_id for result in found.results}


def test_the_same_garment_in_another_colour_comes_before_whoever_wears_none() -> None:
    worn = {"dress": garment("dress", "blue")}, {"lower": garment("pants", "red")}, {"dress": garment("dress", "red")}
    asked = album({key: (None, [figure(1, look | WOMAN)]) for key, look in zip("abc", worn, strict=True)})
    for question in ((wears("dress", "red"), looks("feminine")), (wears("dress", "red"),)):
        found = ask(asked, sought(*question))
        assert keys(found) == ["c"]
        near = [(result.photo_id.rstrip("0"), result.missed) for result in found.near]
        assert near == [(key, wears("dress", "red")) for key in "ab"[: len(question)]]
        assert "dress" in in_words(found.near[0].why[0], "en")
    assert not ask(asked, sought(wears("dress", "green"), least=0, most=0)).near  # nobody in green: all answer


def test_reasons_are_in_the_readers_language(people: Album) -> None:
    summer = When(days=((date(2025, 6, 1), date(2025, 8, 31)),))
    anna = sought(Named(frozenset({"Anna"})), wears("top", "red"), looks("masculine"))
    (result,) = ask(people, anna, when=(summer,)).results
    english = [in_words(reason, "en") for reason in result.why]
    assert english[0] == "known as Anna"  # which was said, and is no guess
    assert re.fullmatch(r"top: red \(\d\d\xa0%\)", english[1])
    assert "appears" in english[2]
    assert english[3] == "12 July 2025"
    chinese = [in_words(reason, "zh") for reason in result.why]
    assert chinese[0] == "已知是Anna"
    assert re.fullmatch(r"上衣：红色 \(\d\d\xa0%\)", chinese[1])
    assert "外表" in chinese[2]
    assert chinese[3] == "2025年7月12日"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_and_every_miss_has_words(people: Album, language: Language) -> None:
    hats = sought(wears("hat"), least=0, most=0)
    relation = Relation("beside", 0, 1)
    who = sought(wears("dress", "red")), sought(wears("top", "red"), looks("feminine")), hats
    day = When(weekdays=frozenset({5}), hours=(8, 12))
    for query in (
        Query(who[:2], (relation,), least=2, nobody_else=True),
        Query(who, most=4),
        Query(who[:1], when=(day,)),
        Query(least=2, when=(day,)),
    ):
        found = answer(people, query, nowhere, 60)
        for result in (*found.results, *found.near):
            assert all(in_words(reason, language) for reason in result.why)
            assert result.missed is None or missed_text(result.missed, language)
    assert missed_text(Where("country:FR"), language)
    assert in_words(Reason("place", place="country:FR"), language)


def test_more_like_this_one() -> None:
    striped = {"upper": garment("upper-clothes", "blue", pattern="striped")}
    jeans = {"lower": garment("jeans", "navy")}
    asked = album(
        {
            "a": (None, [figure(1, striped | jeans)]),
            "b": (None, [figure(1, striped | {"lower": garment("skirt", "red")})]),
            "c": (None, [figure(1, {"upper": garment("coat", "blue")} | jeans)]),
            "d": (None, [figure(1, striped | jeans)]),
            "e": (None, [figure(1, {"upper": garment("upper-clothes", "yellow", pattern="striped")})]),
            "f": (None, [figure(1, {})]),
        }
    )
    assert keys(more_like(asked, 0, "outfit", 60)) == ["d"]
    assert sorted(keys(more_like(asked, 0, "garment", 60))) == ["b", "c", "d"]
    assert sorted(keys(more_like(asked, 0, "colour", 60))) == ["b", "c", "d"]
    assert keys(more_like(asked, 5, "outfit", 60)) == []
