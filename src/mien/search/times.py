"""Words for times → when: "last summer", "2019年春节", "from June 2020 to August 2021", "Sunday mornings"."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from mien.search.calendar_days import day_of, days_of_month, months_between, one_day, period, season_of, years
from mien.search.feasts import Days, feast
from mien.search.query import Span, When
from mien.search.words import Word

_LIGHT = {"of", "in", "at", "whole"}
_LIGHT_FILLERS = {"the", "a", "an", "for", "during", "at", "around", "里", "中", "of the year", "time", "times", "day"}
_DAY_BEFORE, _DAY_AFTER = timedelta(days=-1), timedelta(days=1)
_ENDS = {"since", "after", "before", "until"}


@dataclass
class _Parts:
    """What one mention of a time says."""

    year: int | None = None
    days: tuple[Days, ...] = ()
    months: tuple[int, ...] = ()
    day: int | None = None
    season: int | None = None
    holiday: Word | None = None
    weekdays: frozenset[int] = frozenset()
    hours: tuple[int, int] | None = None
    part: str | None = None
    half: int | None = None
    which: str | None = None
    week: Days | None = None

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
        for year in range(today.year, today.year - 9, -1):
            days = self.recurring(year)
            if days is not None and (days[1] < today if is_over else days[0] <= today):
                return days
        return None


@dataclass(frozen=True)
class Time:
    """A time and the words, by their places, which say it."""

    when: When
    first: int
    last: int


def times(words: Sequence[Word], today: date) -> list[Time]:
    """All times in a question, in order; words of times that say no time by themselves are left."""
    found: list[Time] = []
    at = 0
    while at < len(words):
        reader = _Reader(words, today)
        when = reader.time(at)
        if when is None:
            at += 1
            continue
        first, last = reader.started, reader.ended
        while first > (found[-1].last + 1 if found else 0) and _leads(words[first - 1]):
            first -= 1
        while last + 1 < len(words) and words[last + 1].kind == "whole":
            last += 1
        span: Span = (words[first].span[0], words[last].span[1])
        found.append(Time(replace(when, spans=(span,)), first, last))
        at = last + 1
    return found


def _leads(word: Word) -> bool:
    return word.kind in ("in", "at", "from") or (word.kind == "filler" and word.text in _LIGHT_FILLERS)


class _Reader:
    """Reads one time beginning at a word."""

    def __init__(self, words: Sequence[Word], today: date) -> None:
        self.words, self.today = words, today
        self.started = self.ended = 0

    def kind(self, at: int) -> str:
        return self.words[at].kind if 0 <= at < len(self.words) else ""

    def after_light(self, at: int, *, comma: bool = False) -> int:
        """The place of the next word that says something."""
        while at < len(self.words) and (
            self.kind(at) in _LIGHT
            or (self.kind(at) == "filler" and self.words[at].text in _LIGHT_FILLERS)
            or (comma and self.kind(at) == "comma")
        ):
            at += 1
        return at

    def time(self, at: int) -> When | None:
        """The time that begins here; sets `started` and `ended` to its first and last word."""
        self.started = at
        kind, ahead = self.kind(at), at
        leading = kind in (*_ENDS, "from", "between") and not self.words[at]["after"]
        if leading:
            ahead = self.after_light(at + 1)
        first = self.moment(ahead)
        if first is None:
            return None
        parts, end = first
        if (kind == "between" and self.kind(end) in ("and", "with")) or self.kind(end) == "to":
            other = self.moment(self.after_light(end + 1))
            if other is not None:
                when = self.range(parts, other[0])
                if when is not None:
                    self.ended = other[1] - 1
                    if self.kind(other[1]) in ("between",):
                        self.ended = other[1]
                    return when
        if kind == "between":
            return None
        self.ended = end - 1
        if self.kind(end) in _ENDS and self.words[end]["after"]:
            self.ended = end
            return self.open(parts, self.kind(end))
        if kind == "from" and self.words[end : end + 1] and self.words[end].text == "on":
            self.ended = end
            return self.open(parts, "since")
        if leading and kind != "from":
            return self.open(parts, kind)
        return self.union(parts, end)

    def union(self, parts: _Parts, end: int) -> When | None:
        """What is said, and all that is joined to it by "and" or "or"."""
        when = self.resolved(parts)
        while when is not None and self.kind(end) in ("and", "or", "with", "comma"):
            other = self.moment(self.after_light(end + 1))
            if other is None or (self.kind(end) == "comma" and not _same_sort(parts, other[0])):
                break
            joined, following = other
            if joined.year is None and parts.year is not None and not joined.days:
                joined.year = parts.year
            more = self.resolved(joined)
            if more is None or not _same_sort(parts, joined):
                break
            when = replace(
                when,
                days=when.days + more.days,
                months=when.months | more.months,
                weekdays=when.weekdays | more.weekdays,
            )
            self.ended, end = following - 1, following
        return when

    def moment(self, at: int) -> tuple[_Parts, int] | None:
        """One mention of a time from here, and the place behind it."""
        parts, end = _Parts(), at
        while (following := self._component(parts, end if end == at else self.after_light(end))) is not None:
            end = following
        year_at = self.after_light(end, comma=True)
        if end > at and parts.year is None and not parts.days and self._is_year(year_at):
            following = self._component(parts, year_at)
            end = following if following is not None else end
        return (parts, end) if parts != _Parts() and parts != _Parts(which=parts.which) else None

    def _is_year(self, at: int) -> bool:
        return (
            self.kind(at) == "number"
            and 1900 <= self.words[at].value <= 2099
            and self.kind(at + 1) not in ("person", "measure", "kin")
        )

    def _component(self, parts: _Parts, at: int) -> int | None:
        """Reads one more word or two of a time into `parts`; the place behind it, None where there is none."""
        if at >= len(self.words):
            return None
        word = self.words[at]
        if word.kind == "number":
            return self._number(parts, at)
        if word.kind in ("last", "this") or (word.kind == "period" and self.kind(at + 1) == "number" and word["count"]):
            return self._which(parts, at)
        if word.kind == "filler" and word.text in ("a", "an") and self._ago(parts, at, 1):
            return at + 3
        if word.kind == "republic" and self.kind(at + 1) == "number" and parts.year is None:
            parts.year = self.words[at + 1].value + 1911
            return at + 2 + (self.kind(at + 2) == "unit")
        if word.kind == "date" and not parts.days:
            parts.days = word.value
        elif word.kind == "decade" and not parts.days:
            parts.days = (years(word["is"], word["is"] + 9),)
        elif word.kind == "month" and not parts.months and not self._is_name(at):
            parts.months = (word["is"],)
            return self._day_after(parts, at + 1)
        elif word.kind == "months" and not parts.months:
            parts.months = tuple(word["is"] or ())
        elif word.kind == "season" and parts.season is None and not parts.months:
            parts.season = word["is"]
        elif word.kind == "holiday" and parts.holiday is None:
            parts.holiday = word
        elif word.kind == "weekdays" and not parts.weekdays:
            parts.weekdays = frozenset(word["is"])
        elif word.kind == "hours" and parts.hours is None:
            parts.hours = (word["is"][0], word["is"][1])
        elif word.kind == "part" and parts.part is None:
            parts.part = word["is"]
        elif word.kind == "half" and parts.half is None:
            parts.half = word["is"]
        elif word.kind == "period" and not parts.days and parts.year is None:
            self._period(parts, word)
        else:
            return None
        return at + 1

    def _period(self, parts: _Parts, word: Word) -> None:
        days = period(self.today, word["unit"], word["back"], word["count"] or 1)
        if word["unit"] == "year":
            parts.year = days[0].year
        else:
            parts.days = (days,)
            parts.week = days if word["unit"] == "week" else None
        if word["hours"]:
            parts.hours = (word["hours"][0], word["hours"][1])

    def _number(self, parts: _Parts, at: int) -> int | None:
        word, unit = self.words[at], self.words[at + 1] if at + 1 < len(self.words) else None
        number: int = word.value
        what = unit["is"] if unit is not None and unit.kind == "unit" else None
        if self._ago(parts, at, number):
            return at + 3
        if what == "decade" or (unit is not None and unit.text == "s" and word.span[1] >= unit.span[0] - 1):
            first = number if number >= 1900 else 1900 + number if number >= 30 else 2000 + number
            if number % 10 == 0 and 1900 <= first <= 2090 and not parts.days:
                parts.days = (years(first, first + 9),)
                return at + 2
            return None
        if what == "year" and unit is not None and unit.is_chinese and parts.year is None:
            year = number if number >= 100 else number + (2000 if number <= self.today.year % 100 else 1900)
            if 1900 <= year <= 2099 and (len(word.text) == 2 or number >= 1900):
                parts.year = year
                return at + 2
            return None
        if what == "month" and unit is not None and unit.text in ("月", "月份") and not parts.months:
            months = (number,) if number <= 12 else tuple(divmod(number, 10))
            if all(1 <= month <= 12 for month in months) and list(months) == sorted(months):
                parts.months = months
                return at + 2
            return None
        if what == "day" and unit is not None and unit.text in ("日", "号") and parts.months and parts.day is None:
            parts.day = number
            return at + 2
        if self._is_year(at) and parts.year is None and not parts.days:
            parts.year = number
            return at + 1
        if not parts.months and 1 <= number <= 31:  # 3 May, 4th of July
            ahead = at + 1 + (self.kind(at + 1) == "ordinal")
            ahead = ahead + 1 if self.words[ahead : ahead + 1] and self.words[ahead].text == "of" else ahead
            if self.kind(ahead) == "month" and parts.day is None:
                parts.months, parts.day = (self.words[ahead]["is"],), number
                return ahead + 1
        return None

    def _day_after(self, parts: _Parts, at: int) -> int:
        """The day behind an English month: July 4th, but not May 2 people."""
        at_day = at + (self.words[at : at + 1] != [] and self.words[at].text == "the")
        if self.kind(at_day) == "number" and self.words[at_day].value <= 31 and parts.day is None:
            is_ordinal = self.kind(at_day + 1) == "ordinal"
            if is_ordinal or self.kind(at_day + 1) not in ("person", "kin", "worn", "colour", "to"):
                parts.day = self.words[at_day].value
                return at_day + 1 + is_ordinal
        return at

    def _ago(self, parts: _Parts, at: int, number: int) -> bool:
        """Three years ago, 三年前."""
        if self.kind(at + 1) != "unit" or number > 200 or parts.days or parts.year is not None:
            return False
        ago = self.words[at + 2] if at + 2 < len(self.words) else None
        if ago is None or not (ago.kind == "ago" or (ago.kind == "before" and ago["after"])):
            return False
        unit = self.words[at + 1]["is"]
        if unit == "decade":
            return False
        days = period(self.today, unit, number, 1)
        if unit == "year":
            parts.year = days[0].year
        else:
            parts.days = (days,)
        return True

    def _which(self, parts: _Parts, at: int) -> int | None:
        """Last summer, this fall, the past three years."""
        number, unit_at = 1, at + 1
        if self.kind(at + 1) == "number":
            number, unit_at = self.words[at + 1].value, at + 2
        is_last = self.words[at].kind != "this"
        if self.kind(unit_at) == "unit" and not parts.days and number <= 1000:
            unit = self.words[unit_at]["is"]
            number, unit = (number * 10, "year") if unit == "decade" else (number, unit)
            if not is_last:
                parts.days = (period(self.today, unit, 0, 1),)
            else:
                begun = day_of(self.today, unit, number)
                parts.days = ((begun + _DAY_AFTER, self.today),)
            return unit_at + 1
        if self.kind(at + 1) in ("season", "month", "holiday", "weekdays", "hours") and parts.which is None:
            parts.which = "last" if is_last else "this"
            if parts.which == "this" and self.kind(at + 1) == "hours":
                parts.days = ((self.today, self.today),)
            return self._component(parts, at + 1)
        return None

    def _is_name(self, at: int) -> bool:
        """Whether a month is rather somebody's name here: May in a red dress."""
        if self.words[at].value is None:
            return False
        before, after = self.kind(at - 1), self.kind(at + 1)
        said_before = before in ("in", *_ENDS, "last", "this", "from", "part", "to", "number", "ordinal", "between")
        return not (said_before or (after == "number" and self.kind(at + 2) not in ("person", "worn", "colour")))

    def resolved(self, parts: _Parts) -> When | None:
        """`parts` by the calendar."""
        days, months = parts.days, frozenset[int]()
        weekdays = parts.weekdays
        if parts.week is not None and len(weekdays) == 1:
            day = parts.week[0] + timedelta(days=next(iter(weekdays)))
            days, weekdays = ((day, day),), frozenset()
        recurs = parts.holiday is not None or parts.season is not None or bool(parts.months)
        if not days and parts.year is not None:
            found = parts.recurring(parts.year) if recurs else years(parts.year, parts.year)
            if found is None:
                return None
            days = (found,)
        elif not days and recurs:
            if parts.which is not None or parts.holiday is not None or parts.day is not None or parts.part:
                found = (
                    parts.recurring(self.today.year)
                    if parts.which == "this"
                    else parts.latest(self.today, is_over=parts.which == "last")
                )
                if found is None:
                    return None
                days = (found,)
            elif parts.season is not None:
                months = frozenset((parts.season - 1 + i) % 12 + 1 for i in range(3))
            else:
                months = frozenset(parts.months)
        elif not days and parts.which is not None and weekdays:
            days, weekdays = self._weekday(parts.which, weekdays), frozenset()
        elif not days and parts.half is not None:
            days = (years(self.today.year, self.today.year),)
        if parts.half is not None and days:
            days = tuple(months_between(first.year, 1 + 6 * (parts.half - 1), 6 * parts.half) for first, _ in days)
        if parts.part is not None:
            if not days:
                return None
            days = tuple(_third(span, parts.part) for span in days)
        return When(days, months, weekdays, parts.hours)

    def _weekday(self, which: str, weekdays: frozenset[int]) -> tuple[Days, ...]:
        """Last Sunday: the latest before today; this Sunday: the one of this week."""
        if which == "this":
            monday = self.today - timedelta(days=self.today.weekday())
            return tuple((monday + timedelta(days=d),) * 2 for d in sorted(weekdays))
        back = sorted(self.today - timedelta(days=(self.today.weekday() - d - 1) % 7 + 1) for d in weekdays)
        return tuple((day, day) for day in back)

    def open(self, parts: _Parts, kind: str) -> When | None:
        """All time since, before, after or until this one."""
        days = self._definite(parts)
        if days is None:
            return None
        first, last = days
        if kind == "since":
            return When(((first, None),))
        if kind == "after":
            return When(((last + _DAY_AFTER, None),))
        return When(((None, last if kind == "until" else first + _DAY_BEFORE),))

    def _definite(self, parts: _Parts) -> Days | None:
        """The days that are meant, of those that recur the latest."""
        when = self.resolved(parts)
        if when is None:
            return None
        if when.months:
            return parts.latest(self.today, is_over=False)
        if not when.days:
            return None
        first, last = when.days[0][0], when.days[-1][1]
        return (first, last) if first is not None and last is not None else None

    def range(self, first: _Parts, last: _Parts) -> When | None:
        """From the beginning of the one to the end of the other."""
        if first.weekdays and last.weekdays:
            begin, end = min(first.weekdays), max(last.weekdays)
            inside = [d % 7 for d in range(begin, (end if end >= begin else end + 7) + 1)]
            return When(weekdays=frozenset(inside))
        if first.year is None and last.year is not None and not first.days:
            first.year = last.year
        elif last.year is None and first.year is not None and not last.days:
            last.year = first.year
        one, other = self.resolved(first), self.resolved(last)
        if one is None or other is None:
            return None
        if one.months and other.months:
            begin, end = first.months[0] if first.months else first.season or 1, max(other.months)
            end = last.months[-1] if last.months else ((last.season or 1) + 1) % 12 + 1
            return When(
                months=frozenset((m - 1) % 12 + 1 for m in range(begin, (end if end >= begin else end + 12) + 1))
            )
        from_days, to_days = self._definite(first), self._definite(last)
        if from_days is None or to_days is None or from_days[0] > to_days[1]:
            return None
        return When(((from_days[0], to_days[1]),))


def _same_sort(one: _Parts, other: _Parts) -> bool:
    """Whether two times can be joined by "or": both days, both months, or both weekdays."""

    def sort(parts: _Parts) -> tuple[bool, bool, bool]:
        dated = bool(parts.days) or parts.year is not None or parts.which is not None or parts.holiday is not None
        return dated, bool(parts.weekdays), parts.hours is not None

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
