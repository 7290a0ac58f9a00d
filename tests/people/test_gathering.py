"""Grouping within moments: whoever shows no face joins somebody, or others, or stays nobody."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.people.decisions import DecidedPerson, Decisions
from mien.people.grouping import group
from mien.people.membership import Grouping
from mien.people.sighting import Sighting
from tests.people.test_evidence import BLUE, GREEN, RED, clad, seen

RED_SHOWN = [seen("a", 0, RED, person=0), seen("a", 3, BLUE, person=1)]
"""Two people, in red and in blue."""


def together(grouping: Grouping) -> set[frozenset[str]]:
    return {frozenset(person.figures) for person in grouping.people}


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], [{"a-0"}, {"a-3"}]),
        # From behind, five minutes later, elsewhere in the picture.
        ([seen("b", 6, RED, seconds=300)], [{"a-0", "b-6"}, {"a-3"}]),
        ([seen("b", 6, BLUE, seconds=300)], [{"a-0"}, {"a-3", "b-6"}]),
        ([seen("b", 6, GREEN, seconds=300)], [{"a-0"}, {"a-3"}]),
        ([seen("b", 6, RED, seconds=300), seen("b", 3, BLUE, seconds=300)], [{"a-0", "b-6"}, {"a-3", "b-3"}]),
        # Another day people wear other clothes.
        ([seen("b", 6, RED, seconds=90_000)], [{"a-0"}, {"a-3"}]),
        # Two in one photo who both look like the one in red: neither.
        ([seen("b", 6, RED, seconds=300), seen("b", 1, RED, seconds=300)], [{"a-0"}, {"a-3"}]),
        # Strangers from behind, seen twice, are somebody.
        ([seen("b", 6, GREEN, seconds=300), seen("c", 1, GREEN, seconds=400)], [{"a-0"}, {"a-3"}, {"b-6", "c-1"}]),
        # Two faces are never joined by clothes.
        ([seen("b", 6, RED, seconds=300, person=5)], [{"a-0"}, {"a-3"}, {"b-6"}]),
    ],
)
def test_faceless_figures(others, expected) -> None:
    grouping = group([*RED_SHOWN, *others])
    assert together(grouping) == {frozenset(figures) for figures in expected}


def test_without_a_time_nobody_joins() -> None:
    behind = replace(seen("b", 6, RED), taken=None)
    assert group([*RED_SHOWN, behind]).memberships["b-6"].person_id is None


def test_a_poor_face_joins_by_clothes_too() -> None:
    poor = replace(seen("b", 6, RED, seconds=300, person=0, view=40), face_usable=0.05)
    grouping = group([*RED_SHOWN, poor])
    assert frozenset({"a-0", "b-6"}) in together(grouping)
    assert 0.5 < grouping.memberships["b-6"].confidence < 1


BEHIND = [seen("b", 6, RED, seconds=300), seen("c", 1, RED, seconds=400)]


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ({}, [{"a-0", "b-6", "c-1"}, {"a-3"}]),
        ({"not_people": frozenset({BEHIND[0].place})}, [{"a-0", "c-1"}, {"a-3"}]),
        # Who looks like both of two who differ may be either: that is asked, not said.
        ({"apart": frozenset({(RED_SHOWN[0].place, BEHIND[0].place)})}, [{"a-0"}, {"a-3"}]),
        # "These two are not the same" holds through the third one, too.
        ({"apart": frozenset({(BEHIND[0].place, BEHIND[1].place)})}, None),
    ],
)
def test_decisions_hold(decisions, expected) -> None:
    grouping = group([*RED_SHOWN, *BEHIND], Decisions(**decisions))
    if expected is None:
        one, two = (grouping.memberships[s.figure_id].person_id for s in BEHIND)
        assert one is None or one != two
    else:
        assert together(grouping) == {frozenset(figures) for figures in expected}


def test_somebody_named_from_behind_draws_in_others_from_behind_but_not_who_was_rejected() -> None:
    anna = DecidedPerson("anna", "Anna", frozenset({BEHIND[0].place}))
    figures = [*BEHIND, seen("d", 7, BLUE, seconds=500)]
    for rejected in (False, True):
        told = frozenset({(BEHIND[1].place, "anna")} if rejected else ())
        grouping = group(figures, Decisions({"anna": anna}, rejected=told))
        who = {figure_id: member.person_id for figure_id, member in grouping.memberships.items()}
        assert who == {"b-6": "anna", "c-1": None if rejected else "anna", "d-7": None}


def test_who_was_told_apart_in_one_moment_does_not_become_one_person_in_two() -> None:
    later = [
        replace(s, figure_id=f"z{s.figure_id}", place=replace(s.place, photo_id=f"z{s.photo_id}"))
        for s in [*RED_SHOWN, BEHIND[0]]
    ]
    later = [replace(s, taken=s.taken + timedelta(days=1)) for s in later]
    behind = [BEHIND[0], later[-1]]
    figures = [*RED_SHOWN, BEHIND[0], *later]
    assert len({group(figures).memberships[s.figure_id].person_id for s in behind}) == 1
    told = group(figures, Decisions(apart=frozenset({(behind[0].place, behind[1].place)})))
    one, two = (told.memberships[s.figure_id].person_id for s in behind)
    assert one is None or one != two


@st.composite
def moments_of_people(draw: st.DrawFn) -> list[Sighting]:
    """Up to eight photos within minutes, of up to four figures each, in four colours."""
    figures = []
    for n in range(draw(st.integers(0, 8))):
        at = draw(st.integers(0, 2000))
        for slot in draw(st.sets(st.integers(0, 9), max_size=4)):
            colour, person = draw(st.sampled_from([2, 8, 14, 20])), draw(st.sampled_from([None, None, 0, 1, 2]))
            shown = seen(f"p{n}", slot, None, seconds=at, person=person, view=draw(st.integers(0, 9)))
            usable = draw(st.sampled_from([0.1, 1.0])) if person is not None else 0.0
            figures.append(
                replace(shown, appearance=clad(colour, draw(st.sampled_from([0, 0.1, 0.3]))), face_usable=usable)
            )
    return figures


@st.composite
def decided(draw: st.DrawFn, figures: list[Sighting]) -> Decisions:
    if len(figures) < 3:
        return Decisions()
    chosen = draw(st.lists(st.sampled_from(figures), min_size=3, max_size=6, unique_by=lambda s: s.figure_id))
    places = [s.place for s in chosen]
    anna = DecidedPerson("anna", "Anna", frozenset(places[:1]))
    return Decisions(
        {"anna": anna},
        apart=frozenset({(places[1], places[2])}),
        rejected=frozenset((place, "anna") for place in places[3:4]),
        not_people=frozenset(places[4:5]),
    )


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_whatever_is_seen_decisions_hold_and_one_photo_shows_nobody_twice(data) -> None:
    figures = data.draw(moments_of_people())
    decisions = data.draw(decided(figures))
    grouping = group(figures, decisions)
    who = {s.place: grouping.memberships[s.figure_id].person_id for s in figures}
    for one, two in combinations(figures, 2):
        if one.photo_id == two.photo_id:
            assert who[one.place] is None or who[one.place] != who[two.place]
    assert all(who[one] is None or who[one] != who[two] for one, two in decisions.apart)
    assert all(who[one] != person_id for one, person_id in decisions.rejected)
    assert all(who[one] is None for one in decisions.not_people)
    assert group(data.draw(st.permutations(figures)), decisions) == grouping


@settings(max_examples=40, deadline=None)
@given(moments_of_people(), moments_of_people())
def test_another_moment_changes_nobody_whose_face_is_not_in_it(figures, others) -> None:
    far = []
    for s in others:
        there = replace(s.place, photo_id=f"x{s.photo_id}")
        far.append(
            replace(s, figure_id=f"x{s.figure_id}", place=there, face_vector=None, taken=s.taken + timedelta(days=9))
        )
    alone = group(figures)
    assert together(alone) <= together(group([*figures, *far]))
