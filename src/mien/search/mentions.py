"""One mention of a time → when, by the calendar: a year, a season of it, a holiday, the latest or all of them."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from mien.search.calendar_days import days_of_month, months_between, one_day, season_of, years
from mien.search.clock import Clock, Hours, between
from mien.search.feasts import Days, feast
from mien.search.query import When
from mien.search.words import Word

_DAY = timedelta(days=1)


@dataclass
class Mention:
    """What one mention of a time says."""

    year: int | None = None
    days: tuple[Days, ...] = ()
    months: tuple[int, ...] = ()
    day: int | None = None
    season: int | None = None
    holiday: Word | None = None
    weekdays: frozenset[int] = frozenset()
    hours: Hours | None = None
    clock: Clock | None = None
    part: str | None = None
    half: int | None = None
    which: str | None = None
    week: Days | None = None

    @property
    def hours_said(self) -> Hours | None:
        """By the clock, or those of a part of the day."""
        return (self.clock.hour_in(self.hours),) * 2 if self.clock is not None else self.hours

    @property
    def recurs(self) -> bool:
        """Whether a season, a month or a holiday is said."""
        return self.holiday is not None or self.season is not None or bool(self.months)

    def recurring(self, year: int) -> Days | None:
        """What is said, in this year; None where nothing recurs."""
        if self.holiday is not None and self.holiday.sense is not None:
            return feast(self.holiday.sense.facts, year)
        if self.season is not None:
            return season_of(self.season, year)
        if self.months and self.day is not None:
            return one_day(year, self.months[0], self.day)
        if self.months:
            return days_of_month(year, self.months[0])[0], days_of_month(year, self.months[-1])[1]
        return None

    def latest(self, today: date, *, is_over: bool) -> Days | None:
        """The latest of those that recur which has begun, or `is_over`."""
        for year in range(today.year, max(today.year - 9, 0), -1):
            days = self.recurring(year)
            if days is not None and (days[1] < today if is_over else days[0] <= today):
                return days
        return None


def resolved(parts: Mention, today: date) -> When | None:
    """`parts` by the calendar."""
    days, months = parts.days, frozenset[int]()
    weekdays = parts.weekdays
    if parts.week is not None and len(weekdays) == 1:
        day = parts.week[0] + timedelta(days=next(iter(weekdays)))
        days, weekdays = ((day, day),), frozenset()
    if not days and parts.year is not None:
        found = parts.recurring(parts.year) if parts.recurs else years(parts.year, parts.year)
        if found is None:
            return None
        days = (found,)
    elif not days and parts.recurs:
        if parts.which is not None or parts.holiday is not None or parts.day is not None or parts.part:
            found = (
                parts.recurring(today.year)
                if parts.which == "this"
                else parts.latest(today, is_over=parts.which == "last")
            )
            if found is None:
                return None
            days = (found,)
        elif parts.season is not None:
            months = frozenset((parts.season - 1 + i) % 12 + 1 for i in range(3))
        else:
            months = frozenset(parts.months)
    elif not days and parts.which is not None and weekdays:
        days, weekdays = _weekday(today, parts.which, weekdays), frozenset()
    elif not days and parts.half is not None:
        days = (years(today.year, today.year),)
    if parts.half is not None and days:
        days = tuple(months_between(first.year, 1 + 6 * (parts.half - 1), 6 * parts.half) for first, _ in days)
    if parts.part is not None:
        if not days:
            return None
        days = tuple(_third(span, parts.part) for span in days)
    return When(days, months, weekdays, parts.hours_said)


def open_ended(parts: Mention, kind: str, today: date) -> When | None:
    """All time since, before, after or until this one."""
    if parts.clock is not None:
        return _open_ended_hours(parts, parts.clock, kind, today)
    days = _definite(parts, today)
    if days is None:
        return None
    first, last = days
    if kind == "since":
        return When(((first, None),))
    if kind == "after":
        return When(((last + _DAY, None),))
    return When(((None, last if kind == "until" else first - _DAY),))


def _open_ended_hours(parts: Mention, clock: Clock, kind: str, today: date) -> When | None:
    """After 6 pm, of any day or of the days that are said as well."""
    when, hour = resolved(parts, today), clock.hour_in(parts.hours)
    if when is None or (kind in ("before", "until") and hour == clock.minute == 0):
        return None
    return replace(when, hours=(hour, 23) if kind in ("since", "after") else (0, clock.last_hour(hour)))


def from_to(first: Mention, last: Mention, today: date) -> When | None:
    """From the beginning of the one to the end of the other."""
    if first.clock is not None and last.clock is not None:
        dated = [replace(parts, clock=None, hours=None) for parts in (first, last)]
        hours = between((first.clock, first.hours), (last.clock, last.hours))
        if hours is None or Mention() not in dated:
            return None
        when = resolved(next((parts for parts in dated if parts != Mention()), Mention()), today)
        return None if when is None else replace(when, hours=hours)
    if first.weekdays and last.weekdays:
        begin, end = min(first.weekdays), max(last.weekdays)
        inside = [d % 7 for d in range(begin, (end if end >= begin else end + 7) + 1)]
        return When(weekdays=frozenset(inside))
    if first.year is None and last.year is not None and not first.days:
        first.year = last.year - _is_reversed(first, last, last.year)  # from November to February 2020
    elif last.year is None and first.year is not None and not last.days:
        last.year = first.year + _is_reversed(first, last, first.year)
    one, other = resolved(first, today), resolved(last, today)
    if one is None or other is None:
        return None
    if one.months and other.months:
        begin, end = first.months[0] if first.months else first.season or 1, max(other.months)
        end = last.months[-1] if last.months else ((last.season or 1) + 1) % 12 + 1
        return When(months=frozenset((m - 1) % 12 + 1 for m in range(begin, (end if end >= begin else end + 12) + 1)))
    from_days, to_days = _definite(first, today), _definite(last, today)
    if from_days is None or to_days is None or from_days[0] > to_days[1]:
        return None
    return When(((from_days[0], to_days[1]),))


def _is_reversed(first: Mention, last: Mention, year: int) -> bool:
    """Whether in one year the last comes before the first."""
    begin, end = first.recurring(year), last.recurring(year)
    return begin is not None and end is not None and begin[0] > end[1]


def _definite(parts: Mention, today: date) -> Days | None:
    """The days that are meant, of those that recur the latest."""
    when = resolved(parts, today)
    if when is None:
        return None
    if when.months:
        return parts.latest(today, is_over=False)
    if not when.days:
        return None
    first, last = when.days[0][0], when.days[-1][1]
    return (first, last) if first is not None and last is not None else None


def _weekday(today: date, which: str, weekdays: frozenset[int]) -> tuple[Days, ...]:
    """Last Sunday: the latest before today; this Sunday: the one of this week."""
    if which == "this":
        monday = today - timedelta(days=today.weekday())
        return tuple((monday + timedelta(days=d),) * 2 for d in sorted(weekdays))
    back = sorted(today - timedelta(days=(today.weekday() - d - 1) % 7 + 1) for d in weekdays)
    return tuple((day, day) for day in back)


def of_one_sort(one: Mention, other: Mention) -> bool:
    """Whether two times can be joined by "or": both days, both months, or both weekdays."""

    def sort(parts: Mention) -> tuple[bool, bool, bool]:
        dated = bool(parts.days) or parts.year is not None or parts.which is not None or parts.holiday is not None
        return dated, bool(parts.weekdays), parts.hours_said is not None

    return sort(one) == sort(other)


def _third(span: Days, part: str) -> Days:
    """The first, second or last third of a span of days."""
    first, last = span
    length = (last - first).days + 1
    if length > 300:
        begin = {"early": 1, "mid": 5, "late": 9}[part]
        return months_between(first.year, begin, begin + 3)
    third = length // 3
    if part == "early":
        return first, first + timedelta(days=third - 1)
    if part == "mid":
        return first + timedelta(days=third), first + timedelta(days=2 * third - 1)
    return first + timedelta(days=2 * third), last
