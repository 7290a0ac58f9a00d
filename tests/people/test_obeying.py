"""Decisions hold over what any method found."""

import pytest

from mien.people.baselines import group_average, group_hdbscan
from mien.people.membership import Placed, obey
from tests.people.album import figure

ALBUM = [figure("a", 0), figure("b", 0), figure("c", 0, 0), figure("c", 0, 1, usable=0.6), figure("d", None)]


def placed(people=(), apart=(), rejected=(), nobody=()) -> Placed:
    return Placed(dict(people), frozenset(apart), frozenset(rejected), frozenset(nobody), {})


@pytest.mark.parametrize(
    ("found", "decided", "one_per_photo", "expected"),
    [
        ([None] * 5, {}, True, []),
        ([1, 1, 2, None, None], {}, True, [{0, 1}, {2}]),
        ([1, 1, 1, 1, 1], {}, False, [{0, 1, 2, 3, 4}]),
        ([1, 1, 1, 1, 1], {}, True, [{0, 1, 2, 4}, {3}]),  # the better seen one of photo c
        ([1, 1, 2, 2, 2], {"people": {0: "anna"}}, False, [{0, 1}, {2, 3, 4}]),
        ([1, 1, 2, 2, 2], {"people": {0: "anna", 1: "ben"}}, False, [{0}, {1}, {2, 3, 4}]),
        ([1, 1, 1, 2, 2], {"people": {0: "anna", 1: "ben"}}, False, [{0}, {1}, {2}, {3, 4}]),
        ([1, 1, 2, 2, 2], {"people": {0: "anna", 4: "anna"}}, False, [{0, 1, 2, 3, 4}]),
        ([1, 1, 1, 1, 1], {"nobody": [1]}, False, [{0, 2, 3, 4}]),
        ([1, 1, 2, 2, 2], {"people": {0: "anna"}, "rejected": [(1, "anna")]}, False, [{0}, {1}, {2, 3, 4}]),
        ([1, 1, 2, None, None], {"apart": [(0, 1)]}, False, [{0}, {1}, {2}]),
        ([1, 1, 1, None, None], {"people": {0: "anna"}, "apart": [(0, 1)]}, False, [{0, 2}, {1}]),
        # Anna stands in photo c already, unseen by the method.
        ([1, None, 1, None, None], {"people": {0: "anna", 3: "anna"}}, True, [{0, 3}, {2}]),
    ],
)
def test_obey(found, decided, one_per_photo, expected) -> None:
    groups = obey(ALBUM, found, placed(**decided), one_per_photo=one_per_photo)
    labels = dict.fromkeys(label for label in groups if label is not None)
    assert [{i for i, label in enumerate(groups) if label == wanted} for wanted in labels] == expected


@pytest.mark.parametrize("method", [group_average, group_hdbscan])
def test_baselines_join_faces_and_nothing_else(method) -> None:
    album = [figure(f"p{n:02}", n % 5, view=n) for n in range(40)] + [figure("r", None)]
    grouping = method(album)
    assert [set(person.figures) for person in grouping.people] == [
        {f"p{n:02}-0" for n in range(start, 40, 5)} for start in range(5)
    ]
    assert grouping.memberships["r-0"].person_id is None
