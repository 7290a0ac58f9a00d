from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.people.moments import GAP, SPAN, moments

NOON = datetime(2024, 5, 1, 12)  # noqa: DTZ001
BEIJING = timezone(timedelta(hours=8))
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ({}, {}),
        ({"a": None}, {}),
        ({"a": NOON}, {"a": "a"}),
        ({"a": NOON, "b": NOON + GAP}, {"a": "a", "b": "a"}),
        ({"a": NOON, "b": NOON + GAP + MINUTE}, {"a": "a", "b": "b"}),
        ({"b": NOON + MINUTE, "a": NOON + 2 * MINUTE, "c": None}, {"b": "b", "a": "b"}),
        # By the clock on the wall: noon in Beijing and noon without a zone are one moment, noon in UTC too.
        ({"a": NOON, "b": NOON.replace(tzinfo=BEIJING), "c": NOON.replace(tzinfo=UTC)}, dict.fromkeys("abc", "a")),
    ],
)
def test_moments(taken, expected) -> None:
    assert moments(taken) == expected


def test_a_camera_that_never_rests_does_not_make_one_moment_of_a_week() -> None:
    found = moments({f"{n:04}": NOON + n * GAP / 2 for n in range(7 * 48)})
    assert len(found) == 7 * 48
    assert len(set(found.values())) >= 7 * 24 * GAP / (SPAN + GAP)


@given(st.lists(st.one_of(st.none(), st.datetimes(NOON, NOON + timedelta(days=2))), max_size=30), st.randoms())
def test_moments_do_not_depend_on_order_and_are_runs_in_time(times, random) -> None:
    taken = {str(n): at for n, at in enumerate(times)}
    found = moments(taken)
    shuffled = list(taken.items())
    random.shuffle(shuffled)
    assert moments(dict(shuffled)) == found
    assert set(found) == {key for key, at in taken.items() if at is not None}
    for key, first in found.items():
        assert timedelta(0) <= taken[key] - taken[first] <= SPAN
