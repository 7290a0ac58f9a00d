"""Words for times → when: "last summer", "2019年春节", "from June 2020 to August 2021", "Sunday mornings"."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from mien.search.calendar_days import day_of, period, years
from mien.search.clock import clock_at
from mien.search.mentions import Mention, from_to, of_one_sort, open_ended, resolved
from mien.search.query import Span, When
from mien.search.words import Word

_LIGHT = {"of", "in", "at", "whole"}
_LIGHT_FILLERS = {"the", "a", "an", "for", "during", "at", "around", "里", "中", "of the year", "time", "times", "day"}
_ENDS = {"since", "after", "before", "until"}


@dataclass(frozen=True)
class Time:
    """A time, and where the words stand which say it: from `first` to `last`, and `elsewhere`.

    Attributes:
        mention: all that is said, if it is one mention of a time.
    """

    when: When
    first: int
    last: int
    mention: Mention | None = None
    elsewhere: tuple[int, ...] = ()

    @property
    def places(self) -> tuple[int, ...]:
        return (*range(self.first, self.last + 1), *self.elsewhere)


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
        if first > (found[-1].last + 1 if found else 0) and words[first - 1].kind == "not":
            if reader.is_latest:  # not at Christmas: at none of them
                at = last + 1
                continue
            first, when = first - 1, replace(when, is_so=False)
        while last + 1 < len(words) and words[last + 1].kind == "whole":
            last += 1
        span: Span = (words[first].span[0], words[last].span[1])
        before = found[-1] if found else None
        between = [w.kind for w in words[before.last + 1 : first]] if before else []
        if any(_are_apart(when, time.when) for time in found):
            at = last + 1  # mornings and evenings: no time is both
        elif before and between == ["or"] and _are_days(before.when, when):
            spans = ((before.when.spans[0][0], span[1]),)  # before 2010 or after 2020
            both = replace(before.when, days=before.when.days + when.days, spans=spans)
            found[-1] = Time(both, before.first, last)
        else:
            found.append(Time(replace(when, spans=(span,)), first, last, reader.mention if when.is_so else None))
        at = last + 1
    return _with_their_year(found, today)


def _with_their_year(found: list[Time], today: date) -> list[Time]:
    """Christmas with Anna 2019: a year by itself is that of what recurs, where there is one of each."""
    years_said = [time for time in found if time.mention and time.mention == Mention(year=time.mention.year)]
    recurring = [time for time in found if time.mention and _lacks_year(time.mention)]
    if len(years_said) != 1 or len(recurring) != 1:
        return found
    (year,), (feast,) = years_said, recurring
    assert year.mention is not None
    assert feast.mention is not None
    when = resolved(replace(feast.mention, year=year.mention.year), today)
    if when is None:
        return found
    both = replace(feast.when, days=when.days, months=when.months, spans=feast.when.spans + year.when.spans)
    whole = Time(both, feast.first, feast.last, elsewhere=year.places)
    return [whole if time is feast else time for time in found if time is not year]


def _lacks_year(parts: Mention) -> bool:
    return parts.recurs and parts.year is None and not parts.days and parts.which is None


def _are_apart(one: When, other: When) -> bool:
    """Whether no hour is of both."""
    if not (one.hours and other.hours and one.is_so and other.is_so):
        return False
    hours = [{(first + i) % 24 for i in range((last - first) % 24 + 1)} for first, last in (one.hours, other.hours)]
    return not hours[0] & hours[1]


def _are_days(*whens: When) -> bool:
    """Whether they say days and nothing else."""
    return all(when == When(when.days) and when.days for when in whens)


def _leads(word: Word) -> bool:
    return word.kind in ("in", "at", "from") or (word.kind == "filler" and word.text in _LIGHT_FILLERS)


class _Reader:
    """Reads one time beginning at a word."""

    def __init__(self, words: Sequence[Word], today: date) -> None:
        self.words, self.today = words, today
        self.started = self.ended = 0
        self.mention: Mention | None = None  # of the whole time, if it is one
        self.is_latest = False  # what is said recurs, and of all the latest is taken

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
        if self.words[at].text == "up to":
            kind = "until"
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
                when = from_to(parts, other[0], self.today)
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
            return open_ended(parts, self.kind(end), self.today)
        if kind == "from" and self.words[end : end + 1] and self.words[end].text == "on":
            self.ended = end
            return open_ended(parts, "since", self.today)
        if leading and kind != "from":
            return open_ended(parts, kind, self.today)
        when = self.union(parts, end)
        self.mention = parts if self.ended == end - 1 else None
        return when

    def union(self, parts: Mention, end: int) -> When | None:
        """What is said, and all that is joined to it by "and" or "or"."""
        when = resolved(parts, self.today)
        self.is_latest = parts.holiday is not None and parts.year is None and parts.which is None
        while when is not None and self.kind(end) in ("and", "or", "with", "comma"):
            other = self.moment(self.after_light(end + 1))
            if other is None or (self.kind(end) == "comma" and not of_one_sort(parts, other[0])):
                break
            joined, following = other
            if joined == Mention(year=joined.year) and parts.year is not None:
                joined = replace(parts, year=joined.year)  # Christmas 2019 or 2020
            elif parts.year is None and parts.months and joined.months and joined.year is not None and not parts.days:
                parts = replace(parts, year=joined.year)  # June or July 2020
                when = resolved(parts, self.today) or when
            elif parts == Mention(year=parts.year) and joined.year is not None and not joined.days:
                parts = replace(joined, year=parts.year)  # 2019年或2020年的春节
                when = resolved(parts, self.today) or when
            if joined.year is None and parts.year is not None and not joined.days:
                joined.year = parts.year
            more = resolved(joined, self.today)
            if more is None or not of_one_sort(parts, joined) or more.hours != when.hours:
                break
            when = replace(
                when,
                days=when.days + more.days,
                months=when.months | more.months,
                weekdays=when.weekdays | more.weekdays,
            )
            self.ended, end = following - 1, following
        return when

    def moment(self, at: int) -> tuple[Mention, int] | None:
        """One mention of a time from here, and the place behind it."""
        parts, end = Mention(), at
        while (following := self._component(parts, end if end == at else self.after_light(end))) is not None:
            end = following
        year_at = self.after_light(end, comma=True)
        if end > at and parts.year is None and not parts.days and self._is_year(year_at, behind=True):
            following = self._component(parts, year_at)
            end = following if following is not None else end
        return (parts, end) if parts != Mention() and parts != Mention(which=parts.which) else None

    def _is_year(self, at: int, *, behind: bool = False) -> bool:
        """Whether a number is a year; `behind` another time it is rather that than how many."""
        if (
            self.kind(at) != "number"
            or not 1900 <= self.words[at].value <= max(self.today.year, 1900)
            or self.kind(at + 1) == "measure"
        ):
            return False
        is_round = self.words[at].value % 100 == 0
        return behind or (not (is_round and self.kind(at + 1) in ("person", "kin")) and self.kind(at - 1) != "bound")

    def _component(self, parts: Mention, at: int) -> int | None:
        """Reads one more word or two of a time into `parts`; the place behind it, None where there is none."""
        if at >= len(self.words):
            return None
        word = self.words[at]
        if parts.clock is None and (clock := clock_at(self.words, at)):
            parts.clock, end = clock
            return end
        if word.kind == "number":
            return self._number(parts, at)
        if word.text in ("上", "上个") and self.kind(at + 1) == "weekdays" and not parts.days:
            parts.days = (period(self.today, "week", 1, 1),)  # 上周三 is of the week before, "last Wednesday" of none
            parts.week = parts.days[0]
            return self._component(parts, at + 1)
        if word.kind in ("last", "this") or (word.kind == "period" and self.kind(at + 1) == "number" and word["count"]):
            return self._which(parts, at)
        if word.kind == "filler" and word.text in ("a", "an") and (behind := self._ago(parts, at, 1)):
            return behind
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
        elif word.kind == "weekdays" and not parts.weekdays and not (word["brief"] and self._is_alone(at)):
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

    def _period(self, parts: Mention, word: Word) -> None:
        days = period(self.today, word["unit"], word["back"], word["count"] or 1)
        if word["unit"] == "year":
            parts.year = days[0].year
        else:
            parts.days = (days,)
            parts.week = days if word["unit"] == "week" else None
        if word["hours"]:
            parts.hours = (word["hours"][0], word["hours"][1])

    def _number(self, parts: Mention, at: int) -> int | None:
        word, unit = self.words[at], self.words[at + 1] if at + 1 < len(self.words) else None
        number: int = word.value
        what = unit["is"] if unit is not None and unit.kind == "unit" else None
        if behind := self._ago(parts, at, number):
            return behind
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
        if (
            self._is_year(at, behind=parts != Mention() or self.words[max(at - 1, 0)].text == "up to")
            and parts.year is None
            and not parts.days
        ):
            parts.year = number
            return at + 1
        if not parts.months and 1 <= number <= 31:  # 3 May, 4th of July
            ahead = at + 1 + (self.kind(at + 1) == "ordinal")
            ahead = ahead + 1 if self.words[ahead : ahead + 1] and self.words[ahead].text == "of" else ahead
            if self.kind(ahead) == "month" and parts.day is None:
                parts.months, parts.day = (self.words[ahead]["is"],), number
                return ahead + 1
        return None

    def _day_after(self, parts: Mention, at: int) -> int:
        """The day behind an English month: July 4th, but not May 2 people."""
        at_day = at + (self.words[at : at + 1] != [] and self.words[at].text == "the")
        if self.kind(at_day) == "number" and self.words[at_day].value <= 31 and parts.day is None:
            is_ordinal = self.kind(at_day + 1) == "ordinal"
            if is_ordinal or self.kind(at_day + 1) not in ("person", "kin", "worn", "colour", "to"):
                parts.day = self.words[at_day].value
                return at_day + 1 + is_ordinal
        return at

    def _ago(self, parts: Mention, at: int, number: int) -> int | None:
        """Three years ago, 三年前, a year ago today; the place behind it."""
        if self.kind(at + 1) != "unit" or number > 200 or parts.days or parts.year is not None:
            return None
        ago = self.words[at + 2] if at + 2 < len(self.words) else None
        if ago is None or not (ago.kind == "ago" or (ago.kind == "before" and ago["after"])):
            return None
        unit = self.words[at + 1]["is"]
        if unit == "decade":
            return None
        day_at = self.after_light(at + 3)
        if self.kind(day_at) == "period" and (self.words[day_at]["unit"], self.words[day_at]["back"]) == ("day", 0):
            parts.days = ((day_of(self.today, unit, number),) * 2,)
            return day_at + 1
        days = period(self.today, unit, number, 1)
        if unit == "year":
            parts.year = days[0].year
        else:
            parts.days = (days,)
        return at + 3

    def _which(self, parts: Mention, at: int) -> int | None:
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
                parts.days = ((begun + timedelta(days=1), self.today),)
            return unit_at + 1
        if self.kind(at + 1) in ("season", "month", "holiday", "weekdays", "hours") and parts.which is None:
            parts.which = "last" if is_last else "this"
            if parts.which == "this" and self.kind(at + 1) == "hours":
                parts.days = ((self.today, self.today),)
            return self._component(parts, at + 1)
        return None

    def _is_alone(self, at: int) -> bool:
        """Whether no word of time stands beside this one: sun, but not Sun 3 May."""
        around = {self.kind(at - 1), self.kind(at + 1)}
        return not around & {"last", "this", "hours", "month", "number", "date", "weekdays", "clock", *_ENDS, "in"}

    def _is_name(self, at: int) -> bool:
        """Whether a month is rather somebody's name here: May in a red dress."""
        if self.words[at].value is None:
            return False
        before, after = self.kind(at - 1), self.kind(at + 1)
        said_before = before in ("in", *_ENDS, "last", "this", "from", "part", "to", "number", "ordinal", "between")
        return not (said_before or (after == "number" and self.kind(at + 2) not in ("person", "worn", "colour")))
