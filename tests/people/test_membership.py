"""The ids of groups that nobody decided stay, as photos come and go."""

from hypothesis import given

from mien.people.decisions import replay
from mien.people.grouping import group
from mien.people.membership import Grouping, keep_ids
from tests.people.album import albums, figure, name, place


def used(grouping: Grouping) -> dict[str, int]:
    return {p.person_id: len(p.figures) for p in grouping.people if p.name is None}


def ids(grouping: Grouping) -> dict[str, frozenset[str]]:
    return {p.person_id: frozenset(p.figures) for p in grouping.people}


def test_nothing_was_used_before() -> None:
    assert keep_ids(group([]), {}, {}) == group([])
    grouping = group([figure("a", 0), figure("b", 0, view=1)])
    assert keep_ids(grouping, {}, {}) == grouping


def test_an_earlier_photo_takes_no_id_away() -> None:
    before = group([figure("b", 0, view=1), figure("c", 0, view=2)])
    now = keep_ids(group([figure("a", 0), figure("b", 0, view=1), figure("c", 0, view=2)]), {}, used(before))
    assert ids(now) == {"b-0": {"a-0", "b-0", "c-0"}}
    assert {m.person_id for m in now.memberships.values()} == {"b-0"}


def test_of_two_that_become_one_the_larger_gives_the_id_and_one_that_comes_apart_keeps_it_once() -> None:
    album = [figure("a", 0), figure("b", 0, view=1), figure("c", 0, view=2), figure("d", 1)]
    assert set(ids(keep_ids(group(album), {}, {"a-0": 1, "c-0": 2, "d-0": 1}))) == {"c-0", "d-0"}
    assert ids(keep_ids(group([figure("a", 0), figure("b", 1)]), {}, {"b-0": 2})) == {"a-0": {"a-0"}, "b-0": {"b-0"}}


def test_whoever_was_decided_goes_by_that_id() -> None:
    decisions = replay([name(1, "x", "Anna", place("a"))])
    grouping = group([figure("a", 0), figure("b", 0, view=1)], decisions)
    assert keep_ids(grouping, decisions.people, {"a-0": 2}) == grouping


@given(albums(), albums())
def test_only_ids_change(before, after) -> None:
    grouping = group(after)
    kept = keep_ids(grouping, {}, used(group(before)))
    assert set(ids(kept).values()) == set(ids(grouping).values())
    assert keep_ids(grouping, {}, used(kept)) == kept, "once kept, it stays"
