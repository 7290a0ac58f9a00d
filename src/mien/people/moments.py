"""Moments: photos close in time, within which people do not change clothes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mien.people.sighting import Sighting

GAP = 3600.0
"""Seconds without a photo after which another moment begins: what one event's photos seldom leave between them."""

LONGEST = 6 * 3600.0
"""Seconds after which people may well have changed, though somebody took photos all the time."""

MOST = 1000
"""Figures in one moment: all its pairs are compared, in some 8 MB for each kind of evidence."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the clock on the wall has no zone


@dataclass(frozen=True, eq=False)
class Moment:
    """The figures of photos close in time, from the earliest to the latest; at least one."""

    sightings: tuple[Sighting, ...]

    @property
    def first(self) -> datetime:
        """By the clock on the wall, as `last`."""
        return _wall_time(self.sightings[0])

    @property
    def last(self) -> datetime:
        return _wall_time(self.sightings[-1])


def moments(sightings: Sequence[Sighting]) -> list[Moment]:
    """The moments of all figures whose photo's time is known, from the earliest to the latest.

    A moment ends where no photo follows within `GAP`. One that lasts longer than `LONGEST`, or has more than `MOST`
    figures, is cut at its longest pause (in its middle half, so that pieces do not become crumbs), until none is and
    none has; a photo is never cut. So a photo changes only the moment that it falls into, and those it joins.
    """
    timed = [s for s in sightings if s.taken is not None]
    return [Moment(tuple(timed[i] for i in figures)) for figures in moments_of(timed)]


def moments_of(sightings: Sequence[Sighting]) -> list[NDArray[np.intp]]:
    """The same as indices of `sightings`, all of which have a time."""
    if not sightings:
        return []
    at = np.array([(_wall_time(s) - _EPOCH).total_seconds() for s in sightings])
    names = [s.photo_id for s in sightings]
    ids = [s.figure_id for s in sightings]
    order = np.array(sorted(range(len(sightings)), key=lambda i: (at[i], names[i], ids[i])), np.intp)
    at = at[order]
    begins = np.flatnonzero([True, *(names[a] != names[b] for a, b in pairwise(order))])
    pauses = np.diff(at[begins], prepend=-np.inf)
    runs = np.append(np.flatnonzero(pauses > GAP), len(begins))
    ends = np.append(begins, len(order))
    cuts = [cut for first, last in pairwise(runs) for cut in _cuts(first, last, at, ends, pauses)]
    return np.split(order, ends[sorted(cuts)[1:]])


def _cuts(
    first: int, last: int, at: NDArray[np.float64], ends: NDArray[np.intp], pauses: NDArray[np.float64]
) -> Iterable[int]:
    """Where moments begin in the run of photos `first`…`last`−1. Photo p has the figures ends[p]…ends[p + 1]−1."""
    waiting = [(int(first), int(last))]
    while waiting:
        a, b = waiting.pop()
        lasts = at[ends[b] - 1] - at[ends[a]]
        if b - a > 1 and (lasts > LONGEST or ends[b] - ends[a] > MOST):
            margin = (b - a) // 4
            low, high = max(a + 1, a + margin), max(a + 2, b - margin)
            middle = low + int(pauses[low:high].argmax())
            waiting += [(a, middle), (middle, b)]
        else:
            yield a


def _wall_time(sighting: Sighting) -> datetime:
    at = sighting.wall_time
    if at is None:
        raise ValueError(f"figure {sighting.figure_id} has no time")
    return at
