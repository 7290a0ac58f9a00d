"""Moments: photos close in time, within which people do not change clothes."""

from collections.abc import Mapping
from datetime import datetime, timedelta

GAP = timedelta(hours=1)
"""Two photos in a row further apart than this are two moments."""

SPAN = timedelta(hours=12)
"""No moment lasts longer: a camera that never rests does not make one of a week."""


def moments(taken: Mapping[str, datetime | None], *, gap: timedelta = GAP, span: timedelta = SPAN) -> dict[str, str]:
    """Photo key → moment: the key of its first photo. Photos of unknown time belong to no moment.

    Times are compared by the clock on the wall, so naive and aware ones mix.
    """
    known = sorted((at.replace(tzinfo=None), key) for key, at in taken.items() if at is not None)
    result: dict[str, str] = {}
    previous = start = datetime.min  # noqa: DTZ901 - the clock on the wall has no zone
    first = ""
    for at, key in known:
        if not first or at - previous > gap or at - start > span:
            start, first = at, key
        result[key] = first
        previous = at
    return result
