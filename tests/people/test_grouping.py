from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.people.article import group_article
from mien.people.baselines import group_average, group_hdbscan
from mien.people.decisions import replay
from mien.people.evidence import SHARP
from mien.people.grouping import SAME_PERSON, fingerprint, group, likelihood
from mien.people.membership import KEY_FIGURES, Grouping
from tests.people.album import Entry, albums, face_of, figure, journals, name, place

DAY = datetime(2024, 5, 1, 12)  # noqa: DTZ001
METHODS = [group, group_average, group_hdbscan, group_article]


def together(grouping: Grouping) -> set[frozenset[str]]:
    return {frozenset(person.figures) for person in grouping.people}


def who(grouping: Grouping, figure_id: str) -> str | None:
    return grouping.memberships[figure_id].person_id


def test_the_album_s_faces_are_as_far_apart_as_it_says() -> None:
    same = [np.linalg.norm(face_of(p, 1) - face_of(p, 2)) for p in range(9)]
    others = [np.linalg.norm(face_of(p, 1) - face_of(q, 2)) for p, q in combinations(range(9), 2)]
    assert max(same) < 0.4
    assert min(others) > 0.6


@pytest.mark.parametrize("method", METHODS)
def test_no_figures_are_no_people(method) -> None:
    assert method([]) == Grouping({}, (), {})


@pytest.mark.parametrize(
    ("sightings", "expected"),
    [
        ([figure("a", None)], []),
        ([figure("a", 0, usable=0.0)], []),
        ([figure("a", 0)], [{"a-0"}]),
        ([figure("a", 0), figure("b", 0, view=1)], [{"a-0", "b-0"}]),
        ([figure("a", 0), figure("b", 1)], [{"a-0"}, {"b-0"}]),
        # Two figures of one photo are two people, though they look the same.
        ([figure("a", 0, 0), figure("a", 0, 1, view=1)], [{"a-0"}, {"a-1"}]),
        # A poor face follows a sharp one, but not another poor one.
        ([figure("a", 0), figure("b", 0, view=1, usable=0.1)], [{"a-0", "b-0"}]),
        ([figure("a", 0, usable=0.1), figure("b", 0, view=1, usable=0.1)], [{"a-0"}, {"b-0"}]),
        # … nor into a photo where someone else is that person already: the nearer one is.
        (
            [figure("a", 0), figure("b", 0, 0, view=1), figure("b", 0, 1, view=2, usable=0.1)],
            [{"a-0", "b-0"}, {"b-1"}],
        ),
        (
            [figure("a", 0), figure("b", 0, 0, view=1, usable=0.1), figure("b", 0, 1, view=0, usable=0.1)],
            [{"a-0", "b-1"}, {"b-0"}],
        ),
    ],
)
def test_group(sightings, expected) -> None:
    grouping = group(sightings)
    assert together(grouping) == {frozenset(figures) for figures in expected}
    assert set(grouping.memberships) == {s.figure_id for s in sightings}


def test_of_three_alike_of_whom_two_share_a_photo_the_closest_are_joined() -> None:
    between = replace(figure("b", 0), face_vector=(face_of(0, 1) * 0.7 + face_of(0, 2) * 0.3).astype(np.float32))
    grouping = group([figure("a", 0, 0, view=1), figure("a", 0, 1, view=2), between])
    assert together(grouping) == {frozenset({"a-0", "b-0"}), frozenset({"a-1"})}


def test_a_poor_face_is_no_bridge() -> None:
    one, two = face_of(0, spread=0), face_of(1, spread=0)
    middle = replace(figure("m", 0, usable=SHARP - 0.01), face_vector=(one + two) / 2)
    ends = [replace(figure("a", 0), face_vector=one), replace(figure("b", 0), face_vector=two)]
    grouping = group([*ends, middle])
    assert who(grouping, "a-0") != who(grouping, "b-0")


def test_a_poor_face_with_a_name_draws_nobody_in() -> None:
    sightings = [figure("a", 0, usable=SHARP - 0.01), figure("b", 0, view=1)]
    assert together(group(sightings, replay([name(1, "x", "Anna", place("a"))]))) == {
        frozenset({"a-0"}),
        frozenset({"b-0"}),
    }


def test_an_unnamed_person_has_the_id_of_the_earliest_figure_by_the_clock_on_the_wall() -> None:
    beijing = timezone(timedelta(hours=8))
    sightings = [
        figure("a", 0, view=1),
        figure("b", 0, view=2, at=DAY.replace(tzinfo=UTC) + timedelta(minutes=1)),
        figure("c", 0, view=3, at=DAY),
        figure("d", 0, view=4, at=DAY.replace(tzinfo=beijing) + timedelta(minutes=2)),  # earlier as an instant
    ]
    (person,) = group(sightings).people
    assert person.person_id == "c-0"
    assert person.figures == ("c-0", "b-0", "d-0", "a-0")
    assert (person.first, person.last) == (sightings[2].taken, sightings[3].taken)
    (person,) = group(sightings[:1]).people
    assert (person.person_id, person.first, person.last) == ("a-0", None, None)


def test_key_figures_are_the_best_seen() -> None:
    sightings = [figure(f"p{n:02}", 0, view=n, usable=0.5 + n / 40) for n in range(20)]
    (person,) = group(sightings).people
    assert person.key_figures == tuple(f"p{n}-0" for n in range(19, 19 - KEY_FIGURES, -1))


def test_the_same_figure_twice_is_refused() -> None:
    for method in METHODS:
        with pytest.raises(ValueError, match="a-0"):
            method([figure("a", 0), figure("a", 1)])


def test_confidence_falls_with_distance() -> None:
    assert 1 >= likelihood(0.0) > 0.99 > likelihood(0.2) > likelihood(0.3) > likelihood(0.4) > 0
    assert likelihood(SAME_PERSON) >= 0.5
    grouping = group([*(figure(f"p{n}", 0, view=n) for n in range(4)), figure("q", 1), figure("r", None)])
    assert 0.5 < grouping.memberships["p0-0"].confidence < 1
    assert grouping.memberships["q-0"].confidence == 1
    assert grouping.memberships["r-0"].confidence == 0


def test_a_name_holds_for_the_others_of_the_group_too() -> None:
    sightings = [figure("a", 0), figure("b", 0, view=1), figure("c", 1)]
    grouping = group(sightings, replay([name(1, "x", "Anna", place("a"))]))
    assert [(p.person_id, p.name, set(p.figures)) for p in grouping.people] == [
        ("x", "Anna", {"a-0", "b-0"}),
        ("c-0", None, {"c-0"}),
    ]
    assert grouping.memberships["a-0"].source == "decided"
    assert grouping.memberships["b-0"].source == "inferred"


def test_one_person_then_and_now_stays_one_with_all_inferred_figures() -> None:
    child = [figure(f"a{n}", 0, view=n) for n in range(5)]
    adult = [figure(f"b{n}", 1, view=n) for n in range(5)]
    grouping = group([*child, *adult], replay([name(1, "x", "Anna", place("a0"), place("b0"))]))
    assert together(grouping) == {frozenset(s.figure_id for s in [*child, *adult])}


def test_then_and_now_do_not_meet_in_one_photo() -> None:
    # In photo "c" stand one who looks like Anna then and one who looks like Anna now: at most one is Anna.
    sightings = [figure("a", 0), figure("b", 1), figure("c", 0, 0, view=1), figure("c", 1, 1, view=1)]
    grouping = group(sightings, replay([name(1, "x", "Anna", place("a"), place("b"))]))
    assert [who(grouping, f"c-{slot}") for slot in (0, 1)].count("x") == 1


def test_two_names_for_twins_keep_them_apart() -> None:
    sightings = [figure("a", 0), figure("b", 0, view=1), figure("c", 0, view=2)]
    grouping = group(sightings, replay([name(1, "x", "Anna", place("a")), name(2, "y", "Berta", place("b"))]))
    assert (who(grouping, "a-0"), who(grouping, "b-0")) == ("x", "y")
    assert len(grouping.people) == 2


def test_someone_named_from_behind_bars_the_others_of_the_photo() -> None:
    sightings = [figure("a", 0), figure("b", None, 0), figure("b", 0, 1, view=1)]
    decisions = replay([name(1, "x", "Anna", place("a"), place("b", 0, face=False))])
    assert together(group(sightings, decisions)) == {frozenset({"a-0", "b-0"}), frozenset({"b-1"})}


def test_who_was_told_apart_from_somebody_s_back_is_not_them_by_their_face() -> None:
    back, front, other = figure("a", None), figure("b", 0), figure("c", 0, view=1)
    said = [
        name(1, "anna", "Anna", back.place, front.place),
        Entry(2, "different", {"anchors": [back.place.to_json(), other.place.to_json()]}),
    ]
    found = group([back, front, other], replay(said))
    assert [who(found, s.figure_id) for s in (back, front, other)] == ["anna", "anna", "c-0"]


def test_an_anchor_without_a_figure_is_reported_and_its_person_stays() -> None:
    for method in METHODS:
        grouping = method([figure("a", 0)], replay([name(1, "x", "Anna", place("gone"))]))
        assert grouping.unplaced == {place("gone"): "x"}
        assert [p.name for p in grouping.people if p.person_id == "x"] == ["Anna"]
        assert who(grouping, "a-0") != "x"


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_people_do_not_depend_on_the_order_of_arrival(method, data) -> None:
    sightings = data.draw(albums())
    entries = data.draw(journals(sightings))
    expected = method(sightings, replay(entries))
    assert method(data.draw(st.permutations(sightings)), replay(data.draw(st.permutations(entries)))) == expected


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_decisions_hold_whatever_the_method(method, data) -> None:
    sightings = data.draw(albums())
    decisions = replay(data.draw(journals(sightings)))
    grouping = method(sightings, decisions)
    at = {s.place: s.figure_id for s in sightings}
    for anchor, person_id in decisions.owners().items():
        membership = grouping.memberships[at[anchor]]
        assert (membership.person_id, membership.source, membership.confidence) == (person_id, "decided", 1.0)
    names = {p.person_id: p.name for p in grouping.people if p.name is not None}
    assert names == {person_id: person.name for person_id, person in decisions.people.items()}


@pytest.mark.parametrize("method", [group])
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_figures_of_one_photo_are_one_person_only_if_a_human_said_so(method, data) -> None:
    sightings = data.draw(albums())
    decisions = replay(data.draw(journals(sightings)))
    grouping = method(sightings, decisions)
    for one, two in combinations(sightings, 2):
        a, b = (grouping.memberships[s.figure_id] for s in (one, two))
        if one.photo_id == two.photo_id and a.person_id is not None and a.person_id == b.person_id:
            assert a.source == b.source == "decided"


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_figure_is_in_one_place(method, data) -> None:
    sightings = data.draw(albums())
    grouping = method(sightings, replay(data.draw(journals(sightings))))
    assert set(grouping.memberships) == {s.figure_id for s in sightings}
    listed = [(f, p.person_id) for p in grouping.people for f in p.figures]
    assert sorted(listed) == sorted((f, m.person_id) for f, m in grouping.memberships.items() if m.person_id)
    assert len({p.person_id for p in grouping.people}) == len(grouping.people)
    for person in grouping.people:
        assert set(person.key_figures) <= set(person.figures)
        if person.name is None:
            assert person.person_id == person.figures[0]


@pytest.mark.parametrize("bound", ["SAME_PERSON", "CLEARLY_SAME", "SHARP", "REMOTE", "centres"])
def test_the_fingerprint_names_everything_that_groups(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint()
    assert fingerprint() == before
    monkeypatch.setattr(f"mien.people.grouping.{bound}", 0.3 if bound != "centres" else lambda: np.zeros((8, 128)))
    assert fingerprint() != before
