"""When holidays fall, by the Gregorian and the Chinese calendar."""

import functools
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

Days = tuple[date, date]
"""A first and a last day."""


def feast(holiday: Mapping[str, Any], year: int) -> Days | None:
    """The days of a `[[holiday]]` of `lexicon.toml` in `year`; None where the calendar does not reach (1900–2100)."""
    if not 1900 <= year <= 2100:
        return None
    if "solar" in holiday:
        day = date(year, *holiday["solar"])
    elif "lunar" in holiday:
        day = _lunar(*holiday["lunar"], year)
    elif "term" in holiday:
        day = _term(holiday["term"], year)
    elif "nth" in holiday:
        day = _nth(year, *holiday["nth"])
    else:
        day = easter(year) + timedelta(days=holiday["easter"])
    first, last = holiday.get("days", (0, 0))
    return day + timedelta(days=first), day + timedelta(days=last)


@functools.cache
def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar, after Meeus, Jones and Butcher (Nature, 20 April 1876)."""
    golden, (century, of_century) = year % 19, divmod(year, 100)
    corrected = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - corrected - of_century % 4) % 7
    shift = (golden + 11 * corrected + 22 * weekday) // 451
    month, day = divmod(corrected + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    """The first (1), second … or last (-1) such weekday of the month; 0 = Monday."""
    first, length = monthrange(year, month)
    days = range((weekday - first) % 7 + 1, length + 1, 7)
    return date(year, month, days[which - 1 if which > 0 else which])


@functools.cache
def _lunar(month: int, day: int, year: int) -> date:
    """The day of the Chinese calendar's year that begins in the Gregorian `year`."""
    from lunar_python import Lunar

    solar = Lunar.fromYmd(year, month, day).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


@functools.cache
def _term(name: str, year: int) -> date:
    """The day on which the sun reaches a term of the Chinese calendar."""
    from lunar_python import Lunar

    solar = Lunar.fromYmd(year, 6, 1).getJieQiTable()[name]
    if solar.getYear() < year:  # the table runs from one winter solstice to the next
        solar = Lunar.fromYmd(year + 1, 1, 1).getJieQiTable()[name]
    return date(year, solar.getMonth(), solar.getDay())
