"""What a question asks of photos themselves: when, where, and how many people they show."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mien.search.columns import NO_DAY, NO_HOUR, Columns, day_number
from mien.search.query import Query, When, Where

Mask = NDArray[np.bool_]

Contains = Callable[[Where, NDArray[np.float32], NDArray[np.float32]], Mask]
"""Which of these latitudes and longitudes, in degrees, lie in a place."""

_MONDAY = 3
"""The weekday of 1970-01-01, with 0 for Monday, is a Thursday."""


def holding(columns: Columns, query: Query, contains: Contains) -> Mask | None:
    """(p,): the photos of which all holds that is asked of photos; None: nothing is."""
    masks = [_when(columns, when) for when in query.when] + [_where(columns, where, contains) for where in query.where]
    if query.least is not None:
        masks.append(columns.people_count >= query.least)
    if query.most is not None:
        masks.append(columns.people_count <= query.most)
    return np.logical_and.reduce(masks) if masks else None


def _when(columns: Columns, when: When) -> Mask:
    """A photo of which no day is known, or no hour where that matters, is none of them."""
    days = columns.days
    mask: Mask = days != NO_DAY
    if when.days:
        spans = [
            (days >= day_number(since) if since else True) & (days <= day_number(until) if until else mask)
            for since, until in when.days
        ]
        mask = mask & np.logical_or.reduce(spans)
    if when.months:
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
        mask = mask & np.isin(months, sorted(when.months))
    if when.weekdays:
        mask = mask & np.isin((days.astype(np.int64) + _MONDAY) % 7, sorted(when.weekdays))
    if when.hours is not None:
        first, last = when.hours
        hours = columns.hours
        inside = (hours >= first) & (hours <= last) if first <= last else (hours >= first) | (hours <= last)
        mask = mask & (hours != NO_HOUR) & inside
    if not when.is_so:
        known = (days != NO_DAY) & (columns.hours != NO_HOUR if when.hours is not None else True)
        mask = known & ~mask
    return mask


def _where(columns: Columns, where: Where, contains: Contains) -> Mask:
    known = np.flatnonzero(~np.isnan(columns.latitudes))
    mask = np.zeros(len(columns.photo_ids), np.bool_)
    if len(known):
        mask[known] = contains(where, columns.latitudes[known], columns.longitudes[known]) == where.is_so
    return mask
