"""Moments: photos close in time, each in one of them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.people import moments as module
from mien.people.moments import GAP, LONGEST, Moment, moments
from tests.people.album import figure

DAY = datetime(2024, 5, 1, 12)  # noqa: DTZ001


def at(*seconds: float | None) -> list:
    return [
        figure(f"p{n:02}", None, at=None if s is None else DAY + timedelta(seconds=s)) for n, s in enumerate(seconds)
    ]


def shown(found: list[Moment]) -> list[list[str]]:
    return [[s.figure_id for s in moment.sightings] for moment in found]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([], []),
        ([None, None], []),
        ([0], [["p00-0"]]),
        ([0, GAP], [["p00-0", "p01-0"]]),
        ([0, GAP + 1], [["p00-0"], ["p01-0"]]),
        ([10, None, 0], [["p02-0", "p00-0"]]),
        # A day of photos half an hour apart is cut where it pauses longest, near its middle.
        ([0, 3400, 6800, 10200, 13700, 17100, 20500, LONGEST + 1], None),
    ],
)
def test_moments(seconds, expected) -> None:
    found = shown(moments(at(*seconds)))
    if expected is None:
        expected = [[f"p{n:02}-0" for n in part] for part in (range(4), range(4, 8))]
    assert found == expected


def test_the_clock_on_the_wall_counts_whether_or_not_its_zone_is_known() -> None:
    beijing = timezone(timedelta(hours=8))
    album = [
        figure("a", None, at=DAY),
        figure("b", None, at=DAY.replace(tzinfo=beijing)),
        figure("c", None, at=DAY.replace(tzinfo=UTC)),
    ]
    (moment,) = moments(album)
    assert (moment.first, moment.last) == (DAY, DAY)


@given(st.lists(st.one_of(st.none(), st.integers(0, 100_000)), max_size=40), st.randoms(use_true_random=False))
def test_every_photo_of_known_time_is_in_one_moment_whatever_the_order(seconds, random) -> None:
    album = at(*seconds)
    found = shown(moments(album))
    listed = [figure_id for moment in found for figure_id in moment]
    assert sorted(listed) == sorted(s.figure_id for s in album if s.taken is not None)
    random.shuffle(album)
    assert shown(moments(album)) == found
    for moment in moments(album):
        assert (moment.last - moment.first).total_seconds() <= LONGEST


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=20))
def test_large_moments_are_cut_but_no_photo_is(photos) -> None:
    album = [
        figure(f"p{n:02}", None, slot, at=DAY + timedelta(seconds=second))
        for n, (second, figures) in enumerate(photos)
        for slot in range(figures)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST", 5)
        found = moments(album)
    owner = {}
    for number, moment in enumerate(found):
        assert len(moment.sightings) <= 5
        for s in moment.sightings:
            assert owner.setdefault(s.photo_id, number) == number


def test_a_photo_far_away_in_time_changes_no_other_moment() -> None:
    album = at(0, 60, 9000, 9060)
    with_another = [*album, figure("x", None, at=DAY + timedelta(days=3))]
    assert shown(moments(with_another))[:-1] == shown(moments(album))
