"""The rate and the time left."""

import pytest

from mien.indexing.progress import Meter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_nothing_is_known_at_first(clock: Clock) -> None:
    progress = Meter(10, clock=clock).progress()
    assert (progress.found, progress.done, progress.rate, progress.seconds_left) == (10, 0, None, None)


def test_a_steady_rate(clock: Clock) -> None:
    meter = Meter(100, clock=clock)
    for _ in range(40):
        clock.now += 0.5
        meter.add(failed=False)
    progress = meter.progress()
    assert progress.rate == pytest.approx(2)
    assert progress.seconds_left == pytest.approx(30)


def test_the_rate_follows_a_change(clock: Clock) -> None:
    meter = Meter(1000, clock=clock)
    for seconds in [0.1] * 300 + [1.0] * 60:
        clock.now += seconds
        meter.add(failed=False)
    assert meter.progress().rate == pytest.approx(1, rel=0.05)


def test_failures_count_as_done(clock: Clock) -> None:
    meter = Meter(2, clock=clock)
    meter.add(failed=True)
    meter.add(failed=False)
    assert (meter.progress().done, meter.progress().failed) == (2, 1)
