from datetime import date, datetime

import numpy as np
import pytest

from mien.people.looks import GROWN, LASTING, day_of, is_child, looks
from tests.people.album import figure


def year(n: int, month: int = 6) -> datetime:
    return datetime(n, month, 1, 12)  # noqa: DTZ001


def test_nobody_has_no_looks() -> None:
    none = looks([], [], [], 0)
    assert (len(none.faces), none.first.tolist(), none.subject.tolist()) == (0, [0], [])
    assert looks([figure("a", None)], [[0]], [None], 1).first.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("years", "born", "expected"),
    [
        ([2020, 2020], None, 1),
        ([None, None], None, 1),
        ([2020, None], None, 2),  # who knows when
        ([2001, 2011, 2021], None, 3),
        ([2020, 2021], date(2019, 6, 1), 2),  # a child at one and at two
        ([2030, 2031], date(1990, 6, 1), 1),
    ],
)
def test_a_person_is_several_looks_over_time(years, born, expected) -> None:
    seen = [figure(f"p{n}", 0, view=n, at=None if y is None else year(y)) for n, y in enumerate(years)]
    found = looks(seen, [range(len(seen))], [born], 1)
    assert len(found.faces) == expected
    assert found.first.tolist() == [0, expected]


def test_faces_of_one_time_that_differ_are_two_looks() -> None:
    seen = [figure("a", 0, at=year(2020)), figure("b", 1, at=year(2020))]
    assert len(looks(seen, [[0, 1]], [None], 1).faces) == 2
    assert len(looks(seen, [[0, 1]], [None], 0).faces) == 1, "whom linkage joined are alike"


def test_looks_near_in_time_count_more_and_a_child_s_last_for_months() -> None:
    seen = [figure("a", 0, at=year(2020)), figure("b", 0, at=year(2020, 12)), figure("c", 0, at=year(2028))]
    grown = looks(seen, [[0], [1], [2]], [None] * 3, 3)
    one, two = np.array([0, 0]), np.array([1, 2])
    assert grown.closeness(one, one).tolist() == [1, 1]
    soon, late = grown.closeness(one, two)
    assert 1 > soon > 0.95
    assert late == pytest.approx(0.5, abs=0.01)  # LASTING years
    assert LASTING == 8
    child = looks(seen, [[0], [1], [2]], [date(2020, 1, 1)] * 3, 3)
    soon, late = child.closeness(one, two)
    assert 0.3 < soon < 0.6
    assert late < 0.01
    unknown = looks([figure("a", 0), figure("b", 0)], [[0], [1]], [None] * 2, 2)
    assert unknown.closeness(np.array([0]), np.array([1])).tolist() == [1]


def test_pairs_of_looks() -> None:
    seen = [figure("a", 0, at=year(2001)), figure("b", 0, at=year(2021)), figure("c", 1), figure("d", None)]
    found = looks(seen, [[0, 1], [2], [3]], [None] * 3, 3)
    which, a, b = found.pairs(np.array([0, 1, 2]), np.array([1, 0, 0]))
    assert list(zip(which.tolist(), a.tolist(), b.tolist(), strict=True)) == [
        (0, 0, 2),
        (0, 1, 2),
        (1, 2, 0),
        (1, 2, 1),
    ]


def test_who_is_a_child() -> None:
    at = figure("a", 0, at=year(2020))
    assert is_child(at, date(2010, 1, 1))
    assert not is_child(at, date(2000, 1, 1))
    assert not is_child(at, None)
    assert not is_child(figure("a", 0), date(2010, 1, 1))
    assert GROWN == 12
    assert np.isnan(day_of(figure("a", 0)))
